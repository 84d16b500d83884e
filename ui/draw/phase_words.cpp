#include "ui/draw/phase_words.h"

namespace rondo::ui {

QString phaseName(Phase phase, bool fused) {
    switch (phase) {
        case Phase::Preprocess:
            return QStringLiteral("Pre-process");
        case Phase::Partition:
            return QStringLiteral("Partition");
        case Phase::Load:
            return QStringLiteral("Load");
        case Phase::Forward:
            return QStringLiteral("Forward");
        case Phase::BackwardInput:
            return fused ? QStringLiteral("Backward") : QStringLiteral("Backward (input)");
        case Phase::BackwardWeight:
            return QStringLiteral("Backward (weight)");
        case Phase::Synchronise:
            return QStringLiteral("Synchronise");
        case Phase::Update:
            return QStringLiteral("Update");
        case Phase::Recompute:
            return QStringLiteral("Recompute");
        case Phase::Evaluate:
            return QStringLiteral("Evaluate");
        case Phase::Wait:
            return QStringLiteral("Wait");
    }
    return {};
}

QString phaseInitial(Phase phase, bool fused) {
    switch (phase) {
        case Phase::Partition:
            return QStringLiteral("Pa");
        case Phase::BackwardInput:
            return fused ? QStringLiteral("B") : QStringLiteral("Bi");
        case Phase::BackwardWeight:
            return QStringLiteral("Bw");
        default:
            return phaseName(phase, fused).left(1);
    }
}

QString phaseSentence(Phase phase, bool fused) {
    switch (phase) {
        case Phase::Preprocess:
            return QStringLiteral("Preparing data");
        case Phase::Partition:
            return QStringLiteral("Dividing data");
        case Phase::Load:
            return QStringLiteral("Loading a batch");
        case Phase::Forward:
            return QStringLiteral("Forward pass");
        case Phase::BackwardInput:
            return fused ? QStringLiteral("Backward pass") : QStringLiteral("Backward (input)");
        case Phase::BackwardWeight:
            return QStringLiteral("Backward (weight)");
        case Phase::Synchronise:
            return QStringLiteral("Synchronising");
        case Phase::Update:
            return QStringLiteral("Updating");
        case Phase::Recompute:
            return QStringLiteral("Recomputing");
        case Phase::Evaluate:
            return QStringLiteral("Evaluating");
        case Phase::Wait:
            return QStringLiteral("Waiting");
    }
    return {};
}

QString stateName(RunState state) {
    switch (state) {
        case RunState::Preparing:
            return QStringLiteral("Preparing");
        case RunState::Running:
            return QStringLiteral("Running");
        case RunState::Paused:
            return QStringLiteral("Paused");
        case RunState::Stopping:
            return QStringLiteral("Stopping");
        case RunState::Finished:
            return QStringLiteral("Finished");
        case RunState::Stopped:
            return QStringLiteral("Stopped");
        case RunState::Failed:
            return QStringLiteral("Failed");
    }
    return {};
}

}  // namespace rondo::ui
