#include "engine/training/torch_worker.h"

#include <torch/csrc/autograd/utils/lambda_post_hook.h>

#include "engine/comm/virtual_time/fiber.h"
#include "engine/run/tell_step.h"
#include "engine/training/batch.h"

namespace rondo {

/// Hooks that count, per bucket, the tensors whose gradient is still to come. LibTorch accumulates tensor by
/// tensor, in about reverse order; a hook after the accumulation is the first moment a gradient is final.
struct TorchWorker::BucketWatch {
    std::vector<int> tensors, missing;
    std::vector<std::shared_ptr<torch::autograd::Node>>
        accumulators;  // they, and so the hooks, live as long as this
    FunctionRef<void(Bucket)>* ready = nullptr;

    void begin(FunctionRef<void(Bucket)>& listener) {
        missing = tensors;
        ready = &listener;
    }
    void tensorReady(std::size_t bucket) {
        if (ready && --missing[bucket] == 0) (*ready)(Bucket{static_cast<std::int32_t>(bucket)});
    }
};

OptimizerSpec updateRule(const RunSpec& spec) {
    OptimizerSpec rule = spec.optimizer;
    if (std::holds_alternative<DgcCompression>(spec.compression))
        if (auto* sgd = std::get_if<SgdOptimizer>(&rule)) sgd->momentum = 0;
    return rule;
}

TorchWorker::TorchWorker(SharedRun& shared, Rank rank)
    : shared_(shared),
      rank_(rank),
      sequence_{shared.run, rank},
      compute_(shared.runtime, sequence_, Lane::Compute, shared.sink),
      communication_(shared.runtime, sequence_, Lane::Communication, shared.sink),
      replica_(shared.spec.weights.modelled || shared.parts
                   ? nullptr
                   : std::make_unique<Replica>(shared.model, static_cast<std::uint64_t>(shared.spec.seed))),
      optimizer_(makeOptimizer(updateRule(shared.spec))),
      compressor_(makeCompressor(shared.spec, rank, shared.buckets)),
      batches_(shared.orders, shared.spec.batch,
               shared.parts ? shared.parts->plan.mesh.data : static_cast<int>(shared.spec.workers),
               shared.spec.split, shared.start),
      step_{shared.start.step.value - 1} {
    stepsDone_ = shared.start.step.value;
    stageSteps_ = shared.start.step.value;
    // What a server sends counts as soon as it has come: nobody reads its meter while it runs.
    for (LaneRecorder* lane : {&compute_, &communication_}) lane->countReceivedFrom(Rank{worldSize()});
    shared.runtime.observe(rank, Lane::Compute, &compute_);
    shared.runtime.observe(rank, Lane::Communication, &exchangeLane());
    if (replica_) watchBuckets();
    if (shared.parts)
        stage_ = std::make_unique<TorchStage>(
            shared.spec, shared.model, *shared.parts, rank, shared.runtime, compute_,
            [this](Picoseconds begin, Picoseconds modelled) { charge(begin, modelled); });
}

TorchWorker::~TorchWorker() {
    shared_.runtime.observe(rank_, Lane::Compute, nullptr);
    shared_.runtime.observe(rank_, Lane::Communication, nullptr);
}

void TorchWorker::flush() {
    compute_.flush();
    communication_.flush();
}

void TorchWorker::evaluating(FunctionRef<void()> work) {
    compute_.span(Phase::Evaluate, work);
    compute_.flush();
}

void TorchWorker::watchBuckets() {
    watch_ = std::make_unique<BucketWatch>();
    watch_->tensors.assign(shared_.buckets.size(), 0);
    for (const Replica::Parameter& parameter : replica_->parameters()) {
        std::size_t bucket = 0;
        while (shared_.buckets[bucket].begin > parameter.offset) ++bucket;
        ++watch_->tensors[bucket];
        auto accumulator = torch::autograd::impl::grad_accumulator(parameter.tensor);
        accumulator->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
            [watch = watch_.get(), bucket](const torch::autograd::variable_list& outputs,
                                           const torch::autograd::variable_list&) {
                watch->tensorReady(bucket);
                return outputs;
            }));
        watch_->accumulators.push_back(std::move(accumulator));
    }
}

bool TorchWorker::beginStep() {
    const Step next{step_.value + 1};
    if (shared_.plannedSteps > 0 && next.value >= shared_.plannedSteps) return false;
    const Picoseconds asked = shared_.runtime.now();
    if (!shared_.runtime.enterStep(rank_, next)) return false;
    step_ = next;
    compute_.at(step_.value);
    const Picoseconds let = shared_.runtime.now();
    // Where asking takes real time, an open gate is no wait.
    const Picoseconds asking{shared_.runtime.virtualTime() ? 0 : 1'000'000};
    if (let - asked > asking) compute_.record(Phase::Wait, asked, let);
    if (!began_) firstStepBegan_ = let;
    began_ = true;

    if (!standFaults()) return false;
    if (compressor_) compressor_->beginStep(batches_.epochOf(step_));
    compute_.span(Phase::Partition,
                  [&] { slice_ = batches_.slice(stage_ ? Rank{stage_->place().data} : rank_, step_); });
    if (stage_) loadForStage();
    if (!replica_) return true;
    compute_.span(Phase::Load, [&] {
        Batch batch = batchOf(shared_.data.train, slice_.samples);
        inputs_ = std::move(batch.inputs);
        targets_ = std::move(batch.targets);
    });
    return true;
}

void TorchWorker::loadForStage() {
    Batch batch;
    const bool wanted = stage_->takesSamples() || stage_->takesTargets();
    if (wanted && !shared_.spec.weights.modelled)
        compute_.span(Phase::Load, [&] { batch = batchOf(shared_.data.train, slice_.samples); });
    if (!stage_->takesSamples()) batch.inputs.reset();
    if (!stage_->takesTargets()) batch.targets.reset();
    stage_->begin(step_, static_cast<std::int64_t>(slice_.samples.size()), slice_.globalBatch,
                  std::move(batch));
}

void TorchWorker::await(Rank peer, const StageOp& op, FunctionRef<void(Communicator&)> receive) {
    compute_.at(op.step.value);
    compute_.onMicroBatch(op.op.microBatch, shared_.parts->plan.chunks() > 1 ? op.op.chunk : kNone);
    compute_.awaits(peer);
    const Picoseconds begin = shared_.runtime.now();
    receive(network());
    const Picoseconds end = shared_.runtime.now();
    // Where asking takes real time, a message that was there already is no wait.
    const Picoseconds asking{shared_.runtime.virtualTime() ? 0 : 1'000'000};
    if (end - begin > asking) compute_.record(Phase::Wait, begin, end);
    compute_.awaits(Rank{kNone});
}

void TorchWorker::forward() {
    if (const auto away = std::exchange(away_, {})) loseStep(*away);
    const double lossSum = forwardPass();
    shared_.books.addLoss(rank_, step_, lossSum, static_cast<std::int64_t>(slice_.samples.size()));
}

double TorchWorker::forwardPass() {
    const auto samples = static_cast<std::int64_t>(slice_.samples.size());
    double lossSum = replica_ ? 0 : std::numeric_limits<double>::quiet_NaN();
    compute_.span(Phase::Forward, [&] {
        const Picoseconds begin = shared_.runtime.now();
        if (replica_ && samples > 0) {
            const NoSwitchSection section;
            const torch::Tensor sum = replica_->lossSum(replica_->forward(inputs_), targets_);
            lossSum = sum.item<float>();
            // Divided by the global batch, so that gradients need only be added up.
            loss_ = sum / static_cast<double>(slice_.globalBatch);
        }
        charge(begin, shared_.costs.forward(rank_, samples));
    });
    return lossSum;
}

void TorchWorker::backward() {
    backward([](Bucket) {});
}

void TorchWorker::backward(FunctionRef<void(Bucket)> ready) {
    if (replica_) replica_->flatGradients().zero_();
    if (shared_.runtime.virtualTime()) {
        if (replica_) computeGradients(nullptr);
        chargeBackward(ready);
    } else {
        compute_.span(
            Phase::BackwardInput,
            [&] {
                const Picoseconds begin = shared_.runtime.now();
                computeGradients(&ready);
                charge(begin, Picoseconds{0});
            },
            true);
    }
    loss_ = torch::Tensor();
}

void TorchWorker::computeGradients(FunctionRef<void(Bucket)>* ready) {
    if (slice_.samples.empty()) {  // no sample was left for this rank: its part of the sum is zero
        for (std::size_t b = 0; ready && b < shared_.buckets.size(); ++b)
            (*ready)(Bucket{static_cast<std::int32_t>(b)});
        return;
    }
    const NoSwitchSection section;
    if (ready) watch_->begin(*ready);
    loss_.backward();
    watch_->ready = nullptr;
}

void TorchWorker::chargeBackward(FunctionRef<void(Bucket)> ready) {
    const auto layers = shared_.costs.backward(rank_, static_cast<std::int64_t>(slice_.samples.size()));
    for (auto layer = static_cast<std::int32_t>(layers.size()) - 1; layer >= 0; --layer) {
        const LayerTimes& times = layers[static_cast<std::size_t>(layer)];
        if (times.backwardInput.count() > 0)
            compute_.span(Phase::BackwardInput, [&] { charge(shared_.runtime.now(), times.backwardInput); });
        compute_.span(Phase::BackwardWeight, [&] { charge(shared_.runtime.now(), times.backwardWeight); });
        for (std::size_t b = 0; b < shared_.buckets.size(); ++b)
            if (shared_.buckets[b].completedBy == layer) ready(Bucket{static_cast<std::int32_t>(b)});
    }
}

Values TorchWorker::weights() {
    if (stage_) return stage_->values();
    if (replica_) return replica_->weights();
    return Values::counted(static_cast<std::size_t>(shared_.model.parameters()));
}

Values TorchWorker::gradients() {
    if (stage_) return stage_->gradients();
    if (replica_) return replica_->gradients();
    return Values::counted(static_cast<std::size_t>(shared_.model.parameters()));
}

Values TorchWorker::gradients(Bucket bucket) {
    const BucketRange& range = shared_.buckets[bucket.index()];
    return gradients().sub(static_cast<std::size_t>(range.begin),
                           static_cast<std::size_t>(range.end - range.begin));
}

void TorchWorker::synchronise(FunctionRef<void(Communicator&)> exchange) {
    compute_.span(Phase::Synchronise, [&] { exchange(shared_.runtime.communicator(rank_, Lane::Compute)); });
}

void TorchWorker::communicate(Bucket bucket, std::function<void(Communicator&)> exchange) {
    shared_.runtime.sideLane(rank_).post([this, bucket, step = step_, exchange = std::move(exchange)] {
        LaneRecorder& lane = exchangeLane();
        lane.at(step.value, bucket.value);
        lane.span(Phase::Synchronise,
                  [&] { exchange(shared_.runtime.communicator(rank_, Lane::Communication)); });
        lane.at(step.value);
        if (&lane == &communication_) lane.flush();
    });
}

void TorchWorker::finishCommunication() {
    const Picoseconds begin = shared_.runtime.now();
    shared_.runtime.sideLane(rank_).finish();
    const Picoseconds end = shared_.runtime.now();
    if (end > begin && shared_.runtime.sideLaneOverlaps()) compute_.record(Phase::Wait, begin, end);
}

void TorchWorker::weighByOwnBatch() {
    const auto samples = static_cast<float>(slice_.samples.size());
    if (replica_ && samples > 0)
        replica_->flatGradients().mul_(static_cast<float>(slice_.globalBatch) / samples);
}

void TorchWorker::update() {
    if (stage_) return stage_->update(step_);
    compute_.span(Phase::Update, [&] {
        const Picoseconds begin = shared_.runtime.now();
        if (replica_) optimizer_->update(replica_->flatWeights(), replica_->flatGradients());
        charge(begin, shared_.costs.update(rank_));
    });
}

void TorchWorker::endStep() {
    const Step ending = stage_ ? Step{stageSteps_++} : step_;
    stepsDone_ = std::int64_t{ending.value} + 1;
    if (stage_) {
        const auto [lossSum, samples] = stage_->end(ending);
        shared_.books.addLoss(rank_, ending, lossSum, samples);
    }
    const Picoseconds now = shared_.runtime.now();
    lastStepEnded_ = now;
    const std::int64_t sent = shared_.runtime.meter(rank_, Lane::Compute).payloadBytes() +
                              shared_.runtime.meter(rank_, Lane::Communication).payloadBytes() +
                              compute_.receivedBytes() + communication_.receivedBytes();
    compute_.flush();
    if (compressor_) tellCompression();
    shared_.books.endStep(*this, ending, sent);
}

void TorchWorker::charge(Picoseconds begin, Picoseconds modelled) {
    const double slowness = shared_.faults.slowness(rank_, begin);
    const auto stretched = [&](Picoseconds time, double factor) {
        return factor == 1 ? time : picosecondsOf(secondsOf(time) * factor);
    };
    if (shared_.runtime.virtualTime())
        shared_.runtime.charge(stretched(modelled, slowness));
    else if (slowness > 1)
        shared_.runtime.idle(stretched(shared_.runtime.now() - begin, slowness - 1));
}

bool TorchWorker::standFaults() {
    for (const FaultPlan::Struck& struck : shared_.faults.enter(rank_, step_, shared_.runtime.now())) {
        tell(struck);
        const double seconds = struck.fault.forSeconds.value_or(0);
        if (struck.fault.kind == FaultKind::Pause)
            compute_.span(Phase::Wait, [&] { shared_.runtime.idle(picosecondsOf(seconds)); });
        if (struck.fault.kind == FaultKind::Restart) away_ = seconds;
        if (struck.fault.kind == FaultKind::Kill) {
            shared_.books.leave(*this, step_);
            return false;
        }
    }
    return true;
}

void TorchWorker::loseStep(double seconds) {
    forwardPass();
    if (shared_.runtime.virtualTime())
        chargeBackward([](Bucket) {});
    else
        compute_.span(
            Phase::BackwardInput, [&] { computeGradients(nullptr); }, true);
    compute_.span(Phase::Wait, [&] { shared_.runtime.idle(picosecondsOf(seconds)); });
}

void TorchWorker::tell(const FaultPlan::Struck& struck) {
    FaultHappened event;
    event.stamp = sequence_.stamp(nanosecondsOf(struck.begin));
    event.kind = struck.fault.kind;
    event.peer = Rank{static_cast<std::int32_t>(struck.fault.peer.value_or(kNone))};
    event.step = step_.value;
    event.seconds = struck.fault.forSeconds.value_or(std::numeric_limits<double>::infinity());
    event.factor = struck.fault.factor;
    faults_.push_back(event);
    shared_.sink.publish(event);
}

RankState TorchWorker::state(bool floats) const {
    RankState state;
    if (floats && stage_) stage_->save(state);
    if (floats && replica_) {
        const auto weights = replica_->weights();
        state.floats.emplace_back("weights", std::vector<float>(weights.begin(), weights.end()));
        optimizer_->save(state);
    }
    if (floats && compressor_) compressor_->save(state);
    state.stepsDone = stepsDone_;
    return state;
}

void TorchWorker::restore(const RankState& state) {
    if (stage_) stage_->restore(state);
    if (replica_) {
        const std::span<float> weights = replica_->weights();
        takeWeights(state, weights);
        optimizer_->restore(state, static_cast<std::int64_t>(weights.size()));
    }
    if (compressor_) compressor_->restore(state);
}

void TorchWorker::goOn(const RankFigures& before) {
    before_ = before;
    compute_.goOn(before.phaseSeconds);
    began_ = before.lastStepEnded.count() > 0;
    firstStepBegan_ = before.firstStepBegan;
    lastStepEnded_ = before.lastStepEnded;
    faults_ = before.faults;
    if (compressor_ && before.compression) compressor_->goOn(*before.compression);
    errorSum_ = before.compressionErrorSum;
    errors_ = before.compressionSteps;
}

void TorchWorker::skipTo(Step next) {
    shared_.books.skip(*this, Step{step_.value + 1}, next);
    step_ = Step{next.value - 1};
}

void TorchWorker::tellCompression() {
    const CompressionTally& tally = compressor_->tally();
    errorSum_ += tally.error;
    ++errors_;
    if (rank_.value != 0 || !shared_.sink.wantsSamples()) return;
    CompressionMeasured event;
    event.stamp = sequence_.stamp(nanosecondsOf(shared_.runtime.now()));
    event.step = step_.value;
    event.denseBytes = tally.denseBytes;
    event.encodedBytes = tally.encodedBytes;
    event.error = tally.error;
    shared_.sink.publish(event);
}

void TorchWorker::tell(const StepLedger::Completed& completed) {
    shared_.sink.publish(eventOf(completed, batches_.epochOf(completed.step),
                                 sequence_.stamp(nanosecondsOf(shared_.runtime.now()))));
}

}  // namespace rondo
