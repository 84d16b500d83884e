#include "ui/draw/stage_words.h"

#include <QCoreApplication>

#include "ui/draw/rank_words.h"

namespace rondo::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

}  // namespace

QString layersText(const ModelPlan& model, const LayerRange& part) {
    const auto name = [&](int layer) {
        return QString::fromStdString(model.layers[static_cast<std::size_t>(layer)].name);
    };
    if (part.end - part.first > 2) return QStringLiteral("%1 … %2").arg(name(part.first), name(part.end - 1));
    QStringList names;
    for (int layer = part.first; layer < part.end; ++layer) names << name(layer);
    return names.join(QStringLiteral(", "));
}

std::optional<StageWords> StageWords::of(const RunSpec& spec) {
    if (!cutsModel(spec)) return {};
    try {
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        const StagePlan plan = planStages(spec, model);
        StageWords words{plan.mesh, {}};
        for (int stage = 0; stage < plan.mesh.pipeline; ++stage) {
            QStringList parts;
            for (int chunk = 0; chunk < plan.chunks(); ++chunk)
                parts << layersText(model, plan.parts[static_cast<std::size_t>(plan.partOf(stage, chunk))]);
            words.layers << parts.join(QStringLiteral(" + "));
        }
        return words;
    } catch (const BadInput&) {
        return {};  // a file's data may have another shape than the settings promise
    }
}

QString StageWords::title(int rank) const {
    const bool alone = mesh.data * mesh.tensor == 1;
    return alone ? tr("Stage %1").arg(rank) : rankName(rank, 0);
}

QString StageWords::holds(int rank) const {
    const int stage = placeOf(mesh, Rank{rank}).stage;
    const QString& names = layers[stage];
    return mesh.data * mesh.tensor == 1 || mesh.pipeline == 1 ? names
                                                              : tr("stage %1 · %2").arg(stage).arg(names);
}

QString StageWords::tip(int rank) const {
    const MeshPlace place = placeOf(mesh, Rank{rank});
    QStringList where;
    if (mesh.data > 1) where << tr("replica %1").arg(place.data);
    if (mesh.pipeline > 1) where << tr("stage %1").arg(place.stage);
    if (mesh.tensor > 1)
        where << tr("rank %1 of %2 that share each layer").arg(place.tensor).arg(mesh.tensor);
    return tr("%1: %2\n%3").arg(rankName(rank, 0), where.join(QStringLiteral(", ")), layers[place.stage]);
}

}  // namespace rondo::ui
