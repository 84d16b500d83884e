#include <boost/json/serialize.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "app/cli/command.h"
#include "app/cli/output_file.h"
#include "engine/algorithms/pipeline/schedule_svg.h"

namespace rondo::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostText = 16u << 20;
constexpr std::int64_t kMostOperations = 10'000'000;  // of a pass: half a gigabyte when played
/// A picture of more operations than this would be a file of many megabytes.
constexpr std::size_t kMostDrawn = 500'000;

PipelineSchedule scheduleFrom(const ScheduleOptions& options) {
    if (!options.file.empty()) {
        std::ifstream stream(options.file, std::ios::binary);
        if (!stream) throw BadInput(Problem{options.file, "can't be read"});
        std::string text(kMostText + 1, '\0');
        stream.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(stream.gcount()));
        if (text.size() > kMostText)
            throw BadInput(Problem{options.file, "larger than 16 MB, so no schedule"});
        auto schedule = parseSchedule(text);
        if (!schedule) throw BadInput(schedule.problems());
        return std::move(*schedule);
    }
    const std::int64_t operations = std::int64_t{options.stages} * options.microBatches * options.chunks;
    if (operations > kMostOperations)
        throw BadInput(Problem{"--micro-batches", "stages × micro-batches × chunks is " +
                                                      std::to_string(operations) + ", expected at most " +
                                                      std::to_string(kMostOperations)});
    const auto kind = scheduleKindOf(options.kind);
    if (!kind)
        throw BadInput(Problem{"--kind", options.kind +
                                             ", expected vanilla, gpipe, 1f1b, interleaved, zb_h1, zb_h2, "
                                             "pipedream or pipedream_2bw"});
    auto schedule = makeSchedule(*kind, options.stages, options.microBatches, options.chunks);
    if (!schedule) throw BadInput(schedule.problems());
    return std::move(*schedule);
}

json::object toJson(const PipelineSchedule& schedule, const PlayedSchedule& played) {
    json::array stages, peaks;
    for (const auto& spans : played.stages) {
        json::array told;
        for (const PipelineSpan& span : spans)
            told.push_back({{"op", nameOf(span.op, schedule.chunks)},
                            {"micro_batch", span.op.microBatch},
                            {"chunk", span.op.chunk},
                            {"begin", span.begin},
                            {"end", span.end}});
        stages.push_back(json::object{{"spans", std::move(told)}});
    }
    for (const double peak : schedule.peakActivations()) peaks.push_back(peak);
    return {{"bubble_rate", played.bubbleRate},     {"cost", played.cost},
            {"makespan", played.makespan},          {"micro_batches", schedule.microBatches},
            {"peak_activations", std::move(peaks)}, {"stages", std::move(stages)}};
}

std::string textOf(const PipelineSchedule& schedule, const PlayedSchedule& played) {
    char line[160];
    std::snprintf(line, sizeof line,
                  "cost %.6g, makespan %.6g, bubble rate %.4f\nactivations at most, by stage:", played.cost,
                  played.makespan, played.bubbleRate);
    std::string text = line;
    for (const double peak : schedule.peakActivations()) {
        std::snprintf(line, sizeof line, " %.4g", peak);
        text += line;
    }
    return text + '\n';
}

}  // namespace

int scheduleCommand(const ScheduleOptions& options) {
    const PipelineSchedule schedule = scheduleFrom(options);
    const auto played = playSchedule(schedule, options.times);
    if (!played) throw BadInput(played.problems());
    int code = kDone;
    if (!options.svg.empty()) {
        std::size_t operations = 0;
        for (const auto& stage : schedule.stages) operations += stage.size();
        if (operations > kMostDrawn)
            throw BadInput(Problem{"--svg", std::to_string(operations) + " operations, expected at most " +
                                                std::to_string(kMostDrawn) + " in a picture"});
        requireFolderOf("--svg", options.svg);
        const std::string title =
            options.file.empty() ? options.kind + ", " + std::to_string(schedule.stageCount()) + " stages, " +
                                       std::to_string(schedule.microBatches) + " micro-batches"
                                 : options.file;
        if (!writeFile(options.svg, svgOf(schedule, *played, title))) code = kRunFailed;
    }
    if (!print(options.json ? json::serialize(toJson(schedule, *played)) + "\n" : textOf(schedule, *played)))
        code = kRunFailed;
    return code;
}

}  // namespace rondo::cli
