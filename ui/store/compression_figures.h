#pragma once

#include <optional>

#include "ui/store/kept_runs.h"
#include "ui/store/run_store.h"

namespace rondo::ui {

/// What compression did to a run, as far as is known by now.
struct CompressionFigures {
    qint64 denseBytes = 0, encodedBytes = 0;
    bool everyone = false;  ///< of all ranks and the whole run, by the report; else of rank 0 so far
    std::optional<double> ratio, predictedRatio;
    std::optional<double> error;  ///< relative length of what was left out: mean of the run, else the latest

    /// Empty when nothing is compressed, or nothing has been sent yet.
    static std::optional<CompressionFigures> of(const RunStore& store);
};

/// A run against the same one without compression, at the last step both know.
struct LossEffect {
    static constexpr int kSteps = 10;  ///< losses are means of so many, so that one batch doesn't decide
    int step = 0;
    double with = 0, without = 0;
    std::optional<double> accuracyWith, accuracyWithout;  ///< at the latest evaluation of both
    QString other;                                        ///< name of the kept run
};
/// Of the latest kept run that differs in nothing but compression (name, evaluations and end don't count);
/// empty when none is kept or they have no step in common.
std::optional<LossEffect> lossEffect(const RunStore& store, const KeptRuns& kept);

}  // namespace rondo::ui
