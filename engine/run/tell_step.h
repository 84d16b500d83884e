#pragma once

#include "engine/events/event.h"
#include "engine/run/step_ledger.h"

namespace rondo {

/// What watchers are told of a step that all have ended.
inline StepCompleted eventOf(const StepLedger::Completed& completed, std::int64_t epoch, Stamp stamp) {
    StepCompleted event;
    event.stamp = stamp;
    event.step = completed.step.value;
    event.epoch = static_cast<std::int32_t>(epoch);
    event.loss = completed.loss;
    event.samples = completed.samples;
    event.payloadBytes = completed.payloadBytes;
    return event;
}

}  // namespace rondo
