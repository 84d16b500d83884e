#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "ui/store/curve_point.h"

namespace rondo::ui {

/// A curve of any length in a few thousand points: neighbours share a bucket that keeps its least and its
/// most and, as a gap, its first value that is not finite. Exact while there are no more points than buckets.
class ThinnedCurve {
  public:
    static constexpr std::size_t kMost = 2048;
    explicit ThinnedCurve(std::size_t buckets = kMost) : most_(buckets) {}
    void add(const CurvePoint& point);
    void clear();
    /// In order of steps; at most three a bucket.
    std::vector<CurvePoint> points() const;

  private:
    struct Bucket {
        std::optional<CurvePoint> least, most, broken;
        std::size_t count = 0;
        void take(const CurvePoint& point);
        void take(const Bucket& next);
    };
    std::size_t most_, wide_ = 1;  ///< points of a full bucket
    std::vector<Bucket> buckets_;
};

}  // namespace rondo::ui
