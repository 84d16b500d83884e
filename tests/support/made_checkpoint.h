#pragma once

#include <limits>

#include "engine/run/checkpoint.h"
#include "tests/support/made_gradients.h"

namespace rondo::test {

/// A checkpoint with something of everything, as small as that goes.
inline Checkpoint madeCheckpoint(int workers = 3) {
    Checkpoint made;
    made.spec.name = "Ring \"of\" three";
    made.spec.workers = workers;
    made.spec.optimizer = SgdOptimizer{0.05, 0.9, 0};
    made.spec.compression = TopKCompression{.density = 0.1};
    made.spec.stop.epochs = 5;
    made.stepsDone = 40;
    made.place = {1, 96};
    std::vector<RankState> states;
    for (int rank = 0; rank < workers; ++rank) {
        RankState state{40, {}, {}};
        state.floats.emplace_back("weights", gaussian(33));
        state.floats.emplace_back("optimizer.velocity", gaussian(33, 2));
        state.floats.emplace_back("own.compression.error.0", gaussian(20, 10 + static_cast<unsigned>(rank)));
        state.counts.emplace_back("own.compression.random", -7'000'000'000'000'000'001 * (rank % 2) + rank);
        states.push_back(std::move(state));
    }
    states[0].floats[0].second[3] = std::numeric_limits<float>::quiet_NaN();
    for (RankState& state : states) state.floats[0].second = states[0].floats[0].second;
    made.states = together(std::move(states), workers);

    constexpr double kThird = 1.0 / 3;
    made.books.history = {{10, 60, 12'345, 0.1 + 0.2, 2.25, 0.125, 2.5, {}},
                          {20, 120, 24'690, kThird, std::numeric_limits<double>::quiet_NaN(), {}, {}, 1e-300},
                          {40, 240, 50'000, 1e6 / 7, std::numeric_limits<double>::infinity(), 1, 0, {}}};
    made.books.payloadBytes = 50'000;
    made.books.samples = 3'840;
    made.books.seconds = 12.3456789012345678;
    made.books.wallSeconds = 13.1;
    made.books.bubbleSum = kThird;
    made.books.bubbleSteps = 4;
    RankFigures figures;
    figures.firstStepBegan = Picoseconds{17};
    figures.lastStepEnded = Picoseconds{12'345'678'901'234};
    for (std::size_t i = 0; i < figures.phaseSeconds.size(); ++i)
        figures.phaseSeconds[i] = kThird * static_cast<double>(i);
    figures.sentTo = {{Rank{0}, {1, 2, 3}}, {Rank{2}, {1'000'000'000'000, 1'000'000'000'001, 5}}};
    FaultHappened fault;
    fault.stamp = {1, Rank{2}, 99, Nanoseconds{5}};
    fault.kind = FaultKind::DegradeLink;
    fault.peer = Rank{1};
    fault.step = 7;
    fault.factor = 2.5;
    figures.faults = {fault};
    figures.compression = CompressionTally{400, 40, 0.25};
    figures.compressionErrorSum = 9.75;
    figures.compressionSteps = 39;
    figures.peakActivations = 2.5;
    figures.weightVersions = 2;
    figures.weightDelay = 1;
    figures.staleness = {5, 0, 2};
    figures.clockSpread = 3;
    made.books.worlds = {{2, {figures, std::nullopt, RankFigures{}}}, {1, {RankFigures{}}}};
    return made;
}

}  // namespace rondo::test
