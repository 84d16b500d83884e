#include "engine/training/torch_stage.h"

#include <algorithm>
#include <set>

#include "engine/algorithms/pipeline/parts_of_rank.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/comm/virtual_time/fiber.h"
#include "engine/core/result.h"
#include "engine/training/loss.h"

namespace rondo {

/// Time that a pass takes is charged in as many equal pieces as sums interrupt it, and one more: each is a
/// span of its own, and a sum in between shows as what it is.
class TorchStage::Pieces {
  public:
    Pieces(TorchStage& stage, Phase phase, bool fused, Picoseconds modelled, std::size_t sums)
        : stage_(stage),
          phase_(phase),
          fused_(fused),
          modelled_(modelled),
          pieces_(static_cast<int>(sums) + 1) {
        begin_ = stage_.runtime_.now();
    }
    /// Between two LibTorch calls: ends a piece, sums, begins the next.
    void sum(FunctionRef<void()> exchange) {
        endPiece();
        const Picoseconds from = stage_.runtime_.now();
        exchange();
        stage_.lane_.record(Phase::Synchronise, from, stage_.runtime_.now());
        begin_ = stage_.runtime_.now();
    }
    void end() {
        done_ = pieces_ - 1;
        endPiece();
    }

  private:
    void endPiece() {
        const auto upTo = [&](int pieces) { return Picoseconds{modelled_.count() / pieces_ * pieces}; };
        const Picoseconds due = ++done_ < pieces_ ? upTo(done_) : modelled_;
        stage_.charge_(begin_, due - std::exchange(charged_, due));
        const Picoseconds now = stage_.runtime_.now();
        stage_.lane_.record(phase_, begin_, now, fused_);
        stage_.busy_.push_back({begin_, now});
    }
    TorchStage& stage_;
    const Phase phase_;
    const bool fused_;
    const Picoseconds modelled_;
    const int pieces_;
    int done_ = 0;
    Picoseconds begin_{0}, charged_{0};
};

namespace {

std::span<float> spanOf(torch::Tensor& t) {
    return {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())};
}

}  // namespace

TorchStage::TorchStage(const RunSpec& spec, const ModelPlan& model, const SharedParts& shared, Rank rank,
                       Runtime& runtime, LaneRecorder& lane,
                       std::function<void(Picoseconds begin, Picoseconds modelled)> charge)
    : spec_(spec),
      model_(model),
      shared_(shared),
      rank_(rank),
      place_(placeOf(shared.plan.mesh, rank)),
      runtime_(runtime),
      lane_(lane),
      charge_(std::move(charge)) {
    auto parts = partsOf(model, shared.plan, place_);
    const auto learning = [&](int frozenLayers) {
        Learning learning{learningRanges(parts, frozenLayers), {}};
        for (const ModelPart& part : parts) learning.sums.push_back(partSums(model, part, frozenLayers));
        return learning;
    };
    whole_ = learning(0);
    frozen_ = learning(shared.plan.frozenLayers);
    if (!spec.weights.modelled)
        weights_ = std::make_unique<StageWeights>(std::move(parts), shared.initial, shared.plan.frozenLayers,
                                                  spec.optimizer);
}

void TorchStage::begin(Step step, std::int64_t samples, std::int64_t globalBatch, Batch batch) {
    if (weights_ && shared_.plan.frozenAt(step)) weights_->freeze();
    batches_[step.value] = {samples, globalBatch, std::move(batch)};
}

TorchStage::Told TorchStage::end(Step step) {
    Told told;
    if (takesTargets() && place_.tensor == 0)
        told = {batches_[step.value].lossSum, batches_[step.value].samples};
    shared_.bubbles.add(step.value, shareOf(batches_[step.value]));
    batches_.erase(step.value);
    micros_.erase(micros_.begin(), micros_.lower_bound({step.value, 0, 0}));
    const auto needed = [&](const Busy& busy) {
        return std::any_of(batches_.begin(), batches_.end(), [&](const auto& entry) {
            return entry.second.firstStart && busy.end > *entry.second.firstStart;
        });
    };
    while (!busy_.empty() && !needed(busy_.front())) busy_.pop_front();
    return told;
}

/// Passes of other steps that fall into its time are no idleness.
StageShare TorchStage::shareOf(const OpenBatch& batch) const {
    const Picoseconds first = batch.firstStart.value_or(batch.lastEnd);
    Picoseconds busy{0};
    for (const Busy& each : busy_)
        busy += std::max(Picoseconds{0}, std::min(each.end, batch.lastEnd) - std::max(each.begin, first));
    return {secondsOf(batch.lastEnd - first), secondsOf(busy)};
}

std::int64_t TorchStage::samplesOf(const StageOp& op) const {
    const auto [begin, end] =
        chunkOf(batches_.at(op.step.value).samples, shared_.plan.microBatches(), op.op.microBatch);
    return end - begin;
}

std::int64_t TorchStage::elementsBehind(int part) const {
    const int layer = shared_.plan.parts[static_cast<std::size_t>(part)].end - 1;
    return model_.layers[static_cast<std::size_t>(layer)].outputElements();
}

TorchStage::Micro& TorchStage::microOf(const StageOp& op) {
    const Key key{op.step.value, op.op.microBatch, op.op.chunk};
    const auto [place, isNew] = micros_.try_emplace(key);
    if (isNew) place->second.samples = samplesOf(op);
    return place->second;
}

/// A view of the tensor at the cut behind a part, which is made where there is none.
Values TorchStage::valuesOf(torch::Tensor& tensor, std::int64_t samples, int cut) {
    if (!weights_) return Values::counted(static_cast<std::size_t>(samples * elementsBehind(cut)));
    if (!tensor.defined()) {
        const int layer = shared_.plan.parts[static_cast<std::size_t>(cut)].end - 1;
        std::vector<std::int64_t> shape{samples};
        const auto& behind = model_.layers[static_cast<std::size_t>(layer)].outputShape;
        shape.insert(shape.end(), behind.begin(), behind.end());
        tensor = torch::empty(shape);
    }
    return spanOf(tensor);
}

Values TorchStage::input(const StageOp& op) {
    Micro& micro = microOf(op);
    return valuesOf(micro.input, micro.samples, partOf(op) - 1);
}
Values TorchStage::output(const StageOp& op) {
    Micro& micro = microOf(op);
    return valuesOf(micro.output, micro.samples, partOf(op));
}
Values TorchStage::outputGradient(const StageOp& op) {
    Micro& micro = microOf(op);
    return valuesOf(micro.outputGradient, micro.samples, partOf(op));
}
Values TorchStage::inputGradient(const StageOp& op) {
    Micro& micro = microOf(op);
    return valuesOf(micro.inputGradient, micro.samples, partOf(op) - 1);
}

bool TorchStage::wantsInputGradient(const StageOp& op) const {
    return partOf(op) > shared_.plan.scheduleAt(op.step).frozenParts;
}
bool TorchStage::learns(const StageOp& op) const {
    return partOf(op) >= shared_.plan.scheduleAt(op.step).frozenParts;
}

PartCosts::Passes TorchStage::costsOf(const StageOp& op, const Micro& micro) const {
    return shared_.costs.of(partOf(op), rank_, micro.samples, shared_.plan.frozenAt(op.step));
}

/// PipeDream takes the newest weights there are (weight stashing); 2BW those one update older than the batch
/// before leaves, since that may still be under way further up (Narayanan et al. 2021).
StageWeights::Held TorchStage::weightsFor(Step step) const {
    const auto newest = weights_->newest();
    if (!previous_) return newest;
    return newest->updates > std::max(0, step.value - 1) ? previous_ : newest;
}

void TorchStage::countVersions() {
    if (!shared_.plan.streams()) return;
    std::set<std::int64_t> versions{updates_};
    if (!shared_.plan.updatesEachMicroBatch() && updates_ > 0) versions.insert(updates_ - 1);
    for (const auto& [key, micro] : micros_)
        if (micro.underWay) versions.insert(micro.version);
    peakVersions_ = std::max(peakVersions_, static_cast<std::int64_t>(versions.size()));
}

void TorchStage::keepActivation(double share) {
    activations_ += share;
    peakActivations_ = std::max(peakActivations_, activations_);
}

void TorchStage::compute(const StageOp& op, FunctionRef<void(Values)> sum) {
    lane_.at(op.step.value);
    lane_.onMicroBatch(op.op.microBatch, shared_.plan.chunks() > 1 ? op.op.chunk : kNone);
    Micro& micro = microOf(op);
    OpenBatch& batch = batches_.at(op.step.value);
    if (!batch.firstStart) batch.firstStart = runtime_.now();
    const double share = 1.0 / shared_.plan.chunks();
    const bool recompute = shared_.plan.schedule.recompute;
    switch (op.op.pass) {
        case Pass::Forward:
            micro.underWay = true;
            micro.version = updates_;
            if (shared_.plan.streams() && !shared_.plan.updatesEachMicroBatch())
                micro.version = std::min<std::int64_t>(updates_, std::max(0, op.step.value - 1));
            if (weights_) micro.weights = weightsFor(op.step);
            countVersions();
            if (learns(op) && !recompute) keepActivation(share);
            forward(op, micro, Phase::Forward, sum, learns(op) && !recompute);
            if (!learns(op)) release(micro);
            break;
        case Pass::Backward:
        case Pass::BackwardInput:
        case Pass::BackwardWeight: {
            const bool first = shared_.plan.scheduleAt(op.step).beginsBackward(op.op.pass, partOf(op));
            if (first && recompute) {
                keepActivation(share);
                forward(op, micro, Phase::Recompute, sum, true);
            }
            if (first) backward(op, micro, sum);
            if (!first) weightGradients(op, micro);
            if (op.op.pass != Pass::BackwardInput) {
                activations_ -= share;
                release(micro);
            }
            break;
        }
    }
    batch.lastEnd = runtime_.now();
    lane_.onMicroBatch(kNone, kNone);
}

void TorchStage::sumCounted(Pieces& pieces, std::span<const std::int64_t> sums, std::int64_t samples,
                            FunctionRef<void(Values)> sum) {
    for (const std::int64_t elements : sums)
        pieces.sum([&] { sum(Values::counted(static_cast<std::size_t>(elements * samples))); });
}

void TorchStage::forward(const StageOp& op, Micro& micro, Phase phase, FunctionRef<void(Values)> sum,
                         bool keep) {
    const int part = partOf(op), chunk = op.op.chunk;
    const auto costs = costsOf(op, micro);
    const auto& sums = learningAt(op.step).sums[static_cast<std::size_t>(chunk)].forward;
    Pieces pieces(*this, phase, false, costs.forward, sums.size());
    if (weights_) {
        OpenBatch& batch = batches_.at(op.step.value);
        const auto [begin, end] = chunkOf(batch.samples, shared_.plan.microBatches(), op.op.microBatch);
        if (part == 0) micro.input = batch.batch.inputs.narrow(0, begin, end - begin);
        // Without W of its own there is nothing to cut for.
        micro.graph.emplace(!keep                         ? SplitBackward::Cut::Nothing
                            : shared_.plan.splitsBackward ? SplitBackward::Cut::EveryOperation
                                                          : SplitBackward::Cut::OnlySums,
                            keep && wantsInputGradient(op));
        const auto sumOver = [&](torch::Tensor& values) { pieces.sum([&] { sum(Values(spanOf(values))); }); };
        const auto& layers = weights_->part(chunk).plan.layers;
        const auto& tensors = micro.weights->tensors[static_cast<std::size_t>(chunk)];
        micro.output = micro.graph->forward(layers, tensors, micro.input, sumOver);
        if (part == lastPart()) {
            const NoSwitchSection section;
            micro.output.set_requires_grad(keep);
            const torch::Tensor targets = batch.batch.targets.narrow(0, begin, end - begin);
            const torch::Tensor loss = lossSum(model_.loss, micro.output, targets);
            if (phase == Phase::Forward && end > begin) batch.lossSum += loss.item<float>();
            // Divided by the samples of an update, so that gradients need only be added up.
            double samples = static_cast<double>(batch.globalBatch);
            if (shared_.plan.updatesEachMicroBatch())
                samples *= static_cast<double>(end - begin) / static_cast<double>(batch.samples);
            if (keep)
                micro.loss = loss / samples;
            else
                micro.output.reset();
        }
        if (!keep) micro.graph.reset();
    } else {
        sumCounted(pieces, sums, micro.samples, sum);
        if (part == lastPart()) batches_.at(op.step.value).lossSum = std::numeric_limits<double>::quiet_NaN();
    }
    pieces.end();
}

void TorchStage::backward(const StageOp& op, Micro& micro, FunctionRef<void(Values)> sum) {
    const bool both = op.op.pass != Pass::BackwardInput;
    const auto costs = costsOf(op, micro);
    const Phase phase = op.op.pass == Pass::BackwardWeight ? Phase::BackwardWeight : Phase::BackwardInput;
    const Picoseconds modelled = op.op.pass == Pass::BackwardInput ? costs.backwardInput
                                 : op.op.pass == Pass::BackwardWeight
                                     ? costs.backwardWeight
                                     : costs.backwardInput + costs.backwardWeight;
    const auto& sums = learningAt(op.step).sums[static_cast<std::size_t>(op.op.chunk)].backward;
    Pieces pieces(*this, phase, op.op.pass == Pass::Backward, modelled, sums.size());
    if (weights_) {
        if (partOf(op) == lastPart()) {
            const NoSwitchSection section;
            micro.outputGradient = torch::autograd::grad({micro.loss}, {micro.output})[0];
            micro.loss.reset();
            micro.output.reset();  // nobody is sent it
        }
        const auto sumOver = [&](torch::Tensor& values) { pieces.sum([&] { sum(Values(spanOf(values))); }); };
        torch::Tensor gradient = both ? micro.graph->backwardBoth(micro.outputGradient, sumOver)
                                      : micro.graph->backwardInput(micro.outputGradient, sumOver);
        if (wantsInputGradient(op)) micro.inputGradient = std::move(gradient);
    } else {
        sumCounted(pieces, sums, micro.samples, sum);
    }
    pieces.end();
}

void TorchStage::weightGradients(const StageOp& op, Micro& micro) {
    const auto costs = costsOf(op, micro);
    Pieces pieces(*this, Phase::BackwardWeight, false, costs.backwardWeight, 0);
    if (weights_) micro.graph->backwardWeight();
    pieces.end();
}

void TorchStage::release(Micro& micro) {
    delay_ = std::max(delay_, updates_ - micro.version);
    micro.underWay = false;
    micro.graph.reset();
    micro.weights.reset();
    micro.input.reset();
    micro.outputGradient.reset();
}

std::vector<Values> TorchStage::learning(Step step) {
    std::vector<Values> ranges;
    for (const FloatRange& range : learningAt(step).ranges)
        ranges.push_back(
            gradients().sub(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.size())));
    return ranges;
}

void TorchStage::update(Step step) {
    lane_.at(step.value);
    std::int64_t parameters = 0;
    for (const Values& values : learning(step)) parameters += static_cast<std::int64_t>(values.size());
    if (parameters > 0)
        lane_.span(Phase::Update, [&] {
            const Picoseconds begin = runtime_.now();
            if (weights_) {
                const NoSwitchSection section;
                if (shared_.plan.streams() && !shared_.plan.updatesEachMicroBatch())
                    previous_ = weights_->newest();
                weights_->update();
            }
            charge_(begin, shared_.costs.update(rank_, parameters));
        });
    ++updates_;
    countVersions();
}

Values TorchStage::values() {
    if (weights_) return weights_->values();
    const auto& all = whole_.ranges;
    return Values::counted(all.empty() ? 0 : static_cast<std::size_t>(all.back().end));
}

Values TorchStage::gradients() {
    if (weights_) return weights_->gradients();
    return values();
}

void TorchStage::save(RankState& into) const {
    into.counts.emplace_back("stage.updates", updates_);
    if (weights_) weights_->save(into);
    if (!previous_) return;
    const float* values = previous_->flat.data_ptr<float>();
    into.floats.emplace_back("stage.previous", std::vector<float>(values, values + previous_->flat.numel()));
    into.counts.emplace_back("stage.previous_version", previous_->updates);
}

void TorchStage::restore(const RankState& from) {
    StateReader reader(from, "stage.");
    updates_ = reader.count("updates", 0).value_or(0);
    if (weights_) {
        weights_->restore(from);
        const auto previous = reader.floats("previous", static_cast<std::int64_t>(weights_->values().size()));
        const auto version = reader.count("previous_version", 0);
        if (previous.has_value() != version.has_value())
            throw BadInput(Problem{"stage.previous", "expected with its version"});
        previous_ = previous ? weights_->version(*previous, *version) : nullptr;
    }
    reader.end("this stage");
}

void TorchStage::put(std::span<float> whole) const {
    if (weights_) weights_->put(whole);
}

}  // namespace rondo
