#include <charconv>
#include <map>
#include <tuple>

#include "engine/algorithms/pipeline/schedule.h"

namespace rondo {

namespace {

constexpr int kMostStages = 1024, kMostMicroBatches = 65'536, kMostChunks = 256;

/// A number at the front of `text`, which it is taken from.
std::optional<std::int32_t> takeNumber(std::string_view& text, int most) {
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0 || value >= most) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<PipelineOp> opFrom(std::string_view word) {
    PipelineOp op;
    if (word.starts_with("BW"))
        op.pass = Pass::Backward, word.remove_prefix(2);
    else if (word.starts_with('F'))
        op.pass = Pass::Forward, word.remove_prefix(1);
    else if (word.starts_with('B'))
        op.pass = Pass::BackwardInput, word.remove_prefix(1);
    else if (word.starts_with('W'))
        op.pass = Pass::BackwardWeight, word.remove_prefix(1);
    else
        return std::nullopt;
    const auto microBatch = takeNumber(word, kMostMicroBatches);
    if (!microBatch) return std::nullopt;
    op.microBatch = *microBatch;
    if (word.empty()) return op;
    if (word.front() != '.') return std::nullopt;
    word.remove_prefix(1);
    const auto chunk = takeNumber(word, kMostChunks);
    if (!chunk || !word.empty()) return std::nullopt;
    op.chunk = *chunk;
    return op;
}

std::vector<std::string_view> cut(std::string_view text, std::string_view at) {
    std::vector<std::string_view> pieces;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find_first_of(at, begin), text.size());
        pieces.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return pieces;
}

/// What a stage leaves out or does twice, as a problem.
std::optional<Problem> incomplete(const PipelineSchedule& schedule, int stage, const std::string& where) {
    std::map<std::tuple<Pass, int, int>, int> times;
    for (const PipelineOp& op : schedule.stages[static_cast<std::size_t>(stage)])
        if (++times[{op.pass, op.microBatch, op.chunk}] > 1)
            return Problem{where, nameOf(op, schedule.chunks) + " twice, expected once"};
    for (int chunk = 0; chunk < schedule.chunks; ++chunk)
        for (int i = 0; i < schedule.microBatches; ++i) {
            const auto missing = [&](Pass pass) {
                return Problem{where, nameOf({pass, i, chunk}, schedule.chunks) + " is missing"};
            };
            const auto has = [&](Pass pass) { return times.contains({pass, i, chunk}); };
            if (!has(Pass::Forward)) return missing(Pass::Forward);
            if (has(Pass::Backward) && (has(Pass::BackwardInput) || has(Pass::BackwardWeight)))
                return Problem{where, nameOf({Pass::Backward, i, chunk}, schedule.chunks) +
                                          " beside its parts, expected either"};
            if (has(Pass::Backward)) continue;
            if (!has(Pass::BackwardInput)) return missing(Pass::BackwardInput);
            if (!has(Pass::BackwardWeight)) return missing(Pass::BackwardWeight);
        }
    return std::nullopt;
}

}  // namespace

Result<PipelineSchedule> parseSchedule(std::string_view text) {
    PipelineSchedule schedule;
    std::vector<std::string> places;  // where each stage stands
    int number = 0;
    for (const std::string_view line : cut(text, "\n")) {
        ++number;
        for (const std::string_view piece : cut(line.substr(0, line.find('#')), "/")) {
            const std::string place =
                "line " + std::to_string(number) + ", stage " + std::to_string(schedule.stageCount());
            std::vector<PipelineOp> ops;
            for (const std::string_view word : cut(piece, " \t\r,")) {
                if (word.empty()) continue;
                const auto op = opFrom(word);
                if (!op)
                    return Problem{place, std::string(word.substr(0, 40)) +
                                              ", expected an operation such as F0, B0, W0, BW0 or F0.1"};
                schedule.microBatches = std::max(schedule.microBatches, op->microBatch + 1);
                schedule.chunks = std::max(schedule.chunks, op->chunk + 1);
                ops.push_back(*op);
            }
            if (ops.empty()) continue;
            if (schedule.stageCount() == kMostStages)
                return Problem{place, "expected at most " + std::to_string(kMostStages) + " stages"};
            schedule.stages.push_back(std::move(ops));
            places.push_back(place);
        }
    }
    if (schedule.stages.empty())
        return Problem{"schedule", "no stage, expected a line for each, or \"/\" between stages"};
    for (int stage = 0; stage < schedule.stageCount(); ++stage)
        if (auto problem = incomplete(schedule, stage, places[static_cast<std::size_t>(stage)]))
            return *problem;
    return schedule;
}

std::string toText(const PipelineSchedule& schedule) {
    std::string text;
    for (const auto& ops : schedule.stages) {
        for (const PipelineOp& op : ops) {
            if (!text.empty() && text.back() != '\n') text += ' ';
            text += nameOf(op, schedule.chunks);
        }
        text += '\n';
    }
    return text;
}

}  // namespace rondo
