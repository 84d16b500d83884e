#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/ids.h"

namespace rondo {

/// How far the fastest worker ever was ahead of the slowest, in clocks; all start at `first`. An advance
/// costs O(1) on average, however many workers there are.
class ClockSpread {
  public:
    explicit ClockSpread(int workers, std::int64_t first = 0)
        : clocks_(static_cast<std::size_t>(workers), first), workersAt_{workers}, slowest_(first) {}
    void advance(Rank worker, std::int64_t clock);
    /// Call once all that advance at the same moment have.
    void measure();
    std::int64_t most() const { return most_; }

  private:
    std::vector<std::int64_t> clocks_;
    std::vector<int> workersAt_;  ///< by clock, from slowest_ on; the last entry is the fastest's
    std::int64_t slowest_, most_ = 0;
};

}  // namespace rondo
