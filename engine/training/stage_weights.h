#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "engine/model/learning_ranges.h"
#include "engine/model/model_part.h"
#include "engine/training/optimizer.h"

namespace rondo {

/// The weights of the parts of a model that one rank holds, in as many versions as micro-batches under way
/// began with. All parts lie behind each other in one buffer; gradients of every version add up in one.
///
/// Thread: belongs to one rank.
class StageWeights {
  public:
    /// One version of the weights, as long as somebody holds it.
    struct Version {
        std::int64_t updates = 0;  ///< made before it
        torch::Tensor flat;
        std::vector<std::vector<torch::Tensor>> tensors;  ///< by part
    };
    using Held = std::shared_ptr<const Version>;

    /// Weights start as those of the whole model: `initial`. Layers before `frozenLayers`, counted through
    /// the model, will stop learning once told to.
    StageWeights(std::vector<ModelPart> parts, std::span<const float> initial, int frozenLayers,
                 const OptimizerSpec& optimizer);

    const ModelPart& part(int chunk) const { return parts_[static_cast<std::size_t>(chunk)]; }
    Held newest() const { return newest_; }
    std::span<float> values() { return spanOf(newest_->flat); }
    std::span<float> gradients() { return spanOf(gradients_); }

    /// From now on the first layers don't learn.
    void freeze();
    /// One update; gradients begin at zero again. In place where nobody holds the newest version, else that
    /// stays as it is and a new one is the newest.
    void update();
    /// Writes the newest weights where they belong in those of the whole model.
    void put(std::span<float> whole) const;

    /// Adds the newest weights and what their optimisers remember; not gradients, which an update has used
    /// up.
    void save(RankState& into) const;
    /// Takes over what was saved of the same parts, while nobody holds a version. After BadInput it isn't to
    /// be used any more.
    void restore(const RankState& from);
    /// A version of that many updates, beside the newest.
    Held version(std::span<const float> values, std::int64_t updates) const;

  private:
    std::int64_t size() const { return gradients_.numel(); }
    static std::span<float> spanOf(const torch::Tensor& t) {
        return {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())};
    }
    std::shared_ptr<Version> makeVersion(torch::Tensor flat, std::int64_t updates) const;

    /// What one optimiser updates: the layers of a part that will be frozen, or the others.
    struct Learner {
        FloatRange range;
        bool freezes = false;
        std::unique_ptr<Optimizer> optimizer;
    };
    std::vector<ModelPart> parts_;
    std::vector<std::int64_t> offsets_;  ///< of each part in the buffer
    std::vector<int> freezing_;          ///< of each part, how many of its layers
    torch::Tensor gradients_;
    std::shared_ptr<Version> newest_;
    std::vector<Learner> learners_;
    bool frozen_ = false;
};

}  // namespace rondo
