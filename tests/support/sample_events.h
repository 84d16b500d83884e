#pragma once

#include <limits>
#include <vector>

#include "engine/events/event.h"

namespace rondo::testing {

inline Stamp stamp(std::int32_t rank, std::uint64_t sequence, std::int64_t at) {
    return {7, Rank{rank}, sequence, Nanoseconds{at}};
}

inline Span span(std::int32_t rank, std::uint64_t sequence, std::int64_t at = 5'000'000'000) {
    return {stamp(rank, sequence, at),
            Phase::BackwardInput,
            Lane::Communication,
            true,
            41,
            2,
            Nanoseconds{at - 12345},
            31,
            1,
            Rank{5}};
}

/// One event of every type, with values at the edges of their ranges.
inline std::vector<Event> oneOfEach() {
    constexpr auto most = std::numeric_limits<std::int64_t>::max(),
                   least = std::numeric_limits<std::int64_t>::min();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return {
        RunStarted{stamp(-1, 0, 0), "{\"name\": \"Ümlaut\"}", std::string("a\0b", 3), 4, true, most, least,
                   1},
        RunStateChanged{stamp(-1, 1, 1), RunState::Failed, ""},
        Notice{stamp(2, 2, -5), Notice::Kind::Divergence, kNone, "text"},
        Evaluated{stamp(-1, std::numeric_limits<std::uint64_t>::max(), most), 3, infinity, -infinity, 0.5, 1},
        DecisionBoundary{stamp(-1, 3, least), 3, 2, 1.5f, {0, 255, 16, 1}},
        DataPreview{stamp(-1, 4, 0), 28, 28, {1, 2, 3}, {-0.0f, 1e-40f}, {9}},
        span(3, 5),
        Message{stamp(1, 6, 10), Rank{0}, Rank{1}, most, least, -1, 0, 7, Nanoseconds{4}, 12,
                Carries::PartialSums},
        StepCompleted{stamp(-1, 7, 11), std::numeric_limits<std::int32_t>::max(),
                      std::numeric_limits<std::int32_t>::min(), 2.25, 128, 1 << 20},
        EventsDropped{stamp(1, 8, 12), 99},
        Throughput{stamp(-1, 9, 13), 84000.5},
        ConsensusMeasured{stamp(-1, 10, 14), 300, 0.25},
        GradientApplied{stamp(5, 0, 15), Rank{3}, most},
        CompressionMeasured{stamp(0, 11, 16), 7, most, 1200, infinity},
        FaultHappened{stamp(2, 12, 17), FaultKind::Restart, Rank{3}, 40, infinity, 4.0},
        MemberChanged{stamp(-1, 0, 18), MemberChanged::State::Removed, 41, "Raum 3, Platz 7", Rank{6}, 128, 52.5,
                      Nanoseconds{-1}, Nanoseconds{least}, Nanoseconds{most}, "[fe80::1]:40001", "asked to go"},
        WorldChanged{stamp(-1, 1, 19), std::numeric_limits<std::uint32_t>::max(), 400, 3, "desk-7 was lost"},
        RouteChosen{stamp(4, 0, 20), Rank{2}, true},
        RoomChanged{stamp(-1, 0, 21), true, "wss://192.168.1.20:7077", "wss://[fe80::1]:7077\nwss://a",
                    "K7M-Q2X", "rondo-cli worker --join …", std::string(64, 'f'), "why"},
        RunEnded{stamp(-1, 10, 14), RunState::Stopped, std::string(70000, 'r')},
    };
}

}  // namespace rondo::testing
