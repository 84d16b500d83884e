#include "ui/draw/time_window.h"

#include <algorithm>

namespace rondo::ui {

TimeWindow TimeWindow::zoomed(double factor, double at) const {
    return {at - (at - begin) / factor, at + (end - at) / factor};
}

TimeWindow TimeWindow::within(double runSeconds) const {
    const double run = std::max(runSeconds, kShortest);
    const double margin = run * 0.02;
    const double kept = std::clamp(length(), kShortest, run + 2 * margin);
    // Changed lengths stay centred where they were.
    const double middle = (begin + end) / 2;
    TimeWindow window = kept == length() ? *this : TimeWindow{middle - kept / 2, middle + kept / 2};
    if (window.begin < -margin) window = {-margin, -margin + kept};
    if (window.end > run + margin) window = {run + margin - kept, run + margin};
    return window;
}

}  // namespace rondo::ui
