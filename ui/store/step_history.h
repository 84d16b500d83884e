#pragma once

#include <QtGlobal>
#include <cstddef>
#include <vector>

#include "ui/store/min_max_pyramid.h"

namespace rondo::ui {

/// One completed step of the whole run.
struct StepPoint {
    int step = 0, epoch = 0;
    double begin = 0, seconds = 0;  ///< run time at its begin and end
    double loss = 0;                ///< NaN and infinity are kept
    qint64 samples = 0, payloadBytes = 0;
};

/// The steps of a run, in order. Keeps at most `most`: then the oldest half is forgotten.
class StepHistory {
  public:
    explicit StepHistory(std::size_t most) : most_(most) {}
    /// Its begin is the end of the step before.
    void add(StepPoint point);
    void clear();
    const std::vector<StepPoint>& points() const { return points_; }
    quint64 ever() const { return ever_; }  ///< those forgotten included
    /// How long the steps of points() took.
    const MinMaxPyramid& durations() const { return durations_; }

  private:
    std::size_t most_;
    std::vector<StepPoint> points_;
    MinMaxPyramid durations_;
    quint64 ever_ = 0;
};

}  // namespace rondo::ui
