#pragma once

#include <boost/json/array.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/run/report.h"

namespace rondo {

/// What a run of a sweep came to.
struct SweepRow {
    std::vector<std::string> values;  ///< of the keys that vary, as they were written
    RunState status = RunState::Failed;
    std::string error;
    std::int64_t steps = 0, payloadBytes = 0;
    double seconds = 0;
    std::optional<double> testAccuracy, trainLoss;
};
SweepRow rowOf(std::vector<std::string> values, const Report& report);

/// Over runs that differ in nothing but their seed. Not-a-number in one of them is not-a-number in all three.
struct SweepSummary {
    double mean = 0, least = 0, most = 0;
};
struct SweepGroup {
    std::vector<std::string> values;  ///< of the keys but seed
    std::size_t runs = 0;             ///< that finished, which alone count
    std::optional<SweepSummary> seconds, testAccuracy, trainLoss;
};

/// The outcome of a sweep: one row a run, in the order they were made.
class SweepTable {
  public:
    explicit SweepTable(std::vector<std::string> keys) : keys_(std::move(keys)) {}
    void add(SweepRow row) { rows_.push_back(std::move(row)); }

    const std::vector<SweepRow>& rows() const { return rows_; }
    /// One for each choice of the other keys, in order; none unless the seed varies.
    std::vector<SweepGroup> groups() const;

    /// For a terminal: aligned columns, then the groups.
    std::string text() const;
    boost::json::array json() const;
    boost::json::array groupsJson() const;

    // RFC 4180: a line at a time, so that a file holds what is done by now. Numbers as short as they
    // round-trip.
    std::string csvHeader() const;
    std::string csvLine(const SweepRow& row) const;

  private:
    std::vector<std::string> keysButSeed() const;
    std::vector<std::string> keys_;
    std::vector<SweepRow> rows_;
};

}  // namespace rondo
