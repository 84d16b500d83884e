#include "engine/config/validate.h"

#include <set>

#include "engine/algorithms/model_parallel.h"
#include "engine/core/overloaded.h"
#include "engine/model/cost_model.h"

namespace rondo {

SampleShape expectedShape(const DataSpec& data) {
    return std::visit(Overloaded{
                          [](const SpiralsData& s) {
                              return SampleShape{{2}, s.arms};
                          },
                          [](const MoonsData&) {
                              return SampleShape{{2}, 2};
                          },
                          [](const DigitsData&) {
                              return SampleShape{{1, 28, 28}, 10};
                          },
                          [](const IdxData&) {
                              return SampleShape{{1, 28, 28}, 10};
                          },
                          [](const SequencesData& s) {
                              return SampleShape{{2 * s.length}, s.symbols + 1, 2 * s.length};
                          },
                          [](const TextData& s) {
                              return SampleShape{{s.length}, 65, s.length};
                          },
                      },
                      data);
}

int serversOf(const RunSpec& spec) {
    const auto* server = std::get_if<ParameterServerAlgorithm>(&spec.algorithm);
    return server ? static_cast<int>(server->servers) : 0;
}

const StagesSpec* stagesOf(const RunSpec& spec) {
    if (const auto* pipeline = std::get_if<PipelineAlgorithm>(&spec.algorithm)) return &pipeline->stages;
    if (const auto* hybrid = std::get_if<HybridAlgorithm>(&spec.algorithm)) return &hybrid->stages;
    return nullptr;
}

bool cutsModel(const RunSpec& spec) {
    return stagesOf(spec) || std::holds_alternative<TensorAlgorithm>(spec.algorithm);
}

MeshShape meshOf(const RunSpec& spec) {
    const int workers = static_cast<int>(spec.workers);
    if (std::holds_alternative<PipelineAlgorithm>(spec.algorithm)) return {1, workers, 1};
    if (std::holds_alternative<TensorAlgorithm>(spec.algorithm)) return {1, 1, workers};
    if (const auto* hybrid = std::get_if<HybridAlgorithm>(&spec.algorithm))
        return {static_cast<int>(hybrid->data), static_cast<int>(hybrid->pipeline),
                static_cast<int>(hybrid->tensor)};
    return {workers, 1, 1};
}

Problems validate(const RunSpec& spec, const FaultSpec& fault, const std::string& where) {
    Problems problems;
    const auto require = [&](bool fine, const char* key, std::string what) {
        if (!fine) problems.push_back({where + key, std::move(what)});
    };
    const std::int64_t ranks = spec.workers + serversOf(spec);
    const bool link = fault.kind == FaultKind::CutLink || fault.kind == FaultKind::DegradeLink;
    const std::string kind(nameOf(fault.kind));
    require(fault.worker < spec.workers, ".worker",
            std::to_string(fault.worker) + ", expected 0 to " + std::to_string(spec.workers - 1));
    if (link) {
        require(fault.peer && *fault.peer < ranks && *fault.peer != fault.worker, ".peer",
                (fault.peer ? std::to_string(*fault.peer) : "not given") + ", expected another rank, 0 to " +
                    std::to_string(ranks - 1) + ", with kind " + kind);
        const bool real = spec.runOn == RunOn::Processes || spec.runOn == RunOn::Lab;
        require(spec.runOn == RunOn::Virtual || real, ".kind",
                kind + ", expected another one unless run_on is virtual, processes or lab: threads have no "
                       "links, and those of Gloo are its own");
        require(!real || fault.kind != FaultKind::DegradeLink || spec.cluster.shaped, ".kind",
                kind + ", expected another one unless run_on is virtual or cluster.shaped is true: of a link "
                       "that is as fast as it is nobody knows how long it takes");
    } else {
        require(!fault.peer, ".peer", "given, expected none with kind " + kind);
    }
    require(!cutsModel(spec) || fault.kind != FaultKind::Restart, ".kind",
            "restart, expected another one with a model in parts, where nobody can do a step again alone");
    if (fault.kind == FaultKind::Pause || fault.kind == FaultKind::Restart)
        require(fault.forSeconds.has_value(), ".for_seconds", "not given, expected with kind " + kind);
    if (fault.kind == FaultKind::Kill) {
        require(!fault.forSeconds, ".for_seconds",
                "given, expected none with kind kill (restart comes back)");
        require(fault.worker != 0, ".worker", "0, expected another one with kind kill: it keeps the books");
    }
    return problems;
}

Problems validate(const RunSpec& spec) {
    Problems problems;
    const auto require = [&](bool fine, std::string where, std::string what) {
        if (!fine) problems.push_back({std::move(where), std::move(what)});
    };

    const StopSpec& stop = spec.stop;
    require(stop.steps || stop.epochs || stop.rounds || stop.accuracy || stop.seconds, "stop",
            "no condition given, expected at least one of steps, epochs, rounds, accuracy, seconds");
    require(!stop.accuracy || spec.evaluateEvery > 0, "evaluate_every",
            "0, expected 1 or more with stop.accuracy, which is looked at in evaluations");

    require(!std::holds_alternative<SingleAlgorithm>(spec.algorithm) || spec.workers == 1, "workers",
            std::to_string(spec.workers) + ", expected 1 with algorithm.kind single");
    require(!std::holds_alternative<SingleAlgorithm>(spec.algorithm) || !stop.rounds, "stop.rounds",
            "given, expected none with algorithm.kind single, which never synchronises");

    if (const auto* allReduce = std::get_if<AllReduceAlgorithm>(&spec.algorithm);
        allReduce && allReduce->collective == Collective::Hierarchical) {
        const std::int64_t size = spec.cluster.groups.size;
        require(size > 0 && spec.workers % size == 0, "cluster.groups.size",
                std::to_string(size) + ", expected a divisor of the " + std::to_string(spec.workers) +
                    " workers with algorithm.collective hierarchical");
    }

    if (const auto* allReduce = std::get_if<AllReduceAlgorithm>(&spec.algorithm)) {
        require(allReduce->average || !allReduce->overlap, "algorithm.overlap",
                "true, expected false with algorithm.average false");
        require(
            allReduce->collective != Collective::SendFirst || spec.runOn == RunOn::Virtual,
            "algorithm.collective",
            "send_first, expected another one unless run_on is virtual, where a deadlock is found at once");
    }

    if (const auto* server = std::get_if<ParameterServerAlgorithm>(&spec.algorithm)) {
        const std::string backup = std::to_string(server->backup);
        require(server->backup == 0 || server->mode == ServerMode::Sync, "algorithm.backup",
                backup + ", expected 0 unless algorithm.mode is sync");
        require(server->backup < spec.workers, "algorithm.backup",
                backup + ", expected fewer than the " + std::to_string(spec.workers) + " workers");
        // With several, each would drop workers of its own choice.
        require(server->backup == 0 || server->servers == 1, "algorithm.backup",
                backup + ", expected 0 with more than one server");
    }

    if (const auto* gossip = std::get_if<GossipAlgorithm>(&spec.algorithm)) {
        for (std::size_t i = 0; i < gossip->edges.size(); ++i) {
            const auto [a, b] = gossip->edges[i];
            const std::string where = "algorithm.edges." + std::to_string(i);
            const std::string pair = "[" + std::to_string(a) + ", " + std::to_string(b) + "]";
            require(a < spec.workers && b < spec.workers, where,
                    pair + ", expected workers 0 to " + std::to_string(spec.workers - 1));
            require(a != b, where, pair + ", expected two different workers");
        }
        require(gossip->graph == GraphKind::Edges || gossip->edges.empty(), "algorithm.edges",
                "given, expected only with algorithm.graph edges");
        // Half a million links, and the square of it beyond.
        constexpr std::int64_t kMostInFullGraph = 1024;
        require(gossip->graph != GraphKind::Full || spec.workers <= kMostInFullGraph, "workers",
                std::to_string(spec.workers) + ", expected at most " + std::to_string(kMostInFullGraph) +
                    " with algorithm.graph full, where each has a link to every other");
    }

    if (const auto* hybrid = std::get_if<HybridAlgorithm>(&spec.algorithm)) {
        const std::int64_t product = hybrid->data * hybrid->pipeline * hybrid->tensor;
        require(product == spec.workers, "workers",
                std::to_string(spec.workers) +
                    ", expected data · pipeline · tensor = " + std::to_string(product));
    }
    if (const StagesSpec* stages = stagesOf(spec)) {
        const bool hand = stages->schedule == ScheduleChoice::Hand;
        const bool flushes =
            stages->schedule != ScheduleChoice::PipeDream && stages->schedule != ScheduleChoice::PipeDream2bw;
        const std::int64_t m = stages->microBatches, p = meshOf(spec).pipeline;
        require(spec.batch % m == 0, "algorithm.micro_batches",
                std::to_string(m) + ", expected a divisor of the batch of " + std::to_string(spec.batch));
        require(stages->chunks == 1 || stages->schedule == ScheduleChoice::Interleaved || hand,
                "algorithm.chunks",
                std::to_string(stages->chunks) + ", expected 1 unless algorithm.schedule is interleaved");
        require(stages->schedule != ScheduleChoice::Interleaved || m % p == 0, "algorithm.micro_batches",
                std::to_string(m) + ", expected a multiple of the " + std::to_string(p) +
                    " stages with algorithm.schedule interleaved");
        require(hand != stages->order.empty(), "algorithm.order",
                hand ? "empty, expected the operations of each stage with algorithm.schedule hand"
                     : "given, expected only with algorithm.schedule hand");
        require(stages->cut == CutBy::Hand || stages->cutAt.empty(), "algorithm.cut_at",
                "given, expected only with algorithm.cut hand");
        require(stages->schedule != ScheduleChoice::Interleaved || p > 1, "workers",
                "one stage, expected 2 or more with algorithm.schedule interleaved");
        require(stages->schedule != ScheduleChoice::PipeDream2bw || m >= p, "algorithm.micro_batches",
                std::to_string(m) + ", expected at least the " + std::to_string(p) +
                    " stages with algorithm.schedule pipedream_2bw, which keeps two versions of the weights");
        require(flushes || stages->freezeLayers == 0, "algorithm.freeze_layers",
                std::to_string(stages->freezeLayers) +
                    ", expected 0 with algorithm.schedule pipedream and "
                    "pipedream_2bw, which never stand still to change");
    }
    require(!cutsModel(spec) || !std::holds_alternative<SameSplit>(spec.split), "split.kind",
            "same, expected iid with a model in parts");

    if (!std::holds_alternative<NoCompression>(spec.compression)) {
        const auto* allReduce = std::get_if<AllReduceAlgorithm>(&spec.algorithm);
        const bool server = std::holds_alternative<ParameterServerAlgorithm>(spec.algorithm);
        const bool powerSgd = std::holds_alternative<PowerSgdCompression>(spec.compression);
        require(allReduce || server, "compression",
                "given, expected kind none unless algorithm.kind is all_reduce or parameter_server");
        require(
            !powerSgd || !server, "compression.kind",
            "power_sgd, expected another one with algorithm.kind parameter_server: it sends sums over all "
            "workers");
        require(!allReduce || allReduce->collective == Collective::Ring ||
                    allReduce->collective == Collective::Auto,
                "algorithm.collective",
                "given, expected ring or auto with compressed gradients, which have ways of their own");
        require(!std::holds_alternative<DgcCompression>(spec.compression) ||
                    std::holds_alternative<SgdOptimizer>(spec.optimizer),
                "optimizer.kind", "expected sgd with compression.kind dgc, which keeps the momentum itself");
    }

    // Each is a thread of this computer: thousands would bring it to a stand for minutes.
    constexpr std::int64_t kMostThreads = 256;
    require(spec.runOn == RunOn::Virtual || spec.workers + serversOf(spec) <= kMostThreads, "workers",
            std::to_string(spec.workers) + ", expected at most " +
                std::to_string(kMostThreads - serversOf(spec)) +
                " unless run_on is virtual, which takes more");
    require(!spec.cluster.shaped || spec.runOn == RunOn::Processes || spec.runOn == RunOn::Lab,
            "cluster.shaped", "true, expected only with run_on processes or lab");

    const SampleShape shape = expectedShape(spec.data);
    const auto* transformer = std::get_if<TransformerModel>(&spec.model);
    const bool sequences = shape.positions > 1, points = !sequences && shape.dims.size() == 1;
    require(!points || !(std::holds_alternative<CnnModel>(spec.model) ||
                         std::holds_alternative<LenetModel>(spec.model) ||
                         std::holds_alternative<SmallCnnModel>(spec.model) ||
                         std::holds_alternative<Resnet20Model>(spec.model)),
            "model.kind",
            "a convolutional model needs images, expected logistic or mlp with two-dimensional data");
    require(!sequences || transformer, "model.kind",
            "expected transformer with data.kind sequences or text, where every position is answered");
    require(sequences || !transformer, "model.kind",
            "transformer, expected another one unless data.kind is sequences or text");
    require(!transformer || transformer->width % transformer->heads == 0, "model.heads",
            transformer ? std::to_string(transformer->heads) + ", expected a divisor of the width of " +
                              std::to_string(transformer->width)
                        : "");

    require(!spec.weights.modelled || spec.runOn == RunOn::Virtual, "model.weights",
            "modelled, expected real unless run_on is virtual");
    require(spec.weights.modelled || !spec.weights.megabytes, "model.megabytes",
            "given, expected only with model.weights modelled");
    require(!spec.weights.modelled || !spec.stop.accuracy, "stop.accuracy",
            "given, expected none with model.weights modelled, which learn nothing");

    if (const auto* idx = std::get_if<IdxData>(&spec.data))
        require(!idx->path.empty(), "data.path", "empty, expected the folder that holds the IDX files");
    if (const auto* text = std::get_if<TextData>(&spec.data))
        require(!text->path.empty(), "data.path", "empty, expected a text file");

    std::set<std::int64_t> overridden;
    for (std::size_t i = 0; i < spec.cluster.overrides.size(); ++i) {
        const auto& exception = spec.cluster.overrides[i];
        const std::string where = "cluster.overrides." + std::to_string(i) + ".worker";
        require(exception.worker < spec.workers, where,
                std::to_string(exception.worker) + ", expected 0 to " + std::to_string(spec.workers - 1));
        require(overridden.insert(exception.worker).second, where,
                std::to_string(exception.worker) + " is named twice, expected each worker once");
    }
    for (std::size_t i = 0; i < spec.faults.size(); ++i) {
        const FaultSpec& fault = spec.faults[i];
        const std::string where = "faults." + std::to_string(i);
        require(fault.atStep.has_value() != fault.atSecond.has_value(), where,
                "expected either at_step or at_second");
        for (Problem& problem : validate(spec, fault, where)) problems.push_back(std::move(problem));
    }
    require(spec.cluster.times.layers.empty() || !spec.cluster.times.ofStages(), "cluster.times.layers",
            "given, expected none with forward_ms, backward_input_ms or backward_weight_ms");
    require(!spec.cluster.times.given() || spec.runOn == RunOn::Virtual, "cluster.times",
            "given, expected only with run_on virtual");
    // Only the model can tell whether it can be cut so, and whether each of its layers has a time.
    if (problems.empty() && (cutsModel(spec) || !spec.cluster.times.layers.empty())) try {
            const ModelPlan model = planModel(spec, shape);
            CostModel(spec, model);
            if (cutsModel(spec)) ModelParallel(spec, model);
        } catch (const BadInput& bad) {
            problems = bad.problems();
        }
    return problems;
}

}  // namespace rondo
