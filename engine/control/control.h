#pragma once

#include <cstddef>
#include <cstdint>
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
//     {"do":"start","spec":"<settings, JSON as text>","record":"<file>","resume":"<file>",
//      "checkpoint":"<file>","every":100}                                   all but spec may be left out
//     {"do":"pause"}  {"do":"resume"}  {"do":"step"}  {"do":"stop"}  {"do":"quit"}
//     {"do":"speed","factor":0.1}
//     {"do":"fault","fault":{"kind":"slow","worker":2,"factor":4}}          as in the settings; of now,
//     without at_…
//     {"do":"checkpoint","file":"<file>"}
//     {"do":"open_room","listen":":7077","secure":true,"code":"K7M-Q2X"}    secure and code may be left out
//     {"do":"close_room"}  {"do":"rename","member":3,"name":"desk 7"}
//     {"do":"remove","member":3,"why":"…"}

inline constexpr std::size_t kMostControlBytes = 4u << 20;  ///< of one line; longer ones are refused

struct StartRun {
    std::string spec;             ///< settings as JSON text; problems come back as a RunEnded of state Failed
    std::string recordFile;       ///< empty: not recorded
    std::string resumeFile = {};  ///< a checkpoint to go on at; empty: from the beginning
    std::string checkpointFile = {};   ///< replaced by the latest; empty: none but those asked for
    std::int64_t checkpointEvery = 0;  ///< steps, of the same file; 0: none but those asked for
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
/// As soon as all ranks stand at a border they share. A Notice says that it was written, or why not.
struct WriteCheckpoint {
    std::string file;
    bool operator==(const WriteCheckpoint&) const = default;
};

// The room: machines that join this one. It stays open from run to run; RoomChanged and MemberChanged events
// tell of it. A run with `run_on: lab` takes the members that are ready.

/// Opens it, or closes the one that is open and opens another.
struct OpenRoom {
    std::string listen = ":7077";  ///< address:port, or :port on all addresses
    bool secure = false;           ///< wss
    std::string code = {};         ///< empty: a new one. A host that was lost opens again with the same
    bool operator==(const OpenRoom&) const = default;
};
/// A run over the members ends first, with a report.
struct CloseRoom {
    bool operator==(const CloseRoom&) const = default;
};
struct RenameMember {
    std::uint32_t member = 0;
    std::string name;
    bool operator==(const RenameMember&) const = default;
};
struct RemoveMember {
    std::uint32_t member = 0;
    std::string why;
    bool operator==(const RemoveMember&) const = default;
};
struct Quit {
    bool operator==(const Quit&) const = default;
};

using ControlCommand = std::variant<StartRun, PauseRun, ResumeRun, StepRun, StopRun, SetSpeed, InjectFault,
                                    WriteCheckpoint, OpenRoom, CloseRoom, RenameMember, RemoveMember, Quit>;

/// Without the line end; no line end is inside.
std::string toLine(const ControlCommand& command);
/// Problems name what is wrong: not JSON, an unknown command or key, a missing or impossible value.
Result<ControlCommand> parseCommand(std::string_view line);

}  // namespace rondo
