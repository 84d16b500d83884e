#include "ui/setup/reference.h"

#include <algorithm>

namespace rondo::ui {

bool isReference(const RunSpec& spec) {
    return std::holds_alternative<SingleAlgorithm>(spec.algorithm);
}

RunSpec referenceOf(const RunSpec& spec) {
    RunSpec alone = spec;
    alone.name = spec.name + " · one worker alone";
    alone.algorithm = SingleAlgorithm{};
    alone.compression = NoCompression{};
    alone.workers = 1;
    alone.batch = spec.batch * spec.workers;
    alone.cluster.overrides.clear();
    alone.cluster.groups = {};
    alone.faults.clear();
    TimesSpec& times = alone.cluster.times;
    for (auto* time : {&times.forwardMs, &times.backwardInputMs, &times.backwardWeightMs})
        if (*time) **time *= static_cast<double>(spec.workers);
    times.messageMs.reset();
    StopSpec& stop = alone.stop;
    if (stop.rounds) stop.steps = stop.steps ? std::min(*stop.steps, *stop.rounds) : *stop.rounds;
    stop.rounds.reset();
    return alone;
}

}  // namespace rondo::ui
