#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/comm/traffic_meter.h"
#include "engine/config/run_spec.h"
#include "engine/events/event.h"

namespace rondo {

struct HistoryEntry {
    std::int64_t step = 0, round = 0, payloadBytes = 0;
    double seconds = 0;
    std::optional<double> trainLoss, testAccuracy, testLoss;
    std::optional<double> consensusDistance;  ///< where workers have weights of their own
};

struct LinkReport {
    Rank from, to;
    LinkTraffic traffic;
};

/// Of all ranks' gradients in the whole run.
struct CompressionReport {
    std::int64_t denseBytes = 0;    ///< that they would have taken
    std::int64_t encodedBytes = 0;  ///< that stood for them
    std::optional<double> error;    ///< mean over steps and ranks of the relative length of what was left out
};

/// Of a model in parts, by stage.
struct StagesReport {
    std::vector<double> peakActivations;       ///< in micro-batches
    std::vector<std::int64_t> weightVersions;  ///< at once, at most
    std::vector<std::int64_t> weightDelay;  ///< updates between a gradient's weights and its update, at most
    std::optional<double> bubbleFraction;
};

/// What a run has to say when it is over; names and meaning are section 7 of the design, a contract.
struct Report {
    RunState status = RunState::Finished;
    std::string error;
    RunSpec spec;
    std::int64_t steps = 0, rounds = 0, parameters = 0;
    std::optional<double> testAccuracy, testLoss, trainLoss;
    double seconds = 0, wallSeconds = 0, samplesPerSecond = 0;
    std::string weightsSha256;
    std::optional<double> weightsL2, updateL2;
    std::vector<HistoryEntry> history;
    std::vector<LinkReport> links;                       ///< ordered by from, to
    std::vector<std::map<Phase, double>> phases;         ///< seconds, by rank
    std::optional<std::vector<std::int64_t>> staleness;  ///< gradients by how many updates old; servers only
    std::int64_t clockSpreadMax = 0;
    std::optional<StagesReport> stages;
    std::optional<CompressionReport> compression;
    std::vector<FaultHappened> faults;       ///< that struck, by worker
    std::optional<double> secondEigenvalue;  ///< of a mixing matrix
    boost::json::object predicted;
    std::uint64_t eventsDropped = 0;
};

/// What is kept of a report where its size is bounded.
struct ReportLimits {
    static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
    std::size_t history = kAll;  ///< entries: about so many, evenly chosen, the last always
    std::size_t links = kAll;    ///< of more, none: only sums remain, of each rank and of all
};
/// Not-a-number and infinities are written as null, which is all JSON has for them.
boost::json::object toJson(const Report& report, const ReportLimits& most = {});

}  // namespace rondo
