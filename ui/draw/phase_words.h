#pragma once

#include <QString>

#include "engine/events/event.h"

namespace rondo::ui {

/// The phase as a person reads it. `fused` names a BackwardInput that holds the whole backward pass
/// "Backward".
QString phaseName(Phase phase, bool fused = true);
/// What a worker does in it, for cards: "Computing forward".
QString phaseSentence(Phase phase, bool fused = true);
QString stateName(RunState state);

}  // namespace rondo::ui
