#include "engine/config/validate.h"

#include <set>

#include "engine/core/overloaded.h"

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
                      },
                      data);
}

int serversOf(const RunSpec& spec) {
    const auto* server = std::get_if<ParameterServerAlgorithm>(&spec.algorithm);
    return server ? static_cast<int>(server->servers) : 0;
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
    }

    // Each is a thread of this computer: thousands would bring it to a stand for minutes.
    constexpr std::int64_t kMostThreads = 256;
    require(spec.runOn != RunOn::Threads || spec.workers + serversOf(spec) <= kMostThreads, "workers",
            std::to_string(spec.workers) + ", expected at most " +
                std::to_string(kMostThreads - serversOf(spec)) + " with run_on threads (virtual takes more)");

    const bool points = expectedShape(spec.data).dims.size() == 1;
    require(!points || !(std::holds_alternative<CnnModel>(spec.model) ||
                         std::holds_alternative<LenetModel>(spec.model)),
            "model.kind",
            "a convolutional model needs images, expected logistic or mlp with two-dimensional data");

    require(!spec.weights.modelled || spec.runOn == RunOn::Virtual, "model.weights",
            "modelled, expected real unless run_on is virtual");
    require(spec.weights.modelled || !spec.weights.megabytes, "model.megabytes",
            "given, expected only with model.weights modelled");
    require(!spec.weights.modelled || !spec.stop.accuracy, "stop.accuracy",
            "given, expected none with model.weights modelled, which learn nothing");

    if (const auto* idx = std::get_if<IdxData>(&spec.data))
        require(!idx->path.empty(), "data.path", "empty, expected the folder that holds the IDX files");

    std::set<std::int64_t> overridden;
    for (std::size_t i = 0; i < spec.cluster.overrides.size(); ++i) {
        const auto& exception = spec.cluster.overrides[i];
        const std::string where = "cluster.overrides." + std::to_string(i) + ".worker";
        require(exception.worker < spec.workers, where,
                std::to_string(exception.worker) + ", expected 0 to " + std::to_string(spec.workers - 1));
        require(overridden.insert(exception.worker).second, where,
                std::to_string(exception.worker) + " is named twice, expected each worker once");
    }
    require(!spec.cluster.times.given() || spec.runOn == RunOn::Virtual, "cluster.times",
            "given, expected only with run_on virtual");
    return problems;
}

}  // namespace rondo
