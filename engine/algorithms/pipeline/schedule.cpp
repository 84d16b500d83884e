#include "engine/algorithms/pipeline/schedule.h"

#include <algorithm>
#include <array>

namespace rondo {

namespace {

using namespace std::string_view_literals;

constexpr std::array kNames{"vanilla"sv, "gpipe"sv, "1f1b"sv,      "interleaved"sv,
                            "zb_h1"sv,   "zb_h2"sv, "pipedream"sv, "pipedream_2bw"sv};

using Ops = std::vector<PipelineOp>;

Ops vanilla(int microBatches) {
    Ops ops;
    for (int i = 0; i < microBatches; ++i) {
        ops.push_back({Pass::Forward, i});
        ops.push_back({Pass::Backward, i});
    }
    return ops;
}

Ops gpipe(int microBatches) {
    Ops ops;
    for (int i = 0; i < microBatches; ++i) ops.push_back({Pass::Forward, i});
    for (int i = 0; i < microBatches; ++i) ops.push_back({Pass::Backward, i});
    return ops;
}

Ops oneFOneB(int stages, int microBatches, int stage) {
    Ops ops;
    int forward = 0;
    for (const int first = std::min(microBatches, stages - stage - 1); forward < first; ++forward)
        ops.push_back({Pass::Forward, forward});
    for (int backward = 0; backward < microBatches; ++backward) {
        if (forward < microBatches) ops.push_back({Pass::Forward, forward++});
        ops.push_back({Pass::Backward, backward});
    }
    return ops;
}

/// Forwards first, then a backward and a forward in turn; a weight gradient comes in between once more than
/// `pending` wait, the others at the end.
Ops zeroBubble(int microBatches, int forwardsFirst, int pending) {
    Ops ops;
    int forward = 0, weight = 0;
    for (const int first = std::min(microBatches, forwardsFirst); forward < first; ++forward)
        ops.push_back({Pass::Forward, forward});
    for (int backward = 0; backward < microBatches; ++backward) {
        ops.push_back({Pass::BackwardInput, backward});
        if (backward + 1 - weight > pending) ops.push_back({Pass::BackwardWeight, weight++});
        if (forward < microBatches) ops.push_back({Pass::Forward, forward++});
    }
    while (weight < microBatches) ops.push_back({Pass::BackwardWeight, weight++});
    return ops;
}

Ops interleaved(int stages, int microBatches, int chunks, int stage) {
    const int all = microBatches * chunks, round = stages * chunks;
    // Groups of p micro-batches go through chunk after chunk.
    const auto opAt = [&](Pass pass, int place) {
        const int chunk = place % round / stages;
        return PipelineOp{pass, place / round * stages + place % stages,
                          pass == Pass::Forward ? chunk : chunks - 1 - chunk};
    };
    const int first =
        microBatches == stages ? all : std::min(all, 2 * (stages - stage - 1) + (chunks - 1) * stages);
    Ops ops;
    for (int i = 0; i < first; ++i) ops.push_back(opAt(Pass::Forward, i));
    for (int i = 0; i < all; ++i) {
        if (first + i < all) ops.push_back(opAt(Pass::Forward, first + i));
        ops.push_back(opAt(Pass::Backward, i));
    }
    return ops;
}

}  // namespace

std::string nameOf(const PipelineOp& op, int chunks) {
    static constexpr std::array passes{"F", "B", "W", "BW"};
    std::string name = passes[static_cast<std::size_t>(op.pass)] + std::to_string(op.microBatch);
    if (chunks > 1) name += '.' + std::to_string(op.chunk);
    return name;
}

std::string_view nameOf(ScheduleKind kind) {
    return kNames[static_cast<std::size_t>(kind)];
}

std::optional<ScheduleKind> scheduleKindOf(std::string_view name) {
    const auto place = std::find(kNames.begin(), kNames.end(), name);
    if (place == kNames.end()) return std::nullopt;
    return static_cast<ScheduleKind>(place - kNames.begin());
}

bool PipelineSchedule::beginsBackward(Pass pass, int part) const {
    return pass == Pass::Backward || pass == Pass::BackwardInput ||
           (pass == Pass::BackwardWeight && frozenParts > 0 && part == frozenParts);
}

bool PipelineSchedule::takesActivations(Pass pass, int part) const {
    return part >= frozenParts && (recompute ? beginsBackward(pass, part) : pass == Pass::Forward);
}

bool PipelineSchedule::freesActivations(Pass pass, int part) const {
    return part >= frozenParts && (pass == Pass::Backward || pass == Pass::BackwardWeight);
}

namespace {
/// How many there are at most between the begin of an operation that takes one and the end of one that frees
/// it.
int mostHeld(const PipelineSchedule& schedule, int stage, auto&& takes, auto&& frees) {
    int held = 0, most = 0;
    for (const PipelineOp& op : schedule.stages[static_cast<std::size_t>(stage)]) {
        const int part = schedule.partOf(op, stage);
        if (takes(op.pass, part)) most = std::max(most, ++held);
        if (frees(op.pass, part)) --held;
    }
    return most;
}
}  // namespace

std::vector<double> PipelineSchedule::peakActivations() const {
    std::vector<double> peaks;
    for (int stage = 0; stage < stageCount(); ++stage) {
        const int most = mostHeld(
            *this, stage, [&](Pass pass, int part) { return takesActivations(pass, part); },
            [&](Pass pass, int part) { return freesActivations(pass, part); });
        peaks.push_back(static_cast<double>(most) / chunks);
    }
    return peaks;
}

std::vector<int> PipelineSchedule::peakInputs() const {
    std::vector<int> peaks(stages.size());
    for (int stage = 0; stage < stageCount() && recompute; ++stage)
        peaks[static_cast<std::size_t>(stage)] = mostHeld(
            *this, stage, [&](Pass pass, int part) { return part >= frozenParts && pass == Pass::Forward; },
            [&](Pass pass, int part) { return part >= frozenParts && beginsBackward(pass, part); });
    return peaks;
}

PipelineSchedule freeze(PipelineSchedule schedule, int frozenParts) {
    schedule.frozenParts = frozenParts;
    if (frozenParts == 0) return schedule;
    for (int stage = 0; stage < schedule.stageCount(); ++stage) {
        Ops& ops = schedule.stages[static_cast<std::size_t>(stage)];
        std::erase_if(ops, [&](const PipelineOp& op) {
            const int part = schedule.partOf(op, stage);
            return (part < frozenParts && op.pass != Pass::Forward) ||
                   (part == frozenParts && op.pass == Pass::BackwardInput);
        });
        for (PipelineOp& op : ops)
            if (op.pass == Pass::Backward && schedule.partOf(op, stage) == frozenParts)
                op.pass = Pass::BackwardWeight;
    }
    return schedule;
}

Result<PipelineSchedule> makeSchedule(ScheduleKind kind, int stages, int microBatches, int chunks,
                                      int frozenParts) {
    Problems problems;
    const auto require = [&](bool fine, const char* where, std::string what) {
        if (!fine) problems.push_back({where, std::move(what)});
    };
    const std::string name(nameOf(kind));
    require(stages >= 1, "stages", std::to_string(stages) + ", expected 1 or more");
    require(microBatches >= 1, "micro_batches", std::to_string(microBatches) + ", expected 1 or more");
    require(chunks >= 1, "chunks", std::to_string(chunks) + ", expected 1 or more");
    require(kind == ScheduleKind::Interleaved || chunks == 1, "chunks",
            std::to_string(chunks) + ", expected 1 with " + name);
    require(kind != ScheduleKind::Interleaved || stages < 1 || microBatches % stages == 0, "micro_batches",
            std::to_string(microBatches) + ", expected a multiple of the " + std::to_string(stages) +
                " stages with interleaved, such as " +
                std::to_string(std::max(1, microBatches / std::max(1, stages)) * stages));
    require(kind != ScheduleKind::PipeDream2bw || microBatches >= stages - 1, "micro_batches",
            std::to_string(microBatches) + ", expected " + std::to_string(stages - 1) +
                " or more with pipedream_2bw and " + std::to_string(stages) +
                " stages: a batch begins with the weights of one update before");
    require(frozenParts >= 0 && (stages < 1 || chunks < 1 || frozenParts < stages * chunks), "frozen",
            std::to_string(frozenParts) + ", expected 0 to " + std::to_string(stages * chunks - 1) +
                ": at least one of the " + std::to_string(stages * chunks) + " parts learns");
    if (!problems.empty()) return problems;

    PipelineSchedule schedule{microBatches, chunks, {}};
    if (kind == ScheduleKind::PipeDream) schedule.weights = WeightUse::Stashed;
    if (kind == ScheduleKind::PipeDream2bw) schedule.weights = WeightUse::Buffered;
    for (int s = 0; s < stages; ++s)
        schedule.stages.push_back([&] {
            switch (kind) {
                case ScheduleKind::Vanilla:
                    return vanilla(microBatches);
                case ScheduleKind::GPipe:
                    return gpipe(microBatches);
                case ScheduleKind::OneFOneB:
                case ScheduleKind::PipeDream:
                case ScheduleKind::PipeDream2bw:
                    return oneFOneB(stages, microBatches, s);
                case ScheduleKind::Interleaved:
                    return interleaved(stages, microBatches, chunks, s);
                case ScheduleKind::ZbH1:
                    return zeroBubble(microBatches, stages - s, s);
                case ScheduleKind::ZbH2:
                    return zeroBubble(microBatches, 2 * (stages - s) - 1, 2 * s);
            }
            return Ops{};
        }());
    return freeze(std::move(schedule), frozenParts);
}

}  // namespace rondo
