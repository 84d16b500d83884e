#include "ui/window/frame_clock.h"

#include <algorithm>

namespace rondo::ui {

void FrameClock::add(double milliseconds) {
    times_[count_++ % kFrames] = milliseconds;
}

double FrameClock::median() const {
    const std::size_t n = std::min(count_, kFrames);
    if (n == 0) return 0;
    std::array<double, kFrames> sorted = times_;
    std::nth_element(sorted.begin(), sorted.begin() + n / 2, sorted.begin() + n);
    return sorted[n / 2];
}

}  // namespace rondo::ui
