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

    // Each is a thread of this computer: thousands would bring it to a stand for minutes.
    constexpr std::int64_t kMostThreads = 256;
    require(spec.runOn != RunOn::Threads || spec.workers <= kMostThreads, "workers",
            std::to_string(spec.workers) + ", expected at most " + std::to_string(kMostThreads) +
                " with run_on threads (virtual takes more)");

    const bool points = expectedShape(spec.data).dims.size() == 1;
    require(!points || !(std::holds_alternative<CnnModel>(spec.model) ||
                         std::holds_alternative<LenetModel>(spec.model)),
            "model.kind",
            "a convolutional model needs images, expected logistic or mlp with two-dimensional data");

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
