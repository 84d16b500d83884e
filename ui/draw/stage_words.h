#pragma once

#include <QString>
#include <QStringList>
#include <optional>

#include "engine/algorithms/pipeline/stage_plan.h"

namespace rondo::ui {

/// "fc3", "fc3, fc4", of more "block2 … block5".
QString layersText(const ModelPlan& model, const LayerRange& part);

/// What each rank of a model in parts holds, in the words of its card.
struct StageWords {
    MeshShape mesh;
    QStringList layers;  ///< by stage; the chunks of one parted by " + "

    /// Empty where every worker has the whole model, or the settings' model can't be made.
    static std::optional<StageWords> of(const RunSpec& spec);
    QString title(int rank) const;  ///< "Stage 2"; of ranks that share one, "Worker 5"
    QString holds(int rank) const;  ///< "fc3, fc4"; of ranks that share a stage, "stage 2 · fc3, fc4"
    QString layersOf(int rank) const { return layers[placeOf(mesh, Rank{rank}).stage]; }
    QString tip(int rank) const;  ///< all of it: "Worker 5: replica 1, stage 2, rank 0 of 2\nfc3, fc4"
};

}  // namespace rondo::ui
