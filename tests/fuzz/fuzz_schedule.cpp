#include <cstdlib>

#include "engine/algorithms/pipeline/play_schedule.h"
#include "tests/fuzz/targets.h"

using namespace rondo;

// What was understood must survive being written; what can be played can be also in several steps, and with
// its first parts frozen, which only takes things away that others waited for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto schedule = parseSchedule({reinterpret_cast<const char*>(data), size});
    if (!schedule) return 0;
    const auto back = parseSchedule(toText(*schedule));
    if (!back || back->stages != schedule->stages) std::abort();
    const auto played = playSchedule(*schedule, PassTimes{});
    if (!played) return 0;
    if (!(played->bubbleRate >= 0 && played->bubbleRate < 1)) std::abort();
    const auto times = StageTimes::even(schedule->stageCount(), schedule->chunks, {});
    if (!playSteps(*schedule, times, 2)) std::abort();
    const auto frozen = playSchedule(freeze(*schedule, schedule->partCount() / 2), times);
    if (!frozen || frozen->makespan > played->makespan) std::abort();
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    return {"F0 F1 BW0 BW1\nF0 BW0 F1 BW1\n", "F0 B0 W0 / F0 B0 W0 / F0 BW0  # three",
            toText(*makeSchedule(ScheduleKind::Interleaved, 2, 4, 2)),
            toText(*makeSchedule(ScheduleKind::ZbH2, 3, 4))};
}
