#pragma once

namespace rondo::ui {

/// The part of the run a view shows, in run seconds, and what it becomes under the person's hand.
struct TimeWindow {
    double begin = 0, end = 1;

    double length() const { return end - begin; }
    /// `width` in pixels, > 0. x grows with time; 0 is at `begin`.
    double xOf(double seconds, double width) const { return (seconds - begin) / length() * width; }
    double secondsAt(double x, double width) const { return begin + x / width * length(); }
    bool operator==(const TimeWindow&) const = default;

    /// `factor` > 1 comes closer; the moment `at` keeps its place on the screen.
    TimeWindow zoomed(double factor, double at) const;
    TimeWindow panned(double seconds) const { return {begin + seconds, end + seconds}; }
    /// Not shorter than `kShortest`, not longer than the run and a margin, and never beside the run.
    TimeWindow within(double runSeconds) const;

    static constexpr double kShortest = 100e-9;
};

}  // namespace rondo::ui
