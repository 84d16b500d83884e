#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "engine/model/model_plan.h"

namespace rondo {

/// A small model of each kind of operation, with a batch that fits it.
struct SmallModel {
    std::string name;
    ModelPlan plan;
    torch::Tensor x, y;
};

inline SmallModel smallModel(const std::string& name, std::int64_t batch = 6) {
    SmallModel small;
    small.name = name;
    torch::manual_seed(5);
    if (name == "transformer") {
        const SampleShape shape{{6}, 7, 6};
        small.plan = planModel(TransformerModel{2, 16, 4}, shape);
        small.x = torch::randint(0, 7, {batch, 6}).to(torch::kFloat32);
        small.y = torch::randint(0, 7, {batch, 6});
        small.y.narrow(1, 0, 2).fill_(255);
        return small;
    }
    const SampleShape pictures =
        name == "resnet20" ? SampleShape{{3, 8, 8}, 10} : SampleShape{{1, 28, 28}, 10};
    ModelSpec spec = LogisticModel{};
    if (name == "mlp") spec = MlpModel{{24, 16, 8}};
    if (name == "lenet") spec = LenetModel{};
    if (name == "least_squares") spec = LeastSquaresModel{};
    if (name == "resnet20") spec = Resnet20Model{};
    small.plan = planModel(spec, pictures);
    std::vector<std::int64_t> shape{batch};
    shape.insert(shape.end(), pictures.dims.begin(), pictures.dims.end());
    small.x = torch::rand(shape);
    small.y = torch::randint(0, 10, {batch});
    return small;
}

inline const std::vector<std::string> kSmallModels{"logistic",      "mlp",      "lenet",
                                                   "least_squares", "resnet20", "transformer"};

}  // namespace rondo
