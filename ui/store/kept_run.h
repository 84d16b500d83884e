#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "engine/config/run_spec.h"
#include "ui/store/curve_point.h"
#include "ui/store/run_store.h"

namespace rondo::ui {

/// What is kept of a run to compare others with: copied, so that nothing that happens to the store reaches
/// it. At most about a megabyte, however long the run was.
struct KeptRun {
    static constexpr std::size_t kMostPoints = 8192;

    RunSpec spec;
    QString algorithm;  ///< how its ranks stood to one another, in words
    QString status;     ///< in words
    qint64 begun = 0;   ///< milliseconds since 1970: tells one run of the same settings from another
    double stepsPerEpoch = 1;
    std::size_t stepsAPoint = 1;             ///< of `loss`: a point is the mean of so many steps
    std::vector<CurvePoint> loss, accuracy;  ///< accuracy 0–1; its steps and moments are the report's
    std::optional<double> testAccuracy, finalLoss, seconds;
    std::optional<qint64> steps, payloadBytes;

    /// Empty when there is no run, or nothing has come of it yet.
    static std::optional<KeptRun> of(const RunStore& store);
    /// The first evaluation that reached an accuracy (0–1); empty when none did.
    std::optional<CurvePoint> reached(double target) const;
};

}  // namespace rondo::ui
