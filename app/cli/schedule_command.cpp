#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/cli/command.h"
#include "app/cli/output_file.h"
#include "engine/algorithms/pipeline/pipeline_theory.h"
#include "engine/algorithms/pipeline/schedule_stream.h"
#include "engine/algorithms/pipeline/schedule_svg.h"

namespace rondo::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostText = 16u << 20;
constexpr std::int64_t kMostOperations = 5'000'000;  // of a pass: half a gigabyte when played
/// A picture of more operations than this would be a file of many megabytes.
constexpr std::size_t kMostDrawn = 500'000;
constexpr double kLongest = 1e12;

std::string textOfFile(const std::string& file, const char* what) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw BadInput(Problem{file, "can't be read"});
    std::string text(kMostText + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kMostText)
        throw BadInput(Problem{file, std::string("larger than 16 MB, so no ") + what});
    return text;
}

template <class T>
T valueOf(Result<T> result) {
    if (!result) throw BadInput(result.problems());
    return std::move(result).value();
}

PipelineSchedule scheduleFrom(const ScheduleOptions& options) {
    PipelineSchedule schedule;
    if (!options.file.empty()) {
        schedule = valueOf(parseSchedule(textOfFile(options.file, "schedule")));
        if (options.frozen >= schedule.partCount())
            throw BadInput(Problem{"--frozen", std::to_string(options.frozen) + ", expected 0 to " +
                                                   std::to_string(schedule.partCount() - 1) +
                                                   ": at least one of the " +
                                                   std::to_string(schedule.partCount()) + " parts learns"});
        schedule = freeze(std::move(schedule), options.frozen);
    } else {
        const auto kind = scheduleKindOf(options.kind);
        if (!kind)
            throw BadInput(
                Problem{"--kind", (options.kind.empty() ? "not given" : options.kind) +
                                      ", expected vanilla, gpipe, 1f1b, interleaved, zb_h1, zb_h2, "
                                      "pipedream or pipedream_2bw, or --file with one written by "
                                      "hand"});
        // Before anything of that size is made.
        const std::int64_t operations = std::int64_t{options.stages} * options.microBatches * options.chunks;
        if (operations > kMostOperations / options.steps)
            throw BadInput(Problem{"--micro-batches", "stages × micro-batches × chunks × steps is " +
                                                          std::to_string(operations * options.steps) +
                                                          ", expected at most " +
                                                          std::to_string(kMostOperations)});
        schedule = valueOf(
            makeSchedule(*kind, options.stages, options.microBatches, options.chunks, options.frozen));
    }
    const std::int64_t operations =
        std::int64_t{schedule.partCount()} * schedule.microBatches * options.steps;
    if (operations > kMostOperations)
        throw BadInput(Problem{"--steps", "stages × micro-batches × chunks × steps is " +
                                              std::to_string(operations) + ", expected at most " +
                                              std::to_string(kMostOperations)});
    schedule.recompute = options.recompute;
    return schedule;
}

StageTimes timesFrom(const ScheduleOptions& options, const PipelineSchedule& schedule) {
    if (options.timesFile.empty())
        return StageTimes::even(schedule.stageCount(), schedule.chunks, options.times);
    StageTimes times;
    std::istringstream lines(textOfFile(options.timesFile, "table of times"));
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::istringstream words(line.substr(0, line.find('#')));
        std::vector<double> values;
        for (std::string word; words >> word;) {
            double value = 0;
            const char* end = word.data() + word.size();
            const auto read = std::from_chars(word.data(), end, value);
            if (read.ec != std::errc() || read.ptr != end || !(value >= 0 && value <= kLongest))
                throw BadInput(Problem{options.timesFile + ", line " + std::to_string(number),
                                       word.substr(0, 40) + ", expected a number from 0 to 1e12"});
            values.push_back(value);
        }
        if (values.empty()) continue;
        if (values.size() != 3 && values.size() != 4)
            throw BadInput(
                Problem{options.timesFile + ", line " + std::to_string(number),
                        std::to_string(values.size()) +
                            " numbers, expected forward, backward-input, backward-weight and, when "
                            "it takes time, message"});
        times.parts.push_back({values[0], values[1], values[2], values.size() == 4 ? values[3] : 0});
    }
    if (times.parts.size() != static_cast<std::size_t>(schedule.partCount()))
        throw BadInput(Problem{options.timesFile,
                               std::to_string(times.parts.size()) + " lines of times, expected " +
                                   std::to_string(schedule.partCount()) + ", one a stage (and chunk)"});
    return times;
}

/// What is published of it; nothing where no closed form is known.
std::optional<PipelineTheory> theoryOf(const ScheduleOptions& options) {
    if (!options.file.empty() || !options.timesFile.empty() || options.frozen > 0) return std::nullopt;
    return pipelineTheory({*scheduleKindOf(options.kind), options.stages, options.microBatches,
                           options.chunks, options.times, options.recompute, options.steps});
}

struct Outcome {
    PipelineSchedule order;  ///< of one step
    PlayedSteps played;
    std::vector<double> peakActivations;
    std::vector<int> peakInputs;
    std::optional<PipelineTheory> theory;
};

Outcome play(const ScheduleOptions& options) {
    Outcome outcome;
    outcome.order = scheduleFrom(options);
    outcome.played = valueOf(playSteps(outcome.order, timesFrom(options, outcome.order), options.steps));
    const PipelineSchedule all = options.steps > 1 ? repeated(outcome.order, options.steps) : outcome.order;
    outcome.peakActivations = all.peakActivations();
    outcome.peakInputs = all.peakInputs();
    outcome.theory = theoryOf(options);
    return outcome;
}

/// A million spans by hand: as a tree of JSON values they would take seconds and a gigabyte.
void appendSpans(std::string& text, const Outcome& outcome) {
    char number[40];
    const auto append = [&](const char* name, auto value) {
        text += name;
        text.append(number, std::to_chars(number, number + sizeof number, value).ptr);
    };
    text += "[";
    for (const auto& spans : outcome.played.whole.stages) {
        text += text.back() == '[' ? "{\"spans\":[" : ",{\"spans\":[";
        for (const PipelineSpan& span : spans) {
            if (text.back() == '}') text += ',';
            text += "{\"op\":\"";
            text += nameOf(span.op, outcome.order.chunks);
            append("\",\"micro_batch\":", span.op.microBatch);
            append(",\"chunk\":", span.op.chunk);
            append(",\"begin\":", span.begin);
            append(",\"end\":", span.end);
            if (span.recomputed > 0) append(",\"recomputed\":", span.recomputed);
            text += '}';
        }
        text += "]}";
    }
    text += "]";
}

std::string jsonOf(const Outcome& outcome) {
    const PlayedSchedule& whole = outcome.played.whole;
    json::object told{
        {"bubble_rate", whole.bubbleRate},
        {"cost", whole.cost},
        {"makespan", whole.makespan},
        {"micro_batches", outcome.order.microBatches},
        {"steps", outcome.played.bubbles.size()},
        {"bubble_fraction", outcome.played.meanBubble()},
        {"bubble_fractions", json::array(outcome.played.bubbles.begin(), outcome.played.bubbles.end())},
        {"peak_activations", json::array(outcome.peakActivations.begin(), outcome.peakActivations.end())}};
    if (outcome.order.recompute)
        told["peak_inputs"] = json::array(outcome.peakInputs.begin(), outcome.peakInputs.end());
    if (outcome.theory) {
        json::array lines;
        for (const ClosedForm& line : outcome.theory->lines)
            lines.push_back({{"name", line.name},
                             {"formula", line.formula},
                             {"source", line.source},
                             {"value", line.value}});
        told["theory"] = std::move(lines);
    }
    std::string text = json::serialize(told);
    text.back() = ',';
    text += "\"stages\":";
    appendSpans(text, outcome);
    return text + "}\n";
}

template <class... T>
void appendLine(std::string& text, const char* format, T... values) {
    char line[200];
    std::snprintf(line, sizeof line, format, values...);
    text += line;
}

std::string textOf(const Outcome& outcome) {
    const PlayedSchedule& whole = outcome.played.whole;
    std::string text;
    appendLine(text, "cost %.6g, makespan %.6g, bubble rate %.4f\n", whole.cost, whole.makespan,
               whole.bubbleRate);
    if (outcome.played.bubbles.size() > 1) {
        text += "bubble of each step:";
        for (const double bubble : outcome.played.bubbles) appendLine(text, " %.4f", bubble);
        text += '\n';
    }
    text += "activations at most, by stage:";
    for (const double peak : outcome.peakActivations) appendLine(text, " %.4g", peak);
    if (outcome.order.recompute) {
        text += "\ninputs kept at most, by stage:";
        for (const int peak : outcome.peakInputs) appendLine(text, " %d", peak);
    }
    text += '\n';
    if (!outcome.theory) return text;
    text += "in closed form, where messages take no time:\n";
    for (const ClosedForm& line : outcome.theory->lines)
        appendLine(text, "  %.4g %s = %s (%s)\n", line.value, line.name.c_str(), line.formula.c_str(),
                   line.source.c_str());
    return text;
}

int draw(const ScheduleOptions& options, const Outcome& outcome) {
    std::size_t operations = 0;
    for (const auto& spans : outcome.played.whole.stages) operations += spans.size();
    if (operations > kMostDrawn)
        throw BadInput(Problem{"--svg", std::to_string(operations) + " operations, expected at most " +
                                            std::to_string(kMostDrawn) + " in a picture"});
    requireFolderOf("--svg", options.svg);
    std::string title = options.file;
    if (title.empty())
        title = options.kind + ", " + std::to_string(outcome.order.stageCount()) + " stages, " +
                std::to_string(outcome.order.microBatches) + " micro-batches";
    if (options.recompute) title += ", with recompute";
    if (options.frozen > 0) title += ", " + std::to_string(options.frozen) + " frozen";
    if (options.steps > 1) title += ", " + std::to_string(options.steps) + " steps";
    return writeFile(options.svg, svgOf(outcome.order, outcome.played.whole, title)) ? kDone : kRunFailed;
}

}  // namespace

int scheduleCommand(const ScheduleOptions& options) {
    const Outcome outcome = play(options);
    int code = options.svg.empty() ? kDone : draw(options, outcome);
    if (!print(options.json ? jsonOf(outcome) : textOf(outcome))) code = kRunFailed;
    return code;
}

}  // namespace rondo::cli
