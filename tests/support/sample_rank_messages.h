#pragma once

#include <limits>
#include <vector>

#include "engine/run/rank_messages.h"

namespace rondo::test {

inline constexpr auto kMostInteger = std::numeric_limits<std::int64_t>::max();
inline constexpr auto kLeastInteger = std::numeric_limits<std::int64_t>::min();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Figures in which nothing has its default, with values at the edges of their ranges.
inline RankFigures fullFigures() {
    RankFigures figures;
    figures.firstStepBegan = Picoseconds{kLeastInteger};
    figures.lastStepEnded = Picoseconds{kMostInteger};
    for (std::size_t i = 0; i < figures.phaseSeconds.size(); ++i)
        figures.phaseSeconds[i] = 0.1 * static_cast<double>(i);
    figures.phaseSeconds[3] = -kInfinity;
    figures.sentTo = {{Rank{0}, {1, 2, 3}}, {Rank{7}, {kMostInteger, kLeastInteger, -1}}};
    figures.faults = {
        {Stamp{3, Rank{2}, 9, Nanoseconds{5}}, FaultKind::Restart, Rank{1}, 40, kInfinity, 0.25},
        FaultHappened{}};
    figures.compression = CompressionTally{kMostInteger, 1, kInfinity};
    figures.compressionErrorSum = 1e-300;
    figures.compressionSteps = 12;
    figures.peakActivations = 4.5;
    figures.weightVersions = 3;
    figures.weightDelay = -2;
    figures.staleness = {5, 0, kMostInteger};
    figures.clockSpread = 6;
    return figures;
}

inline RankState fullState() {
    return {kMostInteger,
            {{"weights", {-0.0f, 1e-40f, std::numeric_limits<float>::infinity(), 3}},
             {"momentum", {}},
             {"", {1}}},
            {{"updates", kLeastInteger}, {"own.random", 42}}};
}

/// Each at least once: with everything there is, and as it is made.
inline std::vector<RankTold> ranksTold() {
    return {StepTold{Step{std::numeric_limits<std::int32_t>::max()}, -kInfinity, 32, kMostInteger,
                     Nanoseconds{-1}, Nanoseconds{kMostInteger}, StageShare{1.5, 0.5}},
            StepTold{},
            StepsSkipped{Step{3}, Step{9}},
            KilledByPlan{Step{7}},
            StandsBefore{Step{0}},
            AtMeeting{50, {1, 2, -3.5f}},
            AtMeeting{},
            RankEnded{fullFigures(), {0.5f}},
            RankEnded{},
            RankFailed{CommError::Kind::TimeOver, "waited for \"desk 7\"\n", fullFigures()},
            RankFailed{},
            StateTold{std::numeric_limits<std::uint32_t>::max(), fullState(), fullFigures()},
            StateTold{}};
}

inline std::vector<RankOrder> rankOrders() {
    BeginWorld world;
    world.run = std::numeric_limits<std::uint32_t>::max();
    world.generation = 3;
    world.rank = Rank{2};
    world.spec = "{\"name\": \"Ümlaut\"}";
    world.ranksHere = 4;
    world.runBegan = Nanoseconds{kMostInteger};
    world.stoodStill = Nanoseconds{kLeastInteger};
    world.firstStep = Step{400};
    world.plannedSteps = kMostInteger;
    world.data = {7, 1234};
    world.dataSha256 = std::string(64, 'a');
    world.peers = {{Rank{0}, "192.168.1.20", 65535, std::string(32, '\0'), true},
                   {Rank{1}, "", 0, std::string(32, '\xff'), false}};
    world.glooStore = "127.0.0.1:29500";
    world.wantsSamples = false;
    world.keepsState = true;
    world.state = fullState();
    return {world,
            BeginWorld{},
            GoOn{Step{9}, true, Nanoseconds{12}},
            GoOn{},
            MeetingOver{Nanoseconds{kMostInteger}},
            Strike{R"({"do":"fault","fault":{"kind":"kill","worker":2}})"},
            EndWorld{5, true, "desk 7 was lost"}};
}

}  // namespace rondo::test
