#include "engine/control/control.h"

#include <boost/json.hpp>
#include <cmath>
#include <initializer_list>

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

Result<ControlCommand> start(const json::object& object) {
    if (const auto problem = unknownKey(object, {"do", "spec", "record"})) return *problem;
    const json::value* spec = object.if_contains("spec");
    if (!spec || !spec->is_string()) return wrong("\"start\" needs \"spec\", the settings as text");
    StartRun command{std::string(spec->get_string()), {}};
    if (const json::value* record = object.if_contains("record")) {
        if (!record->is_string()) return wrong("\"record\" must be the name of a file");
        command.recordFile = std::string(record->get_string());
    }
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
    if (name == "quit") return plain<Quit>(*object);
    return wrong("\"do\": \"" + name + "\", expected start, pause, resume, step, stop, speed, fault or quit");
}

}  // namespace rondo
