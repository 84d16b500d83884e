#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo {

// How a window steers a run that lives in another process: one JSON object a line, on that process's standard
// input. What comes back on its standard output is a stream of events (events/RECORDING.md), so a crash in
// training never takes the window down. `rondo-cli engine` is that process; it serves one run after the other
// until Quit or end of file.
//
//     {"do":"start","spec":"<settings, JSON as text>","record":"<file>"}    record may be left out
//     {"do":"pause"}  {"do":"resume"}  {"do":"step"}  {"do":"stop"}  {"do":"quit"}
//     {"do":"speed","factor":0.1}
//     {"do":"fault","fault":{"kind":"slow","worker":2,"factor":4}}          as in the settings; of now,
//     without at_…

inline constexpr std::size_t kMostControlBytes = 4u << 20;  ///< of one line; longer ones are refused

struct StartRun {
    std::string spec;        ///< settings as JSON text; problems come back as a RunEnded of state Failed
    std::string recordFile;  ///< empty: not recorded
    bool operator==(const StartRun&) const = default;
};
struct PauseRun {
    bool operator==(const PauseRun&) const = default;
};  ///< at the next step border all ranks share
struct ResumeRun {
    bool operator==(const ResumeRun&) const = default;
};
struct StepRun {
    bool operator==(const StepRun&) const = default;
};  ///< one step more, then pause
struct StopRun {
    bool operator==(const StopRun&) const = default;
};  ///< ends cleanly, with a report
struct SetSpeed {
    double factor =
        0;  ///< virtual seconds per wall second at most; 0 = as fast as it goes. Ignored outside `virtual`.
    bool operator==(const SetSpeed&) const = default;
};
/// Ignored when no run is under way.
struct InjectFault {
    FaultSpec fault;
    bool operator==(const InjectFault&) const = default;
};
struct Quit {
    bool operator==(const Quit&) const = default;
};

using ControlCommand =
    std::variant<StartRun, PauseRun, ResumeRun, StepRun, StopRun, SetSpeed, InjectFault, Quit>;

/// Without the line end; no line end is inside.
std::string toLine(const ControlCommand& command);
/// Problems name what is wrong: not JSON, an unknown command or key, a missing or impossible value.
Result<ControlCommand> parseCommand(std::string_view line);

}  // namespace rondo
