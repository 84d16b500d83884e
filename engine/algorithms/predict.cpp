#include "engine/algorithms/predict.h"

#include <algorithm>
#include <boost/json/value_from.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/planned_steps.h"
#include "engine/algorithms/predict_parts.h"
#include "engine/algorithms/warm_up.h"
#include "engine/compress/compression_cost.h"
#include "engine/core/overloaded.h"
#include "engine/data/batch_plan.h"
#include "engine/model/cost_model.h"

namespace rondo {

namespace {

std::int64_t globalBatch(const RunSpec& spec) {
    return meshOf(spec).data * spec.batch;
}

std::int64_t stepsPerEpoch(const RunSpec& spec, std::int64_t trainSamples) {
    const std::int64_t global = globalBatch(spec);
    return (trainSamples + global - 1) / global;
}

/// One step of virtual time, from what its parts cost.
class StepModel {
  public:
    StepModel(const RunSpec& spec, const ModelPlan& model, const Algorithm& algorithm)
        : spec_(spec),
          model_(model),
          algorithm_(algorithm),
          costs_(spec, model),
          buckets_(planBuckets(model, spec.algorithm)),
          network_(networkTermsOf(spec.cluster, static_cast<int>(spec.workers))) {}

    std::span<const BucketRange> buckets() const { return buckets_; }
    double exchange() const {
        double sum = 0;
        for (const BucketRange& bucket : buckets_) sum += exchange(bucket);
        return sum;
    }
    double start() const {
        if (algorithm_.servers() == 0) return 0;
        // A server that is never idle any more first waits for the first push, and then does 1/N of a step
        // for each.
        const double alone = compute(spec_.workers * spec_.batch) + exchange(), least = leastStep();
        return algorithm_.startSeconds(buckets_.front(), network_) +
               (least > alone ? alone - least / network_.ranks : 0);
    }
    double compute(std::int64_t globalSamples) const {
        std::vector<double> seconds;
        forEachRank(globalSamples, [&](Rank rank, std::int64_t samples) {
            double sum = secondsOf(costs_.forward(rank, samples));
            for (const LayerTimes& t : costs_.backward(rank, samples))
                sum += secondsOf(t.backwardInput + t.backwardWeight);
            seconds.push_back(sum + (algorithm_.servers() > 0 ? 0.0 : update(rank)));
        });
        return awaited(std::move(seconds)) + (algorithm_.servers() > 0 ? serverUpdate() : 0.0);
    }
    double step(std::int64_t globalSamples) const {
        if (algorithm_.servers() > 0) {
            return std::max(compute(globalSamples) + exchange(), leastStep());
        }
        double slowestUpdate = 0, backwardEnd = 0;
        std::vector<double> ready(buckets_.size(), 0.0);  // by the slowest rank
        forEachRank(globalSamples, [&](Rank rank, std::int64_t samples) {
            slowestUpdate = std::max(slowestUpdate, update(rank));
            double time = secondsOf(costs_.forward(rank, samples));
            const auto layers = costs_.backward(rank, samples);
            for (auto layer = static_cast<std::int32_t>(layers.size()) - 1; layer >= 0; --layer) {
                time += secondsOf(layers[static_cast<std::size_t>(layer)].backwardInput +
                                  layers[static_cast<std::size_t>(layer)].backwardWeight);
                for (std::size_t b = 0; b < buckets_.size(); ++b)
                    if (buckets_[b].completedBy == layer) ready[b] = std::max(ready[b], time);
            }
            backwardEnd = std::max(backwardEnd, time);
        });
        double end = 0;
        for (std::size_t b = 0; b < buckets_.size(); ++b)
            end = std::max(end, algorithm_.overlaps() ? ready[b] : backwardEnd) + exchange(buckets_[b]);
        return std::max(end, backwardEnd) + slowestUpdate;
    }

  private:
    double leastStep() const {
        return algorithm_.leastStepSeconds(buckets_.front(), serverUpdate(), network_);
    }
    double update(Rank rank) const { return secondsOf(costs_.update(rank)) * algorithm_.updateShare(); }
    double serverUpdate() const { return update(Rank{static_cast<std::int32_t>(spec_.workers)}); }
    /// Of the workers a step waits for, the slowest.
    double awaited(std::vector<double> seconds) const {
        std::sort(seconds.begin(), seconds.end());
        return seconds[static_cast<std::size_t>(algorithm_.waitsFor(static_cast<int>(seconds.size())) - 1)];
    }
    double exchange(const BucketRange& bucket) const { return algorithm_.exchangeSeconds(bucket, network_); }
    void forEachRank(std::int64_t globalSamples, auto&& body) const {
        for (int r = 0; r < spec_.workers; ++r) {
            const std::int64_t each = globalSamples / spec_.workers, extra = globalSamples % spec_.workers;
            body(Rank{r}, each + (r < extra ? 1 : 0));
        }
    }
    const RunSpec& spec_;
    const ModelPlan& model_;
    const Algorithm& algorithm_;
    CostModel costs_;
    std::vector<BucketRange> buckets_;
    NetworkTerms network_;
};

std::optional<std::int64_t> stepsOf(const RunSpec& spec, std::optional<std::int64_t> trainSamples) {
    return plannedSteps(spec, [&](std::int64_t epochs) -> std::optional<std::int64_t> {
        if (!trainSamples) return std::nullopt;
        const std::int64_t perEpoch = stepsPerEpoch(spec, *trainSamples);
        return epochs > kMostSteps / perEpoch ? kMostSteps : epochs * perEpoch;
    });
}

std::optional<std::int64_t> promisedSamples(const DataSpec& data) {
    return std::visit(
        Overloaded{
            [](const IdxData& s) { return s.train > 0 ? std::optional(s.train) : std::nullopt; },
            [](const auto& s) { return std::optional(s.train); },
        },
        data);
}

Prediction predictFrom(const RunSpec& spec, std::optional<std::int64_t> trainSamples,
                       const SampleShape& shape) {
    Prediction p;
    const ModelPlan model = planModel(spec, shape);
    const auto algorithm = makeAlgorithm(spec, model);
    const StepModel step(spec, model, *algorithm);
    const int workers = static_cast<int>(spec.workers);
    p.parameters = model.parameters();
    p.steps = stepsOf(spec, trainSamples);
    for (int r = 0; r < workers + algorithm->servers(); ++r)
        p.sentPerStep.push_back(algorithm->bytesSent(step.buckets(), Rank{r}, workers));
    p.messagesPerStep = algorithm->messages(step.buckets(), workers);
    if (!std::holds_alternative<NoCompression>(spec.compression)) {
        double encoded = 0;
        for (const BucketRange& bucket : step.buckets())
            encoded += static_cast<double>(encodedBytes(spec.compression, bucket));
        p.compressionRatio = static_cast<double>(p.parameters) * 4 / encoded;
    }
    if (const auto* mapReduce = std::get_if<MapReduceAlgorithm>(&spec.algorithm))
        p.stepFailure = probabilityOfAny(spec.workers, mapReduce->taskFailure);
    if (const auto second = spec.cluster.link.secondGbitPerS)
        p.firstCardShare = spec.cluster.link.gbitPerS / (spec.cluster.link.gbitPerS + *second);
    p.secondEigenvalue = algorithm->secondEigenvalue();
    if (const auto* inParts = dynamic_cast<const ModelParallel*>(algorithm.get())) {
        predictParts(p, spec, model, *inParts);
        // What a smaller batch takes is not played.
        const std::int64_t global = globalBatch(spec);
        const std::int64_t whole = trainSamples ? *trainSamples / global : p.steps.value_or(0);
        if (trainSamples && *trainSamples % global > 0 && p.steps && *p.steps > whole) {
            p.seconds.reset();
            p.samplesPerSecond.reset();
            const TimesSpec& times = spec.cluster.times;
            const bool whateverItsSize = (times.ofStages() || !times.layers.empty()) && times.messageMs;
            if (!whateverItsSize) p.parts->bubbleFraction.reset();
        }
        return p;
    }
    if (spec.runOn != RunOn::Virtual) return p;

    const std::int64_t global = globalBatch(spec);
    p.computeSeconds = step.compute(global);
    p.collectiveSeconds = step.exchange();
    const double each = step.step(global);
    // Where every worker has steps of its own, there is no such thing as a step of the run.
    if (algorithm->lockStep()) p.stepSeconds = each;
    if (!p.steps) return p;
    const std::int64_t samplesKnown = trainSamples.value_or(global);
    const std::int64_t perEpoch = trainSamples ? stepsPerEpoch(spec, samplesKnown) : *p.steps + 1;
    const std::int64_t rest = trainSamples ? samplesKnown % global : 0;  // of an epoch's last, smaller batch
    const std::int64_t smaller = rest > 0 ? *p.steps / perEpoch : 0;
    p.seconds = static_cast<double>(*p.steps - smaller) * each +
                (smaller > 0 ? static_cast<double>(smaller) * step.step(rest) : 0.0) + step.start();
    if (*p.seconds > 0 && std::isfinite(*p.seconds))
        p.samplesPerSecond = static_cast<double>((*p.steps - smaller) * global + smaller * rest) / *p.seconds;
    return p;
}

}  // namespace

double probabilityOfAny(std::int64_t count, double each) {
    return -std::expm1(static_cast<double>(count) * std::log1p(-each));
}

std::int64_t Prediction::payloadPerStep() const {
    return std::accumulate(sentPerStep.begin(), sentPerStep.end(), std::int64_t{0});
}

Prediction predict(const RunSpec& spec, std::int64_t trainSamples, const SampleShape& shape) {
    return withWarmUp(predictFrom(spec, trainSamples, shape), spec, trainSamples, shape);
}

Prediction predict(const RunSpec& spec) {
    const auto samples = promisedSamples(spec.data);
    return samples ? predict(spec, *samples, expectedShape(spec.data))
                   : predictFrom(spec, samples, expectedShape(spec.data));
}

namespace {
/// `each` · `times`, exact as long as 64 bits hold it.
boost::json::value total(std::int64_t each, std::int64_t times) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(each, times, &product))
        return static_cast<double>(each) * static_cast<double>(times);
    return product;
}
}  // namespace

boost::json::object toJson(const Prediction& p) {
    boost::json::object json;
    json["parameters"] = p.parameters;
    const auto put = [&](const char* name, const auto& value) {
        if (value && std::isfinite(static_cast<double>(*value))) json[name] = *value;
    };
    put("steps", p.steps);
    put("seconds", p.seconds);
    put("samples_per_second", p.samplesPerSecond);
    put("step_seconds", p.stepSeconds);
    put("compute_seconds", p.computeSeconds);
    put("collective_seconds", p.collectiveSeconds);
    put("step_failure_probability", p.stepFailure);
    put("first_card_share", p.firstCardShare);
    put("compression_ratio", p.compressionRatio);
    put("second_eigenvalue", p.secondEigenvalue);
    if (p.parts) {
        put("bubble_fraction", p.parts->bubbleFraction);
        json["peak_activations"] = boost::json::value_from(p.parts->peakActivations);
        json["weight_versions"] = boost::json::value_from(p.parts->weightVersions);
    }
    json["payload_bytes_per_step"] = p.payloadPerStep();
    json["messages_per_step"] = p.messagesPerStep;
    if (p.steps) {
        boost::json::array perRank;
        for (std::size_t r = 0; r < p.sentPerStep.size(); ++r)
            perRank.push_back({{"rank", r}, {"sent", total(p.sentPerStep[r], *p.steps)}});
        json["traffic"] = {{"payload_bytes", total(p.payloadPerStep(), *p.steps)},
                           {"messages", total(p.messagesPerStep, *p.steps)},
                           {"per_rank", std::move(perRank)}};
    }
    return json;
}

}  // namespace rondo
