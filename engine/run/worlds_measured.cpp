#include "engine/run/worlds_measured.h"

#include <algorithm>

namespace rondo {

namespace {

/// What a place has measured, and then measured further.
void goOn(RankFigures& sum, const RankFigures& more) {
    // Who ended no step has no part in the time of steps.
    if (more.lastStepEnded.count() > 0) {
        if (sum.lastStepEnded.count() == 0 || more.firstStepBegan < sum.firstStepBegan)
            sum.firstStepBegan = more.firstStepBegan;
        sum.lastStepEnded = std::max(sum.lastStepEnded, more.lastStepEnded);
    }
    for (std::size_t p = 0; p < kPhases; ++p) sum.phaseSeconds[p] += more.phaseSeconds[p];
    for (const auto& [to, traffic] : more.sentTo) sum.sentTo[to] += traffic;
    sum.faults.insert(sum.faults.end(), more.faults.begin(), more.faults.end());
    if (more.compression) {
        CompressionTally& tally = sum.compression ? *sum.compression : sum.compression.emplace();
        tally.denseBytes += more.compression->denseBytes;
        tally.encodedBytes += more.compression->encodedBytes;
        tally.error = more.compression->error;  // of the latest step
    }
    sum.compressionErrorSum += more.compressionErrorSum;
    sum.compressionSteps += more.compressionSteps;
    sum.peakActivations = std::max(sum.peakActivations, more.peakActivations);
    sum.weightVersions = std::max(sum.weightVersions, more.weightVersions);
    sum.weightDelay = std::max(sum.weightDelay, more.weightDelay);
    sum.staleness.resize(std::max(sum.staleness.size(), more.staleness.size()));
    for (std::size_t i = 0; i < more.staleness.size(); ++i) sum.staleness[i] += more.staleness[i];
    sum.clockSpread = std::max(sum.clockSpread, more.clockSpread);
}

}  // namespace

int WorldsMeasured::workers() const {
    std::size_t most = 0;
    for (const FiguresOfRanks& world : worlds_) most = std::max(most, world.size() - servers_);
    return static_cast<int>(most);
}

FiguresOfRanks WorldsMeasured::together() const {
    const auto workers = static_cast<std::size_t>(this->workers());
    FiguresOfRanks all(workers + servers_);
    for (const FiguresOfRanks& world : worlds_) {
        const std::size_t training = world.size() - servers_;
        const auto placeOf = [&](std::size_t rank) {
            return rank < training ? rank : rank - training + workers;
        };
        for (std::size_t rank = 0; rank < world.size(); ++rank) {
            if (!world[rank]) continue;
            RankFigures figures = *world[rank];
            figures.sentTo.clear();
            for (const auto& [to, traffic] : world[rank]->sentTo)
                figures.sentTo[Rank{static_cast<std::int32_t>(placeOf(to.index()))}] += traffic;
            auto& place = all[placeOf(rank)];
            goOn(place ? *place : place.emplace(), figures);
        }
    }
    return all;
}

}  // namespace rondo
