#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rondo {

// The settings of a run, as plain values. Defaults are those of a settings file that leaves a key out.
// What each setting means, its unit, limits and words for the screen stand once, in describe.cpp; the rules
// that tie settings together stand in validate.cpp. Every alternative of a variant is a `kind` in the file.

/// Processes: workers started on this computer; Lab: those that joined; both over WebSockets.
enum class RunOn { Virtual, Threads, Processes, Lab, Gloo };
enum class Collective { Ring, Naive, Tree, HalvingDoubling, Hierarchical, Auto, SendFirst };

enum class ServerMode { Sync, Async, Stale };
enum class GraphKind { Ring, Torus, Star, Line, Full, Edges };
enum class ReduceShape { Star, Tree };
/// Kinds of engine/algorithms/pipeline/schedule.h in its order, and a list written by hand.
enum class ScheduleChoice {
    Vanilla,
    GPipe,
    OneFOneB,
    Interleaved,
    ZbH1,
    ZbH2,
    PipeDream,
    PipeDream2bw,
    Hand
};
enum class CutBy { Parameters, Time, Layers, Hand };
enum class SequenceTask { Copy, Sort };
enum class FaultKind { Slow, Pause, CutLink, DegradeLink, Kill, Restart };

struct DigitsData {
    std::int64_t train = 8000, test = 2000;
    bool operator==(const DigitsData&) const = default;
};
struct SpiralsData {
    std::int64_t train = 2000, test = 1000, arms = 2;
    double noise = 0.1;
    bool operator==(const SpiralsData&) const = default;
};
struct MoonsData {
    std::int64_t train = 2000, test = 1000;
    double noise = 0.1;
    bool operator==(const MoonsData&) const = default;
};
/// MNIST's own file format, plain or .gz, from a folder. 0 = all samples there are.
struct IdxData {
    std::string path;
    std::int64_t train = 0, test = 0;
    bool operator==(const IdxData&) const = default;
};
/// Symbols drawn evenly, a mark, and what is asked for: the same symbols again, or in order.
struct SequencesData {
    SequenceTask task = SequenceTask::Copy;
    std::int64_t length = 8;    ///< symbols of a task; a sample is twice as long
    std::int64_t symbols = 10;  ///< different ones, without the mark
    std::int64_t train = 4000, test = 500;
    bool operator==(const SequencesData&) const = default;
};
/// Pieces of a file, each byte to be followed by the next; the last tenth of the file is for the test.
struct TextData {
    std::string path;
    std::int64_t length = 32;
    std::int64_t train = 4000, test = 400;
    bool operator==(const TextData&) const = default;
};
using DataSpec = std::variant<DigitsData, SpiralsData, MoonsData, IdxData, SequencesData, TextData>;

struct IidSplit {
    bool operator==(const IidSplit&) const = default;
};
/// A mistake to look at: every worker gets what worker 0 should have.
struct SameSplit {
    bool operator==(const SameSplit&) const = default;
};
using SplitSpec = std::variant<IidSplit, SameSplit>;

struct LogisticModel {
    bool operator==(const LogisticModel&) const = default;
};
struct MlpModel {
    std::vector<std::int64_t> hidden{200, 200};
    bool operator==(const MlpModel&) const = default;
};
struct CnnModel {
    bool operator==(const CnnModel&) const = default;
};
struct LenetModel {
    bool operator==(const LenetModel&) const = default;
};
/// One linear layer and half the squared distance from the one-hot labels.
struct LeastSquaresModel {
    bool operator==(const LeastSquaresModel&) const = default;
};
struct SmallCnnModel {
    bool operator==(const SmallCnnModel&) const = default;
};
/// Decoder only, causal; a hidden layer of four times its width in each block.
struct TransformerModel {
    std::int64_t layers = 2, width = 64, heads = 4;
    bool operator==(const TransformerModel&) const = default;
};
struct Resnet20Model {
    bool operator==(const Resnet20Model&) const = default;
};
using ModelSpec = std::variant<LogisticModel, MlpModel, CnnModel, LenetModel, LeastSquaresModel,
                               SmallCnnModel, TransformerModel, Resnet20Model>;

/// Whether there are weights, or only time and bytes as if there were: virtual time for models and worlds
/// that no computer could hold. Keys of "model", whatever its kind.
struct WeightsSpec {
    bool modelled = false;
    std::optional<double> megabytes;  ///< of all parameters, instead of what the kind has; MB = 10⁶ bytes
    bool operator==(const WeightsSpec&) const = default;
};

struct SgdOptimizer {
    double learningRate = 0.1, momentum = 0.0, weightDecay = 0.0;
    bool operator==(const SgdOptimizer&) const = default;
};
struct AdamOptimizer {
    double learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    bool operator==(const AdamOptimizer&) const = default;
};
/// Accelerated gradient descent: no momentum to choose, it grows with the steps.
struct AcceleratedOptimizer {
    double learningRate = 0.1;
    bool operator==(const AcceleratedOptimizer&) const = default;
};
using OptimizerSpec = std::variant<SgdOptimizer, AdamOptimizer, AcceleratedOptimizer>;

struct SingleAlgorithm {
    bool operator==(const SingleAlgorithm&) const = default;
};
struct AllReduceAlgorithm {
    Collective collective = Collective::Ring;
    bool overlap = true;
    double bucketMb = 25.0;  ///< MB = 10⁶ bytes; the first bucket is closed at 1 MB already, as DDP does
    bool average = true;  ///< false, a mistake to look at: the sum of all gradients is taken for their mean
    bool operator==(const AllReduceAlgorithm&) const = default;
};
struct ParameterServerAlgorithm {
    ServerMode mode = ServerMode::Sync;
    std::int64_t staleness = 1;  ///< of `stale`: clocks a worker may be ahead of what is applied
    std::int64_t servers = 1;
    std::int64_t backup = 0;  ///< of `sync`: gradients an update does without
    bool operator==(const ParameterServerAlgorithm&) const = default;
};
struct GossipAlgorithm {
    GraphKind graph = GraphKind::Ring;
    std::vector<std::pair<std::int64_t, std::int64_t>> edges;  ///< of `edges`: two workers each, both ways
    bool operator==(const GossipAlgorithm&) const = default;
};
struct MapReduceAlgorithm {
    ReduceShape reduce = ReduceShape::Tree;
    double taskFailure = 0;  ///< chance that a map task of a step fails and is run again
    bool operator==(const MapReduceAlgorithm&) const = default;
};
/// How a model is cut into stages, and who does what in which order.
struct StagesSpec {
    ScheduleChoice schedule = ScheduleChoice::OneFOneB;
    std::string order;  ///< of `hand`: the operations of each stage, stages parted by "/"
    std::int64_t microBatches = 4;
    std::int64_t chunks = 1;  ///< of `interleaved`: model chunks a stage holds
    bool recompute = false;   ///< keep a stage's inputs only and compute forward again before backward
    CutBy cut = CutBy::Parameters;
    std::vector<std::int64_t> cutAt;  ///< of `hand`: the first layer of each part after the first
    std::int64_t freezeLayers = 0;    ///< the first so many no longer learn …
    std::int64_t freezeAfter = 0;     ///< … after so many steps
    bool operator==(const StagesSpec&) const = default;
};
/// The workers are the stages.
struct PipelineAlgorithm {
    StagesSpec stages;
    bool operator==(const PipelineAlgorithm&) const = default;
};
/// Every layer that can be is cut across all workers.
struct TensorAlgorithm {
    bool operator==(const TensorAlgorithm&) const = default;
};
/// Replicas of pipelines of layers cut across ranks: data·pipeline·tensor workers.
struct HybridAlgorithm {
    std::int64_t data = 2, pipeline = 2, tensor = 2;
    StagesSpec stages;
    bool operator==(const HybridAlgorithm&) const = default;
};
using AlgorithmSpec =
    std::variant<SingleAlgorithm, AllReduceAlgorithm, ParameterServerAlgorithm, GossipAlgorithm,
                 MapReduceAlgorithm, PipelineAlgorithm, TensorAlgorithm, HybridAlgorithm>;

struct NoCompression {
    bool operator==(const NoCompression&) const = default;
};
struct HalfCompression {
    bool operator==(const HalfCompression&) const = default;
};
struct TopKCompression {
    double density = 0.01;
    bool errorFeedback = true;
    bool operator==(const TopKCompression&) const = default;
};
struct DgcCompression {
    double density = 0.001;
    std::int64_t warmupEpochs = 0;
    double clip = 0;  ///< longest gradient of a bucket, of all workers together; 0: off
    bool operator==(const DgcCompression&) const = default;
};
struct QuantizeCompression {
    std::int64_t bits = 8;
    std::optional<std::int64_t> levels;  ///< instead of what fits in `bits`
    bool operator==(const QuantizeCompression&) const = default;
};
struct SignCompression {
    bool errorFeedback = true;
    bool operator==(const SignCompression&) const = default;
};
struct PowerSgdCompression {
    std::int64_t rank = 2;
    bool errorFeedback = true;
    bool operator==(const PowerSgdCompression&) const = default;
};
struct RandomMaskCompression {
    double density = 0.1;
    bool errorFeedback = false;
    bool operator==(const RandomMaskCompression&) const = default;
};
using CompressionSpec =
    std::variant<NoCompression, HalfCompression, TopKCompression, DgcCompression, QuantizeCompression,
                 SignCompression, PowerSgdCompression, RandomMaskCompression>;

struct LinkSpec {
    double latencyUs = 50.0, gbitPerS = 1.0, jitterUs = 0.0;
    std::optional<double> secondGbitPerS;  ///< of a second card beside the first, used together with it
    bool operator==(const LinkSpec&) const = default;
};
/// Groups of neighbouring ranks, such as the computers of one rack: links between groups are slower.
struct GroupsSpec {
    std::int64_t size = 0;  ///< ranks in a group; 0: no groups
    double latencyUs = 500.0, gbitPerS = 0.1;
    bool operator==(const GroupsSpec&) const = default;
};
/// What sets one worker apart from the others.
struct WorkerOverride {
    std::int64_t worker = 0;
    double speed = 1.0;  ///< factor on the device speed
    std::optional<double> latencyUs, gbitPerS;
    bool operator==(const WorkerOverride&) const = default;
};
/// What one micro-batch takes in one layer of the model, as measured.
struct LayerTimesSpec {
    double forwardMs = 0, backwardInputMs = 0, backwardWeightMs = 0;
    bool operator==(const LayerTimesSpec&) const = default;
};
/// Typed-in times instead of the modelled cost, in `virtual` only.
struct TimesSpec {
    std::optional<double> forwardMs, backwardInputMs, backwardWeightMs, updateMs, messageMs;
    std::vector<LayerTimesSpec> layers;  ///< instead of the first three
    bool ofStages() const { return forwardMs || backwardInputMs || backwardWeightMs; }
    bool given() const { return ofStages() || updateMs || messageMs || !layers.empty(); }
    bool operator==(const TimesSpec&) const = default;
};
struct ClusterSpec {
    double deviceGflops = 50.0;
    LinkSpec link;
    bool shaped = false;  ///< real links are slowed down to what `link` and the others say
    GroupsSpec groups;
    std::vector<WorkerOverride> overrides;
    TimesSpec times;
    bool operator==(const ClusterSpec&) const = default;
};

/// Something that goes wrong during the run. It begins with the worker's step `atStep` or at `atSecond`; one
/// of them is given.
struct FaultSpec {
    FaultKind kind = FaultKind::Slow;
    std::int64_t worker = 0;
    std::optional<std::int64_t> peer;  ///< of links: the other end
    std::optional<std::int64_t> atStep;
    std::optional<double> atSecond;
    std::optional<double> forSeconds;  ///< none: until the end
    double factor = 4.0;               ///< of slow and degrade_link
    bool operator==(const FaultSpec&) const = default;
};

std::string_view nameOf(FaultKind kind);  ///< as in the file: "cut_link"

/// Any of these ends the run; the first that is reached counts.
struct StopSpec {
    std::optional<std::int64_t> steps, epochs, rounds;
    std::optional<double> accuracy, seconds;
    bool operator==(const StopSpec&) const = default;
};

struct RunSpec {
    std::string name = "Untitled run";
    std::int64_t seed = 1;
    RunOn runOn = RunOn::Threads;
    std::int64_t workers = 4;
    std::int64_t batch = 32;
    DataSpec data;
    SplitSpec split;
    ModelSpec model = MlpModel{};
    WeightsSpec weights;
    OptimizerSpec optimizer;
    AlgorithmSpec algorithm = AllReduceAlgorithm{};
    CompressionSpec compression;
    ClusterSpec cluster;
    std::vector<FaultSpec> faults;
    StopSpec stop;
    std::int64_t evaluateEvery = 0;
    bool operator==(const RunSpec&) const = default;
};

/// Whether the ranks are processes of their own, on this computer or others.
inline bool ranksAreProcesses(const RunSpec& spec) {
    return spec.runOn == RunOn::Processes || spec.runOn == RunOn::Lab || spec.runOn == RunOn::Gloo;
}

/// Ranks that hold parameters beside the `workers` that train: they come after those.
int serversOf(const RunSpec& spec);

/// How the workers share batch and model: `data` replicas, each `pipeline` stages, each of those `tensor`
/// ranks; their product is the workers. 1 but for `data` where each worker has the whole model.
struct MeshShape {
    int data = 1, pipeline = 1, tensor = 1;
    /// Whether no worker has the whole model.
    bool cutsModel() const { return pipeline * tensor > 1; }
    bool operator==(const MeshShape&) const = default;
};
MeshShape meshOf(const RunSpec& spec);
/// The stages of pipelines, where the algorithm has some.
const StagesSpec* stagesOf(const RunSpec& spec);
/// Whether ranks hold parts of the model: pipeline, tensor, hybrid, even with one rank.
bool cutsModel(const RunSpec& spec);

/// Classes of the data a spec names, and the shape of one sample: {1, 28, 28}, {2}, or {T} of a sequence. For
/// `idx` and `text` the file decides; this is then what it nearly always holds (28×28, ten classes; 65
/// different characters).
struct SampleShape {
    std::vector<std::int64_t> dims;
    std::int64_t classes = 0;
    std::int64_t positions = 1;  ///< that have a label each; more than one in sequences, dims is then {T}
    std::int64_t features() const {
        std::int64_t n = 1;
        for (const auto d : dims) n *= d;
        return n;
    }
    bool operator==(const SampleShape&) const = default;
};
SampleShape expectedShape(const DataSpec& data);

}  // namespace rondo
