#pragma once

#include <optional>

#include "engine/data/dataset.h"
#include "engine/events/event.h"
#include "engine/training/replica.h"

namespace rondo {

struct Scores {
    double accuracy = 0, loss = 0;
};

/// Accuracy and mean loss over all samples, without touching gradients. Cost: one forward pass over the set.
Scores evaluate(const Replica& replica, const Samples& samples);

/// What the model says over the plane; only for samples of two features.
std::optional<DecisionBoundary> decisionBoundary(const Replica& replica);

/// A few training samples for the eye: points, or the first small grey pictures.
std::optional<DataPreview> previewOf(const Samples& samples);

}  // namespace rondo
