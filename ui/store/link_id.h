#pragma once

#include <compare>

namespace rondo::ui {

/// One direction of a link between two ranks.
struct LinkId {
    int from = 0, to = 0;
    auto operator<=>(const LinkId&) const = default;
};

}  // namespace rondo::ui
