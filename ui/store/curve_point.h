#pragma once

namespace rondo::ui {

/// One value of a curve, with its place on every axis there is.
struct CurvePoint {
    int step = 0;
    double seconds = 0, value = 0;  ///< run time; what is drawn
    double bytes = 0;               ///< payload all ranks had sent by then
};

}  // namespace rondo::ui
