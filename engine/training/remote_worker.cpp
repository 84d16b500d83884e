#include "engine/training/remote_worker.h"

#include <algorithm>

#include "engine/algorithms/pipeline/parts_of_rank.h"
#include "engine/core/result.h"

namespace rondo {

RemoteWorker::RemoteWorker(Rank rank, const RunSpec& spec, const ModelPlan& model, const StagePlan* plan)
    : rank_(rank), spec_(spec), plan_(model), expected_(model.parameters()) {
    if (!plan) return;
    parts_ = partsOf(model, *plan, placeOf(plan->mesh, rank));
    expected_ = 0;
    for (const ModelPart& part : parts_) expected_ += part.parameters();
}

void RemoteWorker::brings(std::vector<float> weights) {
    if (static_cast<std::int64_t>(weights.size()) != expected_)
        throw BadInput(
            Problem{"rank " + std::to_string(rank_.value),
                    std::to_string(weights.size()) + " weights came, expected " + std::to_string(expected_)});
    weights_ = std::move(weights);
}

const Replica* RemoteWorker::model() {
    if (spec_.weights.modelled || !parts_.empty() || weights_.empty()) return nullptr;
    if (!replica_) replica_ = std::make_unique<Replica>(plan_, static_cast<std::uint64_t>(spec_.seed));
    std::copy(weights_.begin(), weights_.end(), replica_->weights().begin());
    return replica_.get();
}

void RemoteWorker::putPart(std::span<float> whole) {
    std::span<const float> rest = weights_;
    for (const ModelPart& part : parts_) {
        const auto n = static_cast<std::size_t>(part.parameters());
        if (rest.size() < n) return;
        part.put(rest.first(n), whole);
        rest = rest.subspan(n);
    }
}

}  // namespace rondo
