#include "engine/algorithms/pipeline/schedule_stream.h"

#include <algorithm>

namespace rondo {

namespace {

/// Micro-batches a stage has begun before it does its first backward, without the one that comes with it.
int ahead(const PipelineSchedule& schedule, int stage) {
    return schedule.stageCount() - stage - 1;
}

bool makesGradients(Pass pass) {
    return pass == Pass::Backward || pass == Pass::BackwardWeight;
}

}  // namespace

int learningChunks(const PipelineSchedule& schedule, int stage) {
    int learning = 0;
    for (int chunk = 0; chunk < schedule.chunks; ++chunk)
        learning += chunk * schedule.stageCount() + stage >= schedule.frozenParts;
    return learning;
}

StageStream::StageStream(const PipelineSchedule& schedule, int stage, std::int64_t batches)
    : schedule_(schedule),
      stage_(stage),
      batches_(batches),
      gradientsAnUpdate_(static_cast<std::int64_t>(learningChunks(schedule, stage)) *
                         (schedule.weights == WeightUse::Stashed ? 1 : schedule.microBatches)) {}

std::optional<StreamOp> StageStream::next() {
    auto op = schedule_.weights == WeightUse::Latest ? nextOfList() : nextInTurn();
    if (op && makesGradients(op->op.pass)) op->thenUpdate = ++gradients_ % gradientsAnUpdate_ == 0;
    return op;
}

std::optional<StreamOp> StageStream::nextOfList() {
    const auto& ops = schedule_.stages[static_cast<std::size_t>(stage_)];
    if (place_ == ops.size()) place_ = 0, ++batch_;
    if (batch_ >= batches_ || ops.empty()) return std::nullopt;
    return StreamOp{ops[place_++], batch_};
}

std::optional<StreamOp> StageStream::nextInTurn() {
    const std::int64_t all = batches_ * schedule_.microBatches;
    const auto opOf = [&](Pass pass, std::int64_t number) {
        return StreamOp{{pass, static_cast<std::int32_t>(number % schedule_.microBatches)},
                        number / schedule_.microBatches};
    };
    const bool learns = stage_ >= schedule_.frozenParts;
    if (forwards_ < all && (!learns || forwards_ - backwards_ <= ahead(schedule_, stage_)))
        return opOf(Pass::Forward, forwards_++);
    if (!learns || backwards_ == all) return std::nullopt;
    const bool lowest = schedule_.frozenParts > 0 && stage_ == schedule_.frozenParts;
    return opOf(lowest ? Pass::BackwardWeight : Pass::Backward, backwards_++);
}

PipelineSchedule repeated(const PipelineSchedule& schedule, int batches) {
    PipelineSchedule all = schedule;
    all.microBatches = schedule.microBatches * batches;
    for (int stage = 0; stage < schedule.stageCount(); ++stage) {
        auto& ops = all.stages[static_cast<std::size_t>(stage)];
        ops.clear();
        StageStream stream(schedule, stage, batches);
        while (auto next = stream.next()) {
            next->op.microBatch += static_cast<std::int32_t>(next->batch) * schedule.microBatches;
            ops.push_back(next->op);
        }
    }
    return all;
}

std::int64_t weightVersion(const PipelineSchedule& schedule, int stage, std::int64_t batch, int microBatch) {
    if (learningChunks(schedule, stage) == 0) return 0;
    const std::int64_t updates =
        schedule.weights == WeightUse::Stashed ? batch * schedule.microBatches + microBatch : batch;
    return updates - weightDelay(schedule, stage, batch, microBatch);
}

std::int64_t weightDelay(const PipelineSchedule& schedule, int stage, std::int64_t batch, int microBatch) {
    if (learningChunks(schedule, stage) == 0) return 0;
    switch (schedule.weights) {
        case WeightUse::Latest:
            return 0;
        case WeightUse::Stashed:
            return std::min<std::int64_t>(batch * schedule.microBatches + microBatch, ahead(schedule, stage));
        case WeightUse::Buffered:
            return std::min<std::int64_t>(batch, 1);
    }
    return 0;
}

int weightVersions(const PipelineSchedule& schedule, int stage, std::int64_t batches) {
    if (learningChunks(schedule, stage) == 0) return 1;
    switch (schedule.weights) {
        case WeightUse::Latest:
            return 1;
        case WeightUse::Stashed:
            return static_cast<int>(
                std::min<std::int64_t>(ahead(schedule, stage) + 1, batches * schedule.microBatches));
        case WeightUse::Buffered:
            return static_cast<int>(std::min<std::int64_t>(2, batches));
    }
    return 1;
}

}  // namespace rondo
