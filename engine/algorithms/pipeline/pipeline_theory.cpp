#include "engine/algorithms/pipeline/pipeline_theory.h"

#include <algorithm>
#include <cmath>

#include "engine/algorithms/pipeline/schedule_stream.h"

namespace rondo {

namespace {

constexpr const char* kGPipe = "Huang et al. 2019";
constexpr const char* kPipeDream = "Narayanan et al. 2019";
constexpr const char* k2bw = "Narayanan et al. 2021, PipeDream-2BW";
constexpr const char* kMegatron = "Narayanan et al. 2021, Megatron-LM";
constexpr const char* kZeroBubble = "Qi et al. 2023";

/// Time a stage waits, as a letter formula and a number.
struct Bubble {
    double time = 0;
    const char* ofTotal;
    const char* ofIdeal;
    const char* cost;
    const char* source;
};

class Theory {
  public:
    explicit Theory(const PipelineShape& shape)
        : shape_(shape), p_(shape.stages), m_(shape.microBatches), v_(shape.chunks) {
        forward_ = shape.times.forward;
        backwardInput_ = shape.times.backwardInput + (shape.recompute ? forward_ : 0);
        backwardWeight_ = shape.times.backwardWeight;
    }

    PipelineTheory tell() {
        if (const auto bubble = bubbleOf()) tellTimes(*bubble);
        tellActivations();
        tellVersions();
        theory_.messages = messagesPerStep(shape_.stages, shape_.chunks, shape_.microBatches);
        add("messages of a step", "2m(p·v − 1)", "two ways across every cut",
            static_cast<double>(theory_.messages));
        return std::move(theory_);
    }

  private:
    void add(const char* name, const char* formula, const char* source, double value) {
        theory_.lines.push_back({name, formula, source, value});
    }
    double all() const { return forward_ + backwardInput_ + backwardWeight_; }
    bool continuous() const {
        return shape_.kind == ScheduleKind::PipeDream || shape_.kind == ScheduleKind::PipeDream2bw;
    }
    /// Micro-batches that follow each other without a flush.
    double inARow() const { return continuous() ? m_ * shape_.batches : m_; }

    std::optional<Bubble> bubbleOf() const {
        switch (shape_.kind) {
            case ScheduleKind::Vanilla:
                return Bubble{(p_ - 1) * m_ * all(), "1 − 1/p", "p − 1", "m·p·(F + B + W)",
                              "one stage at a time"};
            case ScheduleKind::GPipe:
            case ScheduleKind::OneFOneB:
                return Bubble{(p_ - 1) * all(), "(p − 1) / (m + p − 1)", "(p − 1) / m",
                              "(m + p − 1)·(F + B + W)",
                              shape_.kind == ScheduleKind::GPipe ? kGPipe : kPipeDream};
            case ScheduleKind::PipeDream:
            case ScheduleKind::PipeDream2bw:
                return Bubble{(p_ - 1) * all(), "(p − 1) / (k·m + p − 1)", "(p − 1) / (k·m)",
                              "(k·m + p − 1)·(F + B + W)",
                              shape_.kind == ScheduleKind::PipeDream ? kPipeDream : k2bw};
            case ScheduleKind::Interleaved:
                return Bubble{(p_ - 1) * all() / v_, "(p − 1) / (v·m + p − 1)", "(p − 1) / (v·m)",
                              "(m + (p − 1)/v)·(F + B + W)", kMegatron};
            case ScheduleKind::ZbH1:
                if (m_ < p_ || backwardWeight_ > forward_) return std::nullopt;
                return Bubble{(p_ - 1) * (forward_ + backwardInput_ - backwardWeight_),
                              "(p − 1)(F + B − W) / cost", "(p − 1)(F + B − W) / (m·(F + B + W))",
                              "m·(F + B + W) + (p − 1)(F + B − W)", kZeroBubble};
            case ScheduleKind::ZbH2:
                if (m_ < 2 * p_ - 1 || backwardWeight_ > forward_ ||
                    2 * backwardWeight_ > forward_ + backwardInput_)
                    return std::nullopt;
                return Bubble{(p_ - 1) * (forward_ + backwardInput_ - 2 * backwardWeight_),
                              "(p − 1)(F + B − 2W) / cost", "(p − 1)(F + B − 2W) / (m·(F + B + W))",
                              "m·(F + B + W) + (p − 1)(F + B − 2W)", kZeroBubble};
        }
        return std::nullopt;
    }

    void tellTimes(const Bubble& bubble) {
        const double ideal = inARow() * all(), cost = ideal + bubble.time;
        const auto share = [&](double of) { return of > 0 ? bubble.time / of : 0; };
        theory_.cost = cost;
        theory_.bubbleOfTotal = share(cost);
        theory_.bubbleOfIdeal = share(ideal);
        theory_.speedUp = cost > 0 ? p_ * ideal / cost : p_;
        add("bubble of total time", bubble.ofTotal, bubble.source, share(cost));
        add("bubble of ideal time", bubble.ofIdeal, kMegatron, share(ideal));
        add(continuous() ? "cost of k batches" : "cost of a step", bubble.cost, bubble.source, cost);
        switch (shape_.kind) {
            case ScheduleKind::Vanilla:
                add("utilisation", "1/p", bubble.source, 1 - share(cost));
                add("speed-up", "1", bubble.source, *theory_.speedUp);
                break;
            case ScheduleKind::GPipe:
            case ScheduleKind::OneFOneB:
                add("speed-up", "m·p / (m + p − 1)", bubble.source, *theory_.speedUp);
                break;
            default:
                add("speed-up", "p·(1 − bubble of total time)", bubble.source, *theory_.speedUp);
        }
    }

    /// Micro-batches of which a stage has begun the forward and not the backward, at most.
    double underWay(int stage) const {
        const double left = p_ - stage;
        switch (shape_.kind) {
            case ScheduleKind::Vanilla:
                return 1;
            case ScheduleKind::GPipe:
                return m_;
            case ScheduleKind::OneFOneB:
            case ScheduleKind::ZbH1:
                return std::min(m_, left);
            case ScheduleKind::PipeDream:
            case ScheduleKind::PipeDream2bw:
                return std::min(inARow(), left);
            case ScheduleKind::ZbH2:
                return std::min(m_, 2 * left - 1);
            case ScheduleKind::Interleaved:
                return m_ == p_ ? m_ : std::min(m_, (2 * (left - 1) + (v_ - 1) * p_ + 1) / v_);
        }
        return 0;
    }
    /// Those whose backward is through, but not the gradient of their weights, and the one that is at it.
    double pending(int stage) const {
        if (shape_.kind == ScheduleKind::ZbH1) return std::min(m_, stage + 1.0);
        if (shape_.kind == ScheduleKind::ZbH2) return std::min(m_, 2.0 * stage + 1);
        return 1 / v_;
    }

    void tellActivations() {
        for (int stage = 0; stage < shape_.stages; ++stage) {
            // The one at work is counted among both.
            theory_.peakActivations.push_back(
                shape_.recompute ? pending(stage)
                                 : std::min(inARow(), underWay(stage) + pending(stage) - 1 / v_));
            theory_.peakInputs.push_back(
                shape_.recompute ? static_cast<int>(std::lround(underWay(stage) * v_)) : 0);
        }
        struct Form {
            const char *whole, *again, *source;
        };
        const auto form = [&]() -> Form {
            switch (shape_.kind) {
                case ScheduleKind::Vanilla:
                    return {"1", "1", "one stage at a time"};
                case ScheduleKind::GPipe:
                    return {"m", "1", kGPipe};
                case ScheduleKind::OneFOneB:
                    return {"min(m, p − s)", "1", kPipeDream};
                case ScheduleKind::PipeDream:
                    return {"min(k·m, p − s)", "1", kPipeDream};
                case ScheduleKind::PipeDream2bw:
                    return {"min(k·m, p − s)", "1", k2bw};
                case ScheduleKind::Interleaved:
                    return {"min(m, (2(p − s − 1) + (v − 1)p + 1) / v), m = p: m", "1/v", kMegatron};
                case ScheduleKind::ZbH1:
                    return {"min(m, p)", "min(m, s + 1)", kZeroBubble};
                case ScheduleKind::ZbH2:
                    return {"min(m, 2p − 1)", "min(m, 2s + 1)", kZeroBubble};
            }
            return {"", "", ""};
        }();
        add("activations at most", shape_.recompute ? form.again : form.whole, form.source,
            *std::max_element(theory_.peakActivations.begin(), theory_.peakActivations.end()));
    }

    void tellVersions() {
        PipelineSchedule order{shape_.microBatches, shape_.chunks, {}};
        order.stages.resize(static_cast<std::size_t>(shape_.stages));
        if (shape_.kind == ScheduleKind::PipeDream) order.weights = WeightUse::Stashed;
        if (shape_.kind == ScheduleKind::PipeDream2bw) order.weights = WeightUse::Buffered;
        for (int stage = 0; stage < shape_.stages; ++stage)
            theory_.weightVersions.push_back(rondo::weightVersions(order, stage, shape_.batches));
        if (continuous())
            add("versions of the weights",
                shape_.kind == ScheduleKind::PipeDream ? "min(k·m, p − s)" : "min(k, 2)",
                shape_.kind == ScheduleKind::PipeDream ? kPipeDream : k2bw, theory_.weightVersions.front());
    }

    const PipelineShape& shape_;
    const double p_, m_, v_;
    double forward_ = 0, backwardInput_ = 0, backwardWeight_ = 0;
    PipelineTheory theory_;
};

}  // namespace

PipelineTheory pipelineTheory(const PipelineShape& shape) {
    return Theory(shape).tell();
}

std::int64_t messagesPerStep(int stages, int chunks, int microBatches, int frozenParts) {
    if (stages == 1) return 0;
    const std::int64_t cuts = std::int64_t{stages} * chunks - 1;
    return microBatches * (cuts + (cuts - frozenParts));
}

std::int64_t bytesPerStep(int stages, int microBatches, const std::vector<std::int64_t>& bytesOfCut,
                          int frozenParts) {
    if (stages == 1) return 0;
    std::int64_t bytes = 0;
    for (std::size_t cut = 0; cut < bytesOfCut.size(); ++cut)
        bytes += microBatches * bytesOfCut[cut] * (static_cast<int>(cut) < frozenParts ? 1 : 2);
    return bytes;
}

}  // namespace rondo
