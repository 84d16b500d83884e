#pragma once

#include <QString>

#include "engine/events/event.h"

namespace rondo::ui {

/// The phase as a person reads it. `fused` names a BackwardInput that holds the whole backward pass
/// "Backward".
QString phaseName(Phase phase, bool fused = true);
/// The name in one or two letters, for narrow boxes: another one for every phase that can stand beside it.
QString phaseInitial(Phase phase, bool fused = true);
/// What a worker does in it, for cards: "Computing forward".
QString phaseSentence(Phase phase, bool fused = true);
QString stateName(RunState state);

}  // namespace rondo::ui
