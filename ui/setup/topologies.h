#pragma once

#include <QString>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo::ui {

/// One way to share the work, as a person names it.
struct Topology {
    QString family, name;
    AlgorithmSpec algorithm;
};

/// All there are, in families. One that belongs to the same kind as `now` keeps what else was set of it: only
/// what gives it its name differs.
std::vector<Topology> topologiesFor(const RunSpec& now);

/// Whether the two settings share the work in the same way, whatever else is set.
bool sameTopology(const AlgorithmSpec& a, const AlgorithmSpec& b);

/// The settings with that algorithm. What a model in parts needs to run is set with it (parts_settings.h);
/// otherwise nothing else changes.
RunSpec settingsWith(const RunSpec& now, const AlgorithmSpec& algorithm);

/// Empty, or why these settings can't run with that algorithm even so.
QString whyNot(const RunSpec& spec, const AlgorithmSpec& algorithm);

}  // namespace rondo::ui
