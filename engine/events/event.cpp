#include "engine/events/event.h"

namespace rondo {

std::string_view nameOf(Phase phase) {
    switch (phase) {
        case Phase::Preprocess:
            return "preprocess";
        case Phase::Partition:
            return "partition";
        case Phase::Load:
            return "load";
        case Phase::Forward:
            return "forward";
        case Phase::BackwardInput:
            return "backward_input";
        case Phase::BackwardWeight:
            return "backward_weight";
        case Phase::Synchronise:
            return "synchronise";
        case Phase::Update:
            return "update";
        case Phase::Recompute:
            return "recompute";
        case Phase::Evaluate:
            return "evaluate";
        case Phase::Wait:
            return "wait";
    }
    return "unknown";
}

std::string_view nameOf(RunState state) {
    switch (state) {
        case RunState::Preparing:
            return "preparing";
        case RunState::Running:
            return "running";
        case RunState::Paused:
            return "paused";
        case RunState::Stopping:
            return "stopping";
        case RunState::Finished:
            return "finished";
        case RunState::Stopped:
            return "stopped";
        case RunState::Failed:
            return "failed";
    }
    return "unknown";
}

std::string_view nameOf(MemberChanged::State state) {
    switch (state) {
        case MemberChanged::State::Joining:
            return "joining";
        case MemberChanged::State::Ready:
            return "ready";
        case MemberChanged::State::Training:
            return "training";
        case MemberChanged::State::Lost:
            return "lost";
        case MemberChanged::State::Left:
            return "left";
        case MemberChanged::State::Removed:
            return "removed";
    }
    return "unknown";
}

EventClass classOf(const Event& event) {
    using enum EventClass;
    return std::visit(Overloaded{
                          [](const RunStarted&) { return Transition; },
                          [](const RunStateChanged&) { return Transition; },
                          [](const RunEnded&) { return Transition; },
                          [](const Notice&) { return Transition; },
                          [](const Evaluated&) { return Evaluation; },
                          [](const DecisionBoundary&) { return Evaluation; },
                          [](const DataPreview&) { return Transition; },
                          [](const Span&) { return Sample; },
                          [](const Message&) { return Sample; },
                          [](const StepCompleted&) { return Sample; },
                          [](const EventsDropped&) { return Sample; },
                          [](const Throughput&) { return Gauge; },
                          [](const ConsensusMeasured&) { return Evaluation; },
                          [](const GradientApplied&) { return Sample; },
                          [](const CompressionMeasured&) { return Sample; },
                          [](const FaultHappened&) { return Transition; },
                          [](const MemberChanged&) { return Transition; },
                          [](const WorldChanged&) { return Transition; },
                          [](const RouteChosen&) { return Transition; },
                          [](const RoomChanged&) { return Transition; },
                      },
                      event);
}

const Stamp& stampOf(const Event& event) {
    return std::visit([](const auto& e) -> const Stamp& { return e.stamp; }, event);
}

Stamp& stampOf(Event& event) {
    return std::visit([](auto& e) -> Stamp& { return e.stamp; }, event);
}

}  // namespace rondo
