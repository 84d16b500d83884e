#include <array>
#include <type_traits>

#include "engine/config/spec_visitor.h"

namespace rondo {

namespace {

using namespace std::string_view_literals;

constexpr IntegerLimits kCount{1, 1'000'000'000};
constexpr RealLimits kPositive{.low = 0, .aboveLow = true};
constexpr RealLimits kNotNegative{.low = 0};
// Of the modelled cluster: wide enough for any machine, narrow enough for virtual time to hold the outcome.
constexpr RealLimits kGflops{.low = 1e-3, .high = 1e9};
constexpr RealLimits kSpeed{.low = 1e-6, .high = 1e6};
constexpr RealLimits kGbitPerS{.low = 1e-6, .high = 1e6};
constexpr RealLimits kMicroseconds{.low = 0, .high = 1e9};
constexpr RealLimits kMilliseconds{.low = 0, .high = 1e8};
constexpr RealLimits kFraction{.low = 0, .high = 1, .belowHigh = true};

template <class Enum>
void choose(SpecVisitor& v, const Field& field, Enum& value, std::span<const std::string_view> names) {
    auto index = static_cast<std::size_t>(value);
    v.choice(field, index, names);
    value = static_cast<Enum>(index);
}

void fields(SpecVisitor& v, DigitsData& s) {
    v.integer({"train", "Training samples", "Generated handwriting to learn from"}, s.train, {1, 10'000'000});
    v.integer({"test", "Test samples", "Held back, to measure accuracy"}, s.test, {1, 10'000'000});
}
void fields(SpecVisitor& v, SpiralsData& s) {
    v.integer({"train", "Training samples", "Points to learn from"}, s.train, {1, 10'000'000});
    v.integer({"test", "Test samples", "Held back, to measure accuracy"}, s.test, {1, 10'000'000});
    v.integer({"arms", "Arms", "Spirals wound into each other, a class each"}, s.arms, {2, 10});
    v.real({"noise", "Noise", "How far points stray from their arm"}, s.noise, {.low = 0, .high = 1});
}
void fields(SpecVisitor& v, MoonsData& s) {
    v.integer({"train", "Training samples", "Points to learn from"}, s.train, {1, 10'000'000});
    v.integer({"test", "Test samples", "Held back, to measure accuracy"}, s.test, {1, 10'000'000});
    v.real({"noise", "Noise", "How far points stray from their moon"}, s.noise, {.low = 0, .high = 1});
}
void fields(SpecVisitor& v, IdxData& s) {
    v.path({"path", "Folder", "Holds the four files of MNIST or of a set like it, plain or .gz"}, s.path);
    v.integer({"train", "Training samples", "The first so many of the file; 0 = all"}, s.train,
              {0, 10'000'000});
    v.integer({"test", "Test samples", "The first so many of the file; 0 = all"}, s.test, {0, 10'000'000});
}
constexpr std::array kDataKinds{"digits"sv, "spirals"sv, "moons"sv, "idx"sv};

void fields(SpecVisitor&, IidSplit&) {}
constexpr std::array kSplitKinds{"iid"sv};

void fields(SpecVisitor&, LogisticModel&) {}
void fields(SpecVisitor& v, MlpModel& s) {
    v.integers({"hidden", "Hidden layers", "Width of each hidden layer, from the input on"}, s.hidden,
               {1, 65'536}, 64);
}
void fields(SpecVisitor&, CnnModel&) {}
void fields(SpecVisitor&, LenetModel&) {}
void fields(SpecVisitor& v, WeightsSpec& s) {
    static constexpr std::array weights{"real"sv, "modelled"sv};
    choose(v,
           {"weights", "Weights",
            "modelled: there are none, only the time and bytes they would take; for large models and many "
            "workers in "
            "virtual time"},
           s.modelled, weights);
    v.optionalReal({"megabytes", "Size", "Of modelled weights, instead of what this model has", "MB"},
                   s.megabytes, {.low = 1e-3, .high = 1e6});
}
constexpr std::array kModelKinds{"logistic"sv, "mlp"sv, "cnn"sv, "lenet"sv};

void fields(SpecVisitor& v, SgdOptimizer& s) {
    v.real({"learning_rate", "Learning rate", "Step length along the gradient"}, s.learningRate, kPositive);
    v.real({"momentum", "Momentum", "Share of the last step that is kept"}, s.momentum, kFraction);
    v.real({"weight_decay", "Weight decay", "Pull of the weights towards zero"}, s.weightDecay, kNotNegative);
}
void fields(SpecVisitor& v, AdamOptimizer& s) {
    v.real({"learning_rate", "Learning rate", "Step length"}, s.learningRate, kPositive);
    v.real({"beta1", "Beta 1", "Memory of the mean gradient"}, s.beta1, kFraction);
    v.real({"beta2", "Beta 2", "Memory of the mean squared gradient"}, s.beta2, kFraction);
    v.real({"epsilon", "Epsilon", "Keeps the division finite"}, s.epsilon, kPositive);
}
constexpr std::array kOptimizerKinds{"sgd"sv, "adam"sv};

void fields(SpecVisitor&, SingleAlgorithm&) {}
void fields(SpecVisitor& v, AllReduceAlgorithm& s) {
    static constexpr std::array collectives{"ring"sv,         "naive"sv, "tree"sv, "halving_doubling"sv,
                                            "hierarchical"sv, "auto"sv};
    choose(v,
           {"collective", "Collective",
            "How the gradients of all workers are summed; auto: what the α-β model finds fastest for each "
            "bucket"},
           s.collective, collectives);
    v.boolean({"overlap", "Overlap", "Send gradients while the backward pass still computes others"},
              s.overlap);
    v.real({"bucket_mb", "Bucket", "Gradients sent together; the first bucket closes at 1 MB already", "MB"},
           s.bucketMb, {.low = 0, .high = 100'000, .aboveLow = true});
}
void fields(SpecVisitor& v, ParameterServerAlgorithm& s) {
    static constexpr std::array modes{"sync"sv, "async"sv, "stale"sv};
    choose(v,
           {"mode", "Mode",
            "sync: all gradients of a step make one update; async: each makes its own; stale: in between"},
           s.mode, modes);
    v.integer({"staleness", "Staleness",
               "With mode stale, steps a worker may be ahead of what is applied; 0 is sync", "steps"},
              s.staleness, {0, 1'000'000});
    v.integer({"servers", "Servers", "Each holds an equal part of the weights"}, s.servers, {1, 256});
    v.integer({"backup", "Backup workers", "With mode sync, gradients an update does without: the slowest"},
              s.backup, {0, 4095});
}
void fields(SpecVisitor& v, GossipAlgorithm& s) {
    static constexpr std::array graphs{"ring"sv, "torus"sv, "star"sv, "line"sv, "full"sv, "edges"sv};
    choose(v, {"graph", "Graph", "Whom each worker averages its weights with"}, s.graph, graphs);
    v.pairs({"edges", "Links", "With graph edges: the workers that talk to each other, in pairs"}, s.edges,
            {0, 4095}, 20'000);
}
constexpr std::array kAlgorithmKinds{"single"sv, "all_reduce"sv, "parameter_server"sv, "gossip"sv};

void fields(SpecVisitor&, NoCompression&) {}
constexpr std::array kCompressionKinds{"none"sv};

template <class Variant, std::size_t N>
void kind(
    SpecVisitor& v, const Field& field, Variant& value, const std::array<std::string_view, N>& names,
    const std::function<void()>& whateverKind = [] {}) {
    static_assert(std::variant_size_v<Variant> == N, "every alternative needs its kind");
    v.kind(
        field, names, value.index(),
        [&](std::size_t chosen) {
            if (chosen == value.index()) return;
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                ((I == chosen ? void(value.template emplace<I>()) : void()), ...);
            }
            (std::make_index_sequence<N>{});
        },
        [&] {
            std::visit([&](auto& alternative) { fields(v, alternative); }, value);
            whateverKind();
        });
}

void fields(SpecVisitor& v, WorkerOverride& s) {
    v.integer({"worker", "Worker", "Which one, counted from 0"}, s.worker, {0, 1'000'000});
    v.real({"speed", "Speed", "Factor on the device speed: 0.25 computes four times as long"}, s.speed,
           kSpeed);
    v.optionalReal({"latency_us", "Latency", "Of this worker's network card instead of the common one", "µs"},
                   s.latencyUs, kMicroseconds);
    v.optionalReal(
        {"gbit_per_s", "Bandwidth", "Of this worker's network card instead of the common one", "Gbit/s"},
        s.gbitPerS, kGbitPerS);
}

void fields(SpecVisitor& v, ClusterSpec& s) {
    v.real({"device_gflops", "Device speed", "Arithmetic of each worker in virtual time", "GFLOP/s"},
           s.deviceGflops, kGflops);
    v.group({"link", "Link", "Every worker's network card in virtual time"}, [&] {
        v.real({"latency_us", "Latency", "Time until the first byte arrives (α)", "µs"}, s.link.latencyUs,
               kMicroseconds);
        v.real({"gbit_per_s", "Bandwidth", "Of each direction (β)", "Gbit/s"}, s.link.gbitPerS, kGbitPerS);
        v.real({"jitter_us", "Jitter", "Up to so much more latency, drawn from the seed", "µs"},
               s.link.jitterUs, kMicroseconds);
    });
    v.group(
        {"groups", "Groups", "Neighbours that are near each other, with slower links from group to group"},
        [&] {
            v.integer({"size", "Workers in a group", "0 = no groups", "workers"}, s.groups.size, {0, 4096});
            v.real({"latency_us", "Latency between", "From group to group (α)", "µs"}, s.groups.latencyUs,
                   kMicroseconds);
            v.real(
                {"gbit_per_s", "Bandwidth between", "Of a worker's messages to other groups (β)", "Gbit/s"},
                s.groups.gbitPerS, kGbitPerS);
        });
    v.list(
        {"overrides", "Exceptions", "Workers that are slower, faster or worse connected than the others"},
        s.overrides.size(), [&](std::size_t n) { s.overrides.resize(n); },
        [&](std::size_t i) { fields(v, s.overrides[i]); }, 100'000);
    v.group(
        {"times", "Typed-in times", "Replace the modelled cost of one batch on one worker in virtual time"},
        [&] {
            v.optionalReal({"forward_ms", "Forward", "Forward pass of one batch", "ms"}, s.times.forwardMs,
                           kMilliseconds);
            v.optionalReal({"backward_input_ms", "Backward, inputs", "Gradients of the inputs", "ms"},
                           s.times.backwardInputMs, kMilliseconds);
            v.optionalReal({"backward_weight_ms", "Backward, weights", "Gradients of the weights", "ms"},
                           s.times.backwardWeightMs, kMilliseconds);
            v.optionalReal({"update_ms", "Update", "Optimiser", "ms"}, s.times.updateMs, kMilliseconds);
            v.optionalReal({"message_ms", "Message",
                            "Pure delay of a message, whatever its size; occupies neither end", "ms"},
                           s.times.messageMs, kMilliseconds);
        });
}

void fields(SpecVisitor& v, StopSpec& s) {
    v.optionalInteger({"steps", "Steps", "Optimiser updates per worker"}, s.steps, kCount);
    v.optionalInteger({"epochs", "Epochs", "Passes over the training data"}, s.epochs, kCount);
    v.optionalInteger({"rounds", "Rounds", "Synchronisations of all workers"}, s.rounds, kCount);
    v.optionalReal(
        {"accuracy", "Accuracy", "Test accuracy that is good enough; looked at in every evaluation"},
        s.accuracy, {.low = 0, .high = 1, .aboveLow = true});
    v.optionalReal({"seconds", "Seconds", "Training time, virtual in virtual", "s"}, s.seconds,
                   {.low = 0, .high = 4e6, .aboveLow = true});
}

}  // namespace

void describe(SpecVisitor& v, RunSpec& s) {
    static constexpr std::array runOn{"virtual"sv, "threads"sv};
    v.text({"name", "Name", "Shown above the charts"}, s.name);
    v.integer({"seed", "Seed", "Same seed, same data, same weights at the start"}, s.seed,
              {0, (std::int64_t{1} << 53) - 1});
    choose(v,
           {"run_on", "Run on",
            "virtual: a modelled cluster, exact and repeatable; threads: this computer's cores"},
           s.runOn, runOn);
    v.integer({"workers", "Workers", "Ranks that train"}, s.workers, {1, 4096});
    v.integer({"batch", "Batch", "Samples of each worker in a step"}, s.batch, {1, 1'000'000});
    kind(v, {"data", "Data", "What is learned"}, s.data, kDataKinds);
    kind(v, {"split", "Split", "How the data is divided among workers"}, s.split, kSplitKinds);
    kind(v, {"model", "Model", "What learns"}, s.model, kModelKinds, [&] { fields(v, s.weights); });
    kind(v, {"optimizer", "Optimizer", "How gradients change the weights"}, s.optimizer, kOptimizerKinds);
    kind(v, {"algorithm", "Algorithm", "How workers share what they learn"}, s.algorithm, kAlgorithmKinds);
    kind(v, {"compression", "Compression", "What is sent instead of the whole gradient"}, s.compression,
         kCompressionKinds);
    v.group({"cluster", "Cluster", "The computers and links of virtual time"}, [&] { fields(v, s.cluster); });
    v.list(
        {"faults", "Faults", "What goes wrong during the run"}, 0, [](std::size_t) {}, [](std::size_t) {}, 0);
    v.group({"stop", "Stop after", "The first of these that is reached ends the run"},
            [&] { fields(v, s.stop); });
    v.integer({"evaluate_every", "Evaluate every",
               "Steps between two looks at the test set; 0 = only at the end", "steps"},
              s.evaluateEvery, {0, 1'000'000'000});
}

}  // namespace rondo
