#include <algorithm>
#include <array>
#include <initializer_list>
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
    v.folder({"path", "Folder", "Holds the four files of MNIST or of a set like it, plain or .gz"}, s.path);
    v.integer({"train", "Training samples", "The first so many of the file; 0 = all"}, s.train,
              {0, 10'000'000});
    v.integer({"test", "Test samples", "The first so many of the file; 0 = all"}, s.test, {0, 10'000'000});
}
void fields(SpecVisitor& v, SequencesData& s) {
    static constexpr std::array tasks{"copy"sv, "sort"sv};
    choose(v, {"task", "Task", "What follows the symbols: the same again, or the same in order"}, s.task,
           tasks);
    v.integer({"length", "Length", "Symbols to copy or sort; a sample is twice as long", "symbols"}, s.length,
              {1, 512});
    v.integer({"symbols", "Alphabet", "Different symbols", "symbols"}, s.symbols, {2, 200});
    v.integer({"train", "Training samples", "Generated sequences to learn from"}, s.train, {1, 10'000'000});
    v.integer({"test", "Test samples", "Held back, to measure accuracy"}, s.test, {1, 10'000'000});
}
void fields(SpecVisitor& v, TextData& s) {
    v.file({"path", "File", "A text; what is learned is its next character"}, s.path);
    v.integer({"length", "Length", "Of a sample: how far the model can look back", "characters"}, s.length,
              {2, 1024});
    v.integer({"train", "Training samples", "Pieces of the first nine tenths of the file"}, s.train,
              {1, 1'000'000});
    v.integer({"test", "Test samples", "Pieces of its last tenth, to measure accuracy"}, s.test,
              {1, 1'000'000});
}
constexpr std::array kDataKinds{"digits"sv, "spirals"sv, "moons"sv, "idx"sv, "sequences"sv, "text"sv};

void fields(SpecVisitor&, IidSplit&) {}
void fields(SpecVisitor&, SameSplit&) {}
constexpr std::array kSplitKinds{"iid"sv, "same"sv};

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
void fields(SpecVisitor&, LeastSquaresModel&) {}
void fields(SpecVisitor&, SmallCnnModel&) {}
void fields(SpecVisitor& v, TransformerModel& s) {
    v.integer({"layers", "Layers", "Blocks of attention and a small network behind it"}, s.layers, {1, 256});
    v.integer({"width", "Width", "Of the vector that stands for a symbol"}, s.width, {1, 8192});
    v.integer({"heads", "Heads", "Of each attention; the width is shared among them"}, s.heads, {1, 256});
}
void fields(SpecVisitor&, Resnet20Model&) {}
constexpr std::array kModelKinds{"logistic"sv,      "mlp"sv,       "cnn"sv,         "lenet"sv,
                                 "least_squares"sv, "small_cnn"sv, "transformer"sv, "resnet20"sv};

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
void fields(SpecVisitor& v, AcceleratedOptimizer& s) {
    v.real({"learning_rate", "Learning rate", "Step length along the gradient"}, s.learningRate, kPositive);
}
constexpr std::array kOptimizerKinds{"sgd"sv, "adam"sv, "accelerated"sv};

void fields(SpecVisitor&, SingleAlgorithm&) {}
void fields(SpecVisitor& v, AllReduceAlgorithm& s) {
    static constexpr std::array collectives{"ring"sv,         "naive"sv, "tree"sv,      "halving_doubling"sv,
                                            "hierarchical"sv, "auto"sv,  "send_first"sv};
    choose(v,
           {"collective", "Collective",
            "How the gradients of all workers are summed; auto: what the α-β model finds fastest for each "
            "bucket; send_first: a ring with the mistake of sending before anybody receives"},
           s.collective, collectives);
    v.boolean({"overlap", "Overlap", "Send gradients while the backward pass still computes others"},
              s.overlap);
    v.real({"bucket_mb", "Bucket", "Gradients sent together; the first bucket closes at 1 MB already", "MB"},
           s.bucketMb, {.low = 0, .high = 100'000, .aboveLow = true});
    v.boolean({"average", "Average", "Off, a mistake to look at: the sum of the gradients, not their mean"},
              s.average);
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
    v.pairs({"edges",
             "Links",
             "With graph edges: the workers that talk to each other, in pairs",
             {},
             s.graph == GraphKind::Edges},
            s.edges, {0, 4095}, 20'000);
}
void fields(SpecVisitor& v, MapReduceAlgorithm& s) {
    static constexpr std::array shapes{"star"sv, "tree"sv};
    choose(v,
           {"reduce", "Reduce",
            "How weights are handed out and gradients summed: by worker 0 with everyone, or "
            "along a tree"},
           s.reduce, shapes);
    v.real({"task_failure", "Task failure", "Chance that a worker's part of a step fails and is run again"},
           s.taskFailure, kFraction);
}
void fields(SpecVisitor& v, StagesSpec& s) {
    static constexpr std::array schedules{"vanilla"sv,     "gpipe"sv,         "1f1b"sv,
                                          "interleaved"sv, "zb_h1"sv,         "zb_h2"sv,
                                          "pipedream"sv,   "pipedream_2bw"sv, "hand"sv};
    static constexpr std::array cuts{"parameters"sv, "time"sv, "layers"sv, "hand"sv};
    choose(
        v,
        {"schedule", "Schedule",
         "Which stage computes what when; pipedream and pipedream_2bw go on without waiting for the end of "
         "a batch, with weights of several versions; hand: an order of your own"},
        s.schedule, schedules);
    v.text({"order",
            "Order",
            "With schedule hand, what each stage does: F0 F1 BW0 BW1, B and W apart or together, stages "
            "parted by /",
            {},
            s.schedule == ScheduleChoice::Hand},
           s.order);
    v.integer({"micro_batches", "Micro-batches", "Equal parts of a batch that follow each other"},
              s.microBatches, {1, 4096});
    v.integer({"chunks",
               "Chunks",
               "With schedule interleaved, parts of the model that each worker holds",
               {},
               s.schedule == ScheduleChoice::Interleaved},
              s.chunks, {1, 64});
    v.boolean({"recompute", "Recompute",
               "Keep a stage's inputs only, and compute its forward pass again before its backward pass"},
              s.recompute);
    choose(
        v,
        {"cut", "Cut by",
         "What the stages have about equally much of: parameters, time to compute, layers; hand: where you "
         "say"},
        s.cut, cuts);
    v.integers({"cut_at",
                "Cut at",
                "With cut hand, the first layer of each stage after the first, counted from 0",
                {},
                s.cut == CutBy::Hand},
               s.cutAt, {1, 100'000}, 4096);
    v.integer({"freeze_layers", "Freeze", "The first so many layers stop learning; 0 = none", "layers"},
              s.freezeLayers, {0, 100'000});
    v.integer(
        {"freeze_after", "Freeze after", "Steps in which they still learn", "steps", s.freezeLayers > 0},
        s.freezeAfter, {0, 1'000'000'000});
}
void fields(SpecVisitor& v, PipelineAlgorithm& s) {
    fields(v, s.stages);
}
void fields(SpecVisitor&, TensorAlgorithm&) {}
void fields(SpecVisitor& v, HybridAlgorithm& s) {
    v.integer({"data", "Replicas", "Of the whole model, each with a batch of its own"}, s.data, {1, 4096});
    v.integer({"pipeline", "Stages", "Of each replica"}, s.pipeline, {1, 4096});
    v.integer({"tensor", "Tensor ranks", "That share every layer of a stage"}, s.tensor, {1, 4096});
    fields(v, s.stages);
}
constexpr std::array kAlgorithmKinds{"single"sv,     "all_reduce"sv, "parameter_server"sv, "gossip"sv,
                                     "map_reduce"sv, "pipeline"sv,   "tensor"sv,           "hybrid"sv};

constexpr RealLimits kDensity{.low = 0, .high = 1, .aboveLow = true};

void errorFeedback(SpecVisitor& v, bool& value) {
    v.boolean({"error_feedback", "Error feedback", "Add to the next gradient what this one left out"}, value);
}
void fields(SpecVisitor&, NoCompression&) {}
void fields(SpecVisitor&, HalfCompression&) {}
void fields(SpecVisitor& v, TopKCompression& s) {
    v.real({"density", "Density", "Share of the gradient that is sent: the largest values"}, s.density,
           kDensity);
    errorFeedback(v, s.errorFeedback);
}
void fields(SpecVisitor& v, DgcCompression& s) {
    v.real({"density", "Density", "Share of the gradient that is sent: the largest values"}, s.density,
           kDensity);
    v.integer({"warmup_epochs", "Warm-up", "Epochs in which the density comes down from a quarter", "epochs"},
              s.warmupEpochs, {0, 1'000'000});
    v.real(
        {"clip", "Clip", "Longest gradient of all workers together, each bucket by itself; 0 = any length"},
        s.clip, kNotNegative);
}
void fields(SpecVisitor& v, QuantizeCompression& s) {
    v.integer({"bits", "Bits", "Of each value, its sign included", "bits"}, s.bits, {2, 16});
    v.optionalInteger(
        {"levels", "Levels", "Steps from 0 to the largest value, instead of what the bits hold"}, s.levels,
        {1, 32767});
}
void fields(SpecVisitor& v, SignCompression& s) {
    errorFeedback(v, s.errorFeedback);
}
void fields(SpecVisitor& v, PowerSgdCompression& s) {
    v.integer({"rank", "Rank", "Of the two thin matrices that are sent instead of a layer's gradient"},
              s.rank, {1, 256});
    errorFeedback(v, s.errorFeedback);
}
void fields(SpecVisitor& v, RandomMaskCompression& s) {
    v.real({"density", "Density", "Share of the gradient that is sent, drawn anew each step"}, s.density,
           kDensity);
    errorFeedback(v, s.errorFeedback);
}
constexpr std::array kCompressionKinds{"none"sv,     "half"sv, "top_k"sv,     "dgc"sv,
                                       "quantize"sv, "sign"sv, "power_sgd"sv, "random_mask"sv};

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

void fields(SpecVisitor& v, LayerTimesSpec& s) {
    v.real({"forward_ms", "Forward", "Forward pass of one micro-batch", "ms"}, s.forwardMs, kMilliseconds);
    v.real({"backward_input_ms", "Backward, inputs", "Gradients of the inputs", "ms"}, s.backwardInputMs,
           kMilliseconds);
    v.real({"backward_weight_ms", "Backward, weights", "Gradients of the weights", "ms"}, s.backwardWeightMs,
           kMilliseconds);
}

void fields(SpecVisitor& v, ClusterSpec& s) {
    v.real({"device_gflops", "Device speed", "Arithmetic of each worker in virtual time", "GFLOP/s"},
           s.deviceGflops, kGflops);
    v.group({"link", "Link", "Every worker's network card in virtual time"}, [&] {
        v.real({"latency_us", "Latency", "Time until the first byte arrives (α)", "µs"}, s.link.latencyUs,
               kMicroseconds);
        v.real({"gbit_per_s", "Bandwidth", "Of each direction (β)", "Gbit/s"}, s.link.gbitPerS, kGbitPerS);
        v.optionalReal(
            {"second_gbit_per_s", "Second card",
             "Bandwidth of another card in every computer; messages are cut so that both end at once",
             "Gbit/s"},
            s.link.secondGbitPerS, kGbitPerS);
        v.real({"jitter_us", "Jitter", "Up to so much more latency, drawn from the seed", "µs"},
               s.link.jitterUs, kMicroseconds);
    });
    v.boolean(
        {"shaped", "Shape real links",
         "With processes and lab: messages take as long as on the links described here, where real ones are "
         "faster"},
        s.shaped);
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
        {"overrides", "Exceptions", "Workers that are slower, faster or worse connected than the others",
         "Exception"},
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
            v.list(
                {"layers", "Of each layer", "Measured times of one micro-batch, instead of the first three",
                 "Layer"},
                s.times.layers.size(), [&](std::size_t n) { s.times.layers.resize(n); },
                [&](std::size_t i) { fields(v, s.times.layers[i]); }, 1000);
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

constexpr std::array kFaultKinds{"slow"sv, "pause"sv, "cut_link"sv, "degrade_link"sv, "kill"sv, "restart"sv};

}  // namespace

std::string_view nameOf(FaultKind kind) {
    return kFaultKinds[static_cast<std::size_t>(kind)];
}

void describe(SpecVisitor& v, FaultSpec& s) {
    const auto among = [&s](std::initializer_list<FaultKind> kinds) {
        return std::find(kinds.begin(), kinds.end(), s.kind) != kinds.end();
    };
    choose(
        v,
        {"kind", "Fault",
         "slow: computes more slowly; pause: stands still; restart: loses its step and does it again; kill: "
         "leaves the run; cut_link, degrade_link: of the link between worker and peer"},
        s.kind, kFaultKinds);
    v.integer({"worker", "Worker", "Whom it strikes, counted from 0"}, s.worker, {0, 1'000'000});
    v.optionalInteger(
        {"peer", "Peer", "The other end of a link", {}, among({FaultKind::CutLink, FaultKind::DegradeLink})},
        s.peer, {0, 1'000'000});
    v.optionalInteger({"at_step", "At step", "It begins with this step of the worker"}, s.atStep,
                      {0, 1'000'000'000});
    v.optionalReal({"at_second", "At second", "It begins at this time of the run instead", "s"}, s.atSecond,
                   {.low = 0, .high = 4e6});
    v.optionalReal({"for_seconds", "For", "So long; empty = until the end", "s", !among({FaultKind::Kill})},
                   s.forSeconds, {.low = 0, .high = 4e6, .aboveLow = true});
    v.real({"factor",
            "Factor",
            "Of slow and degrade_link: so many times as long",
            {},
            among({FaultKind::Slow, FaultKind::DegradeLink})},
           s.factor, {.low = 1, .high = 1e6});
}

void describe(SpecVisitor& v, RunSpec& s) {
    static constexpr std::array runOn{"virtual"sv, "threads"sv, "processes"sv, "lab"sv, "gloo"sv};
    v.text({"name", "Name", "Shown above the charts"}, s.name);
    v.integer({"seed", "Seed", "Same seed, same data, same weights at the start"}, s.seed,
              {0, (std::int64_t{1} << 53) - 1});
    choose(v,
           {"run_on", "Run on",
            "virtual: a modelled cluster, exact and repeatable; threads: this computer's cores; processes: "
            "the same over WebSockets; lab: the machines that joined; gloo: processes over LibTorch's Gloo"},
           s.runOn, runOn);
    v.integer({"workers", "Workers", "Ranks that train"}, s.workers, {1, 4096});
    v.integer({"batch", "Batch",
               "Samples in a step of each worker, or of each replica where workers share a model"},
              s.batch, {1, 1'000'000});
    kind(v, {"data", "Data", "What is learned"}, s.data, kDataKinds);
    kind(v,
         {"split", "Split",
          "How the data is divided among workers; same, a mistake to look at: all get the same"},
         s.split, kSplitKinds);
    kind(v, {"model", "Model", "What learns"}, s.model, kModelKinds, [&] { fields(v, s.weights); });
    kind(v, {"optimizer", "Optimizer", "How gradients change the weights"}, s.optimizer, kOptimizerKinds);
    kind(v, {"algorithm", "Algorithm", "How workers share what they learn"}, s.algorithm, kAlgorithmKinds);
    kind(v, {"compression", "Compression", "What is sent instead of the whole gradient"}, s.compression,
         kCompressionKinds);
    v.group({"cluster", "Cluster", "The computers and links of virtual time"}, [&] { fields(v, s.cluster); });
    v.list(
        {"faults", "Faults", "What goes wrong during the run", "Fault"}, s.faults.size(),
        [&](std::size_t n) { s.faults.resize(n); }, [&](std::size_t i) { describe(v, s.faults[i]); }, 1000);
    v.group({"stop", "Stop after", "The first of these that is reached ends the run"},
            [&] { fields(v, s.stop); });
    v.integer({"evaluate_every", "Evaluate every",
               "Steps between two looks at the test set; 0 = only at the end", "steps"},
              s.evaluateEvery, {0, 1'000'000'000});
}

}  // namespace rondo
