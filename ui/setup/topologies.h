#pragma once

#include <QString>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo::ui {

/// One way to share a gradient, as a person names it.
struct Topology {
    QString family, name;
    AlgorithmSpec algorithm;
};

/// All there are, in families. One that belongs to the same kind as `now` keeps what else was set of it: only
/// what gives it its name differs.
std::vector<Topology> topologiesFor(const RunSpec& now);

/// Whether the two settings share gradients in the same way, whatever else is set.
bool sameTopology(const AlgorithmSpec& a, const AlgorithmSpec& b);

/// Empty, or why these settings can't run with that algorithm.
QString whyNot(const RunSpec& spec, const AlgorithmSpec& algorithm);

}  // namespace rondo::ui
