#pragma once

#include <QElapsedTimer>
#include <array>
#include <cstddef>

namespace rondo::ui {

/// How long the window takes to paint a frame: the median of the last `kFrames`. Milliseconds.
class FrameClock {
  public:
    static constexpr std::size_t kFrames = 61;
    void begin() { timer_.start(); }
    void end() { add(static_cast<double>(timer_.nsecsElapsed()) * 1e-6); }
    void add(double milliseconds);
    double median() const;  ///< 0 before the first frame

  private:
    QElapsedTimer timer_;
    std::array<double, kFrames> times_{};
    std::size_t count_ = 0;
};

}  // namespace rondo::ui
