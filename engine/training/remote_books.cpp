#include "engine/training/remote_books.h"

#include "engine/training/torch_worker.h"

namespace rondo {

bool meetsAfter(const RunSpec& spec, const Algorithm& algorithm, std::int64_t stepsDone) {
    return algorithm.lockStep() && !algorithm.skipsSteps() && spec.evaluateEvery > 0 &&
           stepsDone % spec.evaluateEvery == 0;
}

RemoteBooks::RemoteBooks(const RunSpec& spec, const Algorithm& algorithm, RankGate& gate)
    : spec_(spec), algorithm_(algorithm), gate_(gate) {}

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
    if (meetsAfter(spec_, algorithm_, done)) return gate_.meet({done, weightsFor(worker)});
    // Who can't be held shows its weights as it goes by.
    const bool passesBy = !algorithm_.lockStep() || algorithm_.skipsSteps();
    if (passesBy && worker.rank().value == 0 && spec_.evaluateEvery > 0 && done % spec_.evaluateEvery == 0)
        gate_.tell(AtMeeting{done, weightsFor(worker)});
}

void RemoteBooks::skip(TorchWorker&, Step first, Step next) {
    gate_.tell(StepsSkipped{first, next});
}

void RemoteBooks::leave(TorchWorker&, Step first) {
    gate_.tell(KilledByPlan{first});
}

}  // namespace rondo
