#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/comm/traffic_meter.h"
#include "engine/compress/compression_tally.h"
#include "engine/events/event.h"

namespace rondo {

/// What one rank, worker or server, has measured of itself by the end: the report is made of these, wherever
/// the rank was carried out.
struct RankFigures {
    Picoseconds firstStepBegan{0}, lastStepEnded{0};  ///< the latter 0 when it ended none
    std::array<double, kPhases> phaseSeconds{};       ///< both lanes together
    std::map<Rank, LinkTraffic> sentTo;               ///< both lanes together
    std::vector<FaultHappened> faults;
    std::optional<CompressionTally> compression;
    double compressionErrorSum = 0;  ///< over the steps
    std::int64_t compressionSteps = 0;
    // Of a stage.
    double peakActivations = 0;
    std::int64_t weightVersions = 0, weightDelay = 0;
    // Of a server.
    std::vector<std::int64_t> staleness;  ///< gradients by how many updates old
    std::int64_t clockSpread = 0;
    bool operator==(const RankFigures&) const = default;
};

}  // namespace rondo
