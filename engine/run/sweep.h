#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo {

inline constexpr std::size_t kMostSweepRuns = 10'000;

/// A grid of runs: every value of each key with every value of the others, the last key changing fastest.
class Sweep {
  public:
    /// Of each `key=v1,v2,…`: values are what --set takes, commas inside brackets and quotes are theirs, and
    /// 1..5 stands for 1,2,3,4,5. A key or a value given twice is refused, and more than kMostSweepRuns runs.
    static Result<Sweep> parse(std::span<const std::string> axes);

    std::size_t runs() const;
    std::vector<std::string> keys() const;
    /// Of run i: one for each key, as it was written.
    std::vector<std::string> valuesOf(std::size_t run) const;
    /// "workers=4 seed=2"
    std::string nameOf(std::size_t run) const;
    /// The validated settings of all runs, or what is wrong with the first that can't be run, and how many
    /// can't.
    Result<std::vector<RunSpec>> specsFrom(const boost::json::value& settings) const;

  private:
    struct Axis {
        std::string key;
        std::vector<std::string> values;
    };
    static Result<Axis> parseAxis(const std::string& text);
    std::vector<Axis> axes_;
};

}  // namespace rondo
