#include "engine/algorithms/algorithm.h"

#include "engine/algorithms/all_reduce.h"
#include "engine/algorithms/gossip.h"
#include "engine/algorithms/map_reduce.h"
#include "engine/algorithms/model_parallel.h"
#include "engine/algorithms/parameter_server.h"
#include "engine/algorithms/single.h"
#include "engine/core/overloaded.h"

namespace rondo {

std::unique_ptr<Algorithm> makeAlgorithm(const RunSpec& spec) {
    return makeAlgorithm(spec, cutsModel(spec) ? planModel(spec, expectedShape(spec.data)) : ModelPlan{});
}

std::unique_ptr<Algorithm> makeAlgorithm(const RunSpec& spec, const ModelPlan& model) {
    const auto inParts = [&](const auto&) -> std::unique_ptr<Algorithm> {
        return std::make_unique<ModelParallel>(spec, model);
    };
    return std::visit(
        Overloaded{
            [](const SingleAlgorithm&) -> std::unique_ptr<Algorithm> { return std::make_unique<Single>(); },
            [&](const AllReduceAlgorithm& s) -> std::unique_ptr<Algorithm> {
                return std::make_unique<AllReduce>(
                    s, spec.compression, networkTermsOf(spec.cluster, static_cast<int>(spec.workers)));
            },
            [&](const ParameterServerAlgorithm& s) -> std::unique_ptr<Algorithm> {
                return std::make_unique<ParameterServer>(s, spec.compression, static_cast<int>(spec.workers));
            },
            [&](const GossipAlgorithm& s) -> std::unique_ptr<Algorithm> {
                return std::make_unique<Gossip>(s, static_cast<int>(spec.workers));
            },
            [&](const MapReduceAlgorithm& s) -> std::unique_ptr<Algorithm> {
                return std::make_unique<MapReduce>(s, static_cast<int>(spec.workers));
            },
            [&](const PipelineAlgorithm& s) { return inParts(s); },
            [&](const TensorAlgorithm& s) { return inParts(s); },
            [&](const HybridAlgorithm& s) { return inParts(s); },
        },
        spec.algorithm);
}

}  // namespace rondo
