#include "engine/training/stage_weights.h"

#include <algorithm>

#include "engine/core/result.h"
#include "engine/training/layers.h"

namespace rondo {

StageWeights::StageWeights(std::vector<ModelPart> parts, std::span<const float> initial, int frozenLayers,
                           const OptimizerSpec& optimizer)
    : parts_(std::move(parts)) {
    std::int64_t size = 0;
    for (const ModelPart& part : parts_) {
        offsets_.push_back(size);
        const int layers = static_cast<int>(part.plan.layers.size());
        freezing_.push_back(std::clamp(frozenLayers - part.firstLayer, 0, layers));
        std::int64_t border = size;
        for (int layer = 0; layer < freezing_.back(); ++layer)
            border += part.plan.layers[static_cast<std::size_t>(layer)].parameters();
        const std::int64_t end = size + part.parameters();
        if (border > size) learners_.push_back({{size, border}, true, makeOptimizer(optimizer)});
        if (end > border) learners_.push_back({{border, end}, false, makeOptimizer(optimizer)});
        size = end;
    }
    gradients_ = torch::zeros({size});
    torch::Tensor flat = torch::empty({size});
    for (std::size_t i = 0; i < parts_.size(); ++i)
        parts_[i].take(initial, spanOf(flat).subspan(static_cast<std::size_t>(offsets_[i]),
                                                     static_cast<std::size_t>(parts_[i].parameters())));
    newest_ = makeVersion(std::move(flat), 0);
}

std::shared_ptr<StageWeights::Version> StageWeights::makeVersion(torch::Tensor flat,
                                                                 std::int64_t updates) const {
    auto version = std::make_shared<Version>();
    version->updates = updates;
    version->flat = std::move(flat);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const std::int64_t size = parts_[i].parameters();
        auto tensors = tensorsOver(parts_[i].plan, version->flat.narrow(0, offsets_[i], size),
                                   gradients_.narrow(0, offsets_[i], size));
        std::size_t next = 0;
        for (int layer = 0; layer < freezing_[i] && frozen_; ++layer)
            for (const OpPlan& op : parts_[i].plan.layers[static_cast<std::size_t>(layer)].ops)
                for (std::size_t t = 0; t < op.tensors.size(); ++t) tensors[next++].set_requires_grad(false);
        version->tensors.push_back(std::move(tensors));
    }
    return version;
}

void StageWeights::freeze() {
    if (frozen_) return;
    frozen_ = true;
    newest_ = makeVersion(newest_->flat, newest_->updates);
}

void StageWeights::update() {
    if (newest_.use_count() > 1)
        newest_ = makeVersion(newest_->flat.clone(), newest_->updates + 1);
    else
        ++newest_->updates;
    for (Learner& learner : learners_) {
        if (learner.freezes && frozen_) continue;
        const auto [begin, end] = learner.range;
        torch::Tensor weights = newest_->flat.narrow(0, begin, end - begin);
        learner.optimizer->update(weights, gradients_.narrow(0, begin, end - begin));
    }
    gradients_.zero_();
}

void StageWeights::save(RankState& into) const {
    const auto flat = spanOf(newest_->flat);
    into.floats.emplace_back("weights", std::vector<float>(flat.begin(), flat.end()));
    into.counts.emplace_back("version", newest_->updates);
    for (std::size_t i = 0; i < learners_.size(); ++i)
        learners_[i].optimizer->save(into, "optimizer." + std::to_string(i));
}

void StageWeights::restore(const RankState& from) {
    StateReader reader(from, "");
    const auto weights = reader.floats("weights", size());
    const auto updates = reader.count("version", 0);
    if (!weights || !updates) throw BadInput(Problem{"weights", "missing, expected those of a stage"});
    for (std::size_t i = 0; i < learners_.size(); ++i) {
        const auto [begin, end] = learners_[i].range;
        learners_[i].optimizer->restore(from, end - begin, "optimizer." + std::to_string(i));
    }
    newest_ = std::const_pointer_cast<Version>(version(*weights, *updates));
}

StageWeights::Held StageWeights::version(std::span<const float> values, std::int64_t updates) const {
    torch::Tensor flat = torch::empty({size()});
    std::copy(values.begin(), values.end(), flat.data_ptr<float>());
    return makeVersion(std::move(flat), updates);
}

void StageWeights::put(std::span<float> whole) const {
    const auto flat = spanOf(newest_->flat);
    for (std::size_t i = 0; i < parts_.size(); ++i)
        parts_[i].put(flat.subspan(static_cast<std::size_t>(offsets_[i]),
                                   static_cast<std::size_t>(parts_[i].parameters())),
                      whole);
}

}  // namespace rondo
