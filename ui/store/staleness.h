#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "ui/store/run_store.h"

namespace rondo::ui {

/// How old the gradients of a run with parameter servers were when they were applied, in updates.
struct Staleness {
    std::vector<quint64> counts;  ///< by updates; what is counted together there is the store's last
    std::optional<double> mean;
    std::optional<qint64> clockSpread;  ///< steps the fastest worker was ahead of the slowest; of a report

    qint64 most() const { return counts.empty() ? 0 : static_cast<qint64>(counts.size()) - 1; }
    quint64 gradients() const;
    /// Of the report, once there is one: events may have been dropped on the way here.
    static Staleness of(const RunStore& store);
};

/// What theory says of it.
struct StalenessTheory {
    qint64 updates = 0;
    bool bound = false;  ///< at most so many; else so many each, with equal workers
    QString words;       ///< "N−1 = 3 with equal workers"
};
/// Empty for a run without parameter servers.
std::optional<StalenessTheory> stalenessTheory(const RunSpec& spec);

}  // namespace rondo::ui
