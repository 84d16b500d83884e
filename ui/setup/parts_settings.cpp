#include "ui/setup/parts_settings.h"

#include <algorithm>

#include "engine/core/result.h"
#include "engine/model/model_plan.h"

namespace rondo::ui {

namespace {

constexpr std::int64_t kMostLayersAdded = 65;  // an mlp takes 64 hidden ones
constexpr std::int64_t kUsualWidth = 64, kUsualStages = 4, kUsualShare = 2;

std::int64_t upTo(std::int64_t value, std::int64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

void fitWorkers(RunSpec& spec) {
    if (auto* hybrid = std::get_if<HybridAlgorithm>(&spec.algorithm))
        spec.workers = hybrid->data * hybrid->pipeline * hybrid->tensor;
    else if (spec.workers == 1)
        spec.workers = stagesOf(spec) ? kUsualStages : kUsualShare;
}

/// What tensor ranks can share evenly.
void fitWidths(RunSpec& spec, std::int64_t ranks) {
    if (ranks < 2) return;
    if (auto* transformer = std::get_if<TransformerModel>(&spec.model)) {
        transformer->width = upTo(transformer->width, ranks);
        if (transformer->heads % ranks == 0 && transformer->width % transformer->heads == 0) return;
        transformer->heads = ranks;
        return;
    }
    auto* mlp = std::get_if<MlpModel>(&spec.model);
    if (!mlp) mlp = &spec.model.emplace<MlpModel>();
    if (mlp->hidden.empty()) mlp->hidden = {kUsualWidth};
    for (std::int64_t& width : mlp->hidden) width = upTo(width, ranks);
}

StagesSpec* ownStages(RunSpec& spec) {
    if (auto* pipeline = std::get_if<PipelineAlgorithm>(&spec.algorithm)) return &pipeline->stages;
    if (auto* hybrid = std::get_if<HybridAlgorithm>(&spec.algorithm)) return &hybrid->stages;
    return nullptr;
}

std::int64_t layersOf(const RunSpec& spec) {
    try {
        return static_cast<std::int64_t>(planModel(spec, expectedShape(spec.data)).layers.size());
    } catch (const BadInput&) {
        return 0;
    }
}

void fitLayers(RunSpec& spec, StagesSpec& stages) {
    const std::int64_t parts = meshOf(spec).pipeline * stages.chunks;
    std::int64_t layers = layersOf(spec);
    if (layers >= parts || layers == 0) return;
    const bool linear = std::holds_alternative<LogisticModel>(spec.model) ||
                        std::holds_alternative<LeastSquaresModel>(spec.model);
    if (linear) spec.model = MlpModel{{kUsualWidth}};
    auto* mlp = std::get_if<MlpModel>(&spec.model);
    auto* transformer = std::get_if<TransformerModel>(&spec.model);
    if ((mlp || transformer) && parts <= kMostLayersAdded) {
        for (layers = layersOf(spec); layers < parts; layers = layersOf(spec)) {
            if (mlp)
                mlp->hidden.push_back(mlp->hidden.empty() ? kUsualWidth : mlp->hidden.back());
            else
                transformer->layers += parts - layers;
        }
    } else if (!mlp && !transformer && std::holds_alternative<PipelineAlgorithm>(spec.algorithm)) {
        spec.workers = std::max<std::int64_t>(1, layers / stages.chunks);
    }
}

bool suits(std::int64_t microBatches, std::int64_t stages, ScheduleChoice schedule) {
    if (schedule == ScheduleChoice::Interleaved) return microBatches % stages == 0;
    if (schedule == ScheduleChoice::PipeDream2bw) return microBatches >= stages;
    return true;
}

}  // namespace

std::int64_t microBatchesFor(std::int64_t batch, std::int64_t stages, ScheduleChoice schedule) {
    std::int64_t most = 0;
    for (std::int64_t m = 1; m <= batch; ++m) {
        if (batch % m != 0 || !suits(m, stages, schedule)) continue;
        most = m;
        if (m >= 2 * stages - 1) break;
    }
    return most;
}

void fitParts(RunSpec& spec) {
    if (!cutsModel(spec)) return;
    if (std::holds_alternative<SameSplit>(spec.split)) spec.split = IidSplit{};
    spec.compression = NoCompression{};
    const ModelSpec before = spec.model;
    fitWorkers(spec);
    fitWidths(spec, meshOf(spec).tensor);
    if (StagesSpec* const found = ownStages(spec)) {
        StagesSpec& stages = *found;
        fitLayers(spec, stages);
        const std::int64_t count = meshOf(spec).pipeline;
        if (spec.batch % stages.microBatches != 0 || !suits(stages.microBatches, count, stages.schedule)) {
            if (microBatchesFor(spec.batch, count, stages.schedule) < 2)
                spec.batch = upTo(spec.batch, count * 2);
            stages.microBatches = microBatchesFor(spec.batch, count, stages.schedule);
        }
        if (stages.cut == CutBy::Hand &&
            static_cast<std::int64_t>(stages.cutAt.size()) != count * stages.chunks - 1) {
            stages.cut = CutBy::Parameters;
            stages.cutAt.clear();
        }
        if (stages.freezeLayers >= layersOf(spec)) stages.freezeLayers = 0;
    }
    // They were measured on another one.
    if (!(spec.model == before)) spec.cluster.times.layers.clear();
}

}  // namespace rondo::ui
