#pragma once

#include <optional>

#include "ui/store/run_store.h"

namespace rondo::ui {

/// A span and whose it is.
struct PlacedSpan {
    int rank = 0;
    Lane lane = Lane::Compute;
    LaneSpan span;
};

/// The way of messages from span to span, as far as they are kept. Cost: in proportion to the messages kept.
/// What a span gave to another rank: a pass its output, communication what it sent first. nullptr: nothing.
const Message* sentBy(const RunStore& store, const PlacedSpan& from);
/// What a span had to have come before it could begin; of communication what arrived during it, of a wait
/// what ended it.
const Message* receivedBy(const RunStore& store, const PlacedSpan& to);
/// The span that a message was for, and the one that it came from; of what has no micro-batch the one that
/// lies over its end or its begin.
std::optional<PlacedSpan> receiverOf(const RunStore& store, const Message& message);
std::optional<PlacedSpan> senderOf(const RunStore& store, const Message& message);

/// The span after (by 1) or before (by −1) in its lane.
std::optional<PlacedSpan> neighbourOf(const RunStore& store, const PlacedSpan& span, int by);

}  // namespace rondo::ui
