#include "engine/training/remote_books.h"

#include "engine/training/torch_worker.h"

namespace rondo {

RemoteBooks::RemoteBooks(const RunSpec& spec, const Algorithm& algorithm, RankGate& gate, Step first)
    : spec_(spec), algorithm_(algorithm), gate_(gate), times_(spec, algorithm), evaluatedAt_(first.value) {}

void RemoteBooks::addLoss(Rank, Step, double lossSum, std::int64_t samples) {
    lossSum_ = lossSum;
    samples_ = samples;
}

void RemoteBooks::add(std::int64_t, const StageShare& stage) {
    share_ = stage;
}

std::vector<float> RemoteBooks::weightsFor(TorchWorker& worker) const {
    if (spec_.weights.modelled) return {};
    if (worker.rank().value > 0 && algorithm_.agrees() && !cutsModel(spec_)) return {};
    const auto weights = worker.weights().floats();
    return {weights.begin(), weights.end()};
}

void RemoteBooks::endStep(TorchWorker& worker, Step step, std::int64_t payloadBytes) {
    gate_.tell(StepTold{step, lossSum_, samples_, payloadBytes, nanosecondsOf(worker.firstStepBegan()),
                        nanosecondsOf(worker.lastStepEnded()), std::exchange(share_, {})});
    const std::int64_t done = std::int64_t{step.value} + 1;
    if (times_.meetsAfter(done)) return gate_.meet({done, weightsFor(worker)});
    if (worker.rank().value != 0 || !times_.passesBy(done, evaluatedAt_)) return;
    evaluatedAt_ = done;
    gate_.tell(AtMeeting{done, weightsFor(worker)});
}

void RemoteBooks::skip(TorchWorker&, Step first, Step next) {
    gate_.tell(StepsSkipped{first, next});
}

void RemoteBooks::leave(TorchWorker&, Step first) {
    gate_.tell(KilledByPlan{first});
}

}  // namespace rondo
