#include "engine/control/control.h"

#include <boost/json.hpp>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "engine/config/json_reader.h"
#include "engine/config/run_spec_json.h"
#include "engine/events/event.h"

namespace rondo {

namespace json = boost::json;

namespace {

Problem wrong(std::string what) {
    return Problem{"control line", std::move(what)};
}

/// The first key that isn't among those a command has, as a problem.
std::optional<Problem> unknownKey(const json::object& object, std::initializer_list<std::string_view> known) {
    for (const auto& member : object) {
        bool found = false;
        for (const std::string_view key : known) found = found || member.key() == json::string_view(key);
        if (!found) return wrong("unknown key \"" + std::string(member.key()) + "\"");
    }
    return {};
}

/// A text that may be left out.
std::optional<Problem> readText(const json::object& object, std::string_view key, std::string& text) {
    const json::value* value = object.if_contains(key);
    if (!value) return {};
    if (!value->is_string()) return wrong("\"" + std::string(key) + "\" must be a text");
    text = std::string(value->get_string());
    return {};
}

/// 0 or more.
std::optional<std::int64_t> wholeNumber(const json::value& value) {
    if (!value.is_int64() || value.get_int64() < 0) return {};
    return value.get_int64();
}

Result<ControlCommand> start(const json::object& object) {
    if (const auto problem = unknownKey(object, {"do", "spec", "record", "resume", "checkpoint", "every"}))
        return *problem;
    const json::value* spec = object.if_contains("spec");
    if (!spec || !spec->is_string()) return wrong("\"start\" needs \"spec\", the settings as text");
    StartRun command{std::string(spec->get_string()), {}};
    for (const auto& [key, file] : {std::pair{"record", &command.recordFile},
                                    {"resume", &command.resumeFile},
                                    {"checkpoint", &command.checkpointFile}})
        if (const auto problem = readText(object, key, *file)) return *problem;
    if (const json::value* every = object.if_contains("every")) {
        const auto steps = wholeNumber(*every);
        if (!steps) return wrong("\"every\" must be a whole number of steps, 0 or more");
        command.checkpointEvery = *steps;
    }
    return ControlCommand(std::move(command));
}

Result<ControlCommand> checkpoint(const json::object& object) {
    if (const auto problem = unknownKey(object, {"do", "file"})) return *problem;
    WriteCheckpoint command;
    if (const auto problem = readText(object, "file", command.file)) return *problem;
    if (command.file.empty()) return wrong("\"checkpoint\" needs \"file\"");
    return ControlCommand(std::move(command));
}

Result<ControlCommand> openRoom(const json::object& object) {
    if (const auto problem = unknownKey(object, {"do", "listen", "secure", "code"})) return *problem;
    OpenRoom command;
    if (const auto problem = readText(object, "listen", command.listen)) return *problem;
    if (const auto problem = readText(object, "code", command.code)) return *problem;
    if (const json::value* secure = object.if_contains("secure")) {
        if (!secure->is_bool()) return wrong("\"secure\" must be true or false");
        command.secure = secure->get_bool();
    }
    return ControlCommand(std::move(command));
}

/// A command about one member and a text.
template <class Command>
Result<ControlCommand> ofMember(const json::object& object, std::string_view key,
                                std::string Command::*text) {
    if (const auto problem = unknownKey(object, {"do", "member", key})) return *problem;
    const json::value* member = object.if_contains("member");
    const auto number = member ? wholeNumber(*member) : std::nullopt;
    if (!number || *number < 1 || *number > std::numeric_limits<std::uint32_t>::max())
        return wrong("\"member\" must be the number of a member");
    Command command;
    command.member = static_cast<std::uint32_t>(*number);
    if (const auto problem = readText(object, key, command.*text)) return *problem;
    return ControlCommand(std::move(command));
}

Result<ControlCommand> speed(const json::object& object) {
    if (const auto problem = unknownKey(object, {"do", "factor"})) return *problem;
    const json::value* factor = object.if_contains("factor");
    if (!factor || !factor->is_number()) return wrong("\"speed\" needs \"factor\", a number");
    const double value = factor->to_number<double>();
    if (!std::isfinite(value) || value < 0) return wrong("\"factor\" must be 0 or more");
    return ControlCommand(SetSpeed{value});
}

Result<ControlCommand> fault(const json::object& object) {
    if (const auto problem = unknownKey(object, {"do", "fault"})) return *problem;
    const json::value* fault = object.if_contains("fault");
    if (!fault || !fault->is_object()) return wrong("\"fault\" needs \"fault\", what happens");
    InjectFault command;
    Problems problems;
    readInto(command.fault, fault->get_object(), problems);
    if (!problems.empty()) return problems;
    return ControlCommand(std::move(command));
}

template <class Command>
Result<ControlCommand> plain(const json::object& object) {
    if (const auto problem = unknownKey(object, {"do"})) return *problem;
    return ControlCommand(Command{});
}

}  // namespace

std::string toLine(const ControlCommand& command) {
    json::object line;
    std::visit(Overloaded{
                   [&](const StartRun& c) {
                       line["do"] = "start";
                       line["spec"] = c.spec;
                       if (!c.recordFile.empty()) line["record"] = c.recordFile;
                       if (!c.resumeFile.empty()) line["resume"] = c.resumeFile;
                       if (!c.checkpointFile.empty()) line["checkpoint"] = c.checkpointFile;
                       if (c.checkpointEvery > 0) line["every"] = c.checkpointEvery;
                   },
                   [&](const PauseRun&) { line["do"] = "pause"; },
                   [&](const ResumeRun&) { line["do"] = "resume"; },
                   [&](const StepRun&) { line["do"] = "step"; },
                   [&](const StopRun&) { line["do"] = "stop"; },
                   [&](const SetSpeed& c) {
                       line["do"] = "speed";
                       line["factor"] = c.factor;
                   },
                   [&](const InjectFault& c) {
                       line["do"] = "fault";
                       line["fault"] = toJson(c.fault);
                   },
                   [&](const WriteCheckpoint& c) {
                       line["do"] = "checkpoint";
                       line["file"] = c.file;
                   },
                   [&](const OpenRoom& c) {
                       line["do"] = "open_room";
                       line["listen"] = c.listen;
                       if (c.secure) line["secure"] = true;
                       if (!c.code.empty()) line["code"] = c.code;
                   },
                   [&](const CloseRoom&) { line["do"] = "close_room"; },
                   [&](const RenameMember& c) {
                       line["do"] = "rename";
                       line["member"] = c.member;
                       line["name"] = c.name;
                   },
                   [&](const RemoveMember& c) {
                       line["do"] = "remove";
                       line["member"] = c.member;
                       line["why"] = c.why;
                   },
                   [&](const Quit&) { line["do"] = "quit"; },
               },
               command);
    return json::serialize(line);
}

Result<ControlCommand> parseCommand(std::string_view line) {
    if (line.size() > kMostControlBytes) {
        return wrong("longer than " + std::to_string(kMostControlBytes) + " bytes");
    }
    json::parse_options options;
    options.max_depth = 4;  // a command is flat; settings travel as text inside of it
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(line.data(), line.size()), error, {}, options);
    if (error) return wrong("not JSON: " + error.message());
    const json::object* object = value.if_object();
    if (!object) return wrong("expected a JSON object");
    const json::value* what = object->if_contains("do");
    if (!what || !what->is_string()) return wrong("\"do\" is missing");

    const std::string name(what->get_string());
    if (name == "start") return start(*object);
    if (name == "pause") return plain<PauseRun>(*object);
    if (name == "resume") return plain<ResumeRun>(*object);
    if (name == "step") return plain<StepRun>(*object);
    if (name == "stop") return plain<StopRun>(*object);
    if (name == "speed") return speed(*object);
    if (name == "fault") return fault(*object);
    if (name == "checkpoint") return checkpoint(*object);
    if (name == "open_room") return openRoom(*object);
    if (name == "close_room") return plain<CloseRoom>(*object);
    if (name == "rename") return ofMember(*object, "name", &RenameMember::name);
    if (name == "remove") return ofMember(*object, "why", &RemoveMember::why);
    if (name == "quit") return plain<Quit>(*object);
    return wrong("\"do\": \"" + name +
                 "\", expected start, pause, resume, step, stop, speed, fault, checkpoint, open_room, "
                 "close_room, rename, remove or quit");
}

}  // namespace rondo
