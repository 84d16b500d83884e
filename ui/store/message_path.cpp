#include "ui/store/message_path.h"

#include <algorithm>

#include "ui/store/lookup.h"

namespace rondo::ui {

namespace {

// Of spans that are looked at on the way: a step's are fewer.
constexpr int kMostSpans = 65'536;

/// What a pass gives to the next stage, and needs from the one before.
std::optional<Carries> carriedBy(const LaneSpan& span) {
    if (span.microBatch == kNone) return {};
    if (span.phase == Phase::Forward) return Carries::Activations;
    if (span.phase == Phase::BackwardInput || span.phase == Phase::Recompute)
        return Carries::ActivationGradients;
    return {};
}

bool goesWith(const Message& message, const LaneSpan& span) {
    if (message.step != kNone && span.step != kNone && message.step != span.step) return false;
    if (span.bucket != kNone && message.bucket != kNone && message.bucket != span.bucket) return false;
    if (span.microBatch == kNone) return true;
    return message.microBatch == span.microBatch;
}

bool isPassOf(const Message& message, const LaneSpan& span) {
    const bool backward = span.phase == Phase::BackwardInput || span.phase == Phase::BackwardWeight ||
                          span.phase == Phase::Recompute;
    const bool phase = message.carries == Carries::Activations ? span.phase == Phase::Forward : backward;
    return phase && span.microBatch == message.microBatch && span.step == message.step;
}

bool isOfPass(const Message& message) {
    return message.microBatch != kNone &&
           (message.carries == Carries::Activations || message.carries == Carries::ActivationGradients);
}

/// Of a message that no pass is named for: communication where it has a lane of its own.
std::optional<PlacedSpan> spanOver(const RunStore& store, int rank, std::int64_t moment) {
    for (const Lane which : {Lane::Communication, Lane::Compute}) {
        const SpanLane* lane = laneOf(store, rank, which);
        if (!lane) continue;
        if (const LaneSpan* span = lane->at(moment)) return PlacedSpan{rank, which, *span};
    }
    return {};
}

}  // namespace

const Message* sentBy(const RunStore& store, const PlacedSpan& from) {
    const auto carries = carriedBy(from.span);
    if (from.span.microBatch != kNone && !carries && from.span.phase != Phase::Synchronise) return nullptr;
    const Message* found = nullptr;
    for (const Message& message : store.messages()) {
        if (message.from.value != from.rank || !goesWith(message, from.span)) continue;
        const std::int64_t begin = message.begin.count();
        if (carries ? message.carries != *carries || begin < from.span.end
                    : begin < from.span.begin || begin > from.span.end)
            continue;
        if (!found || begin < found->begin.count()) found = &message;
    }
    return found;
}

const Message* receivedBy(const RunStore& store, const PlacedSpan& to) {
    const auto carries = carriedBy(to.span);
    const bool wait = to.span.phase == Phase::Wait && to.span.peer != kNone;
    if (to.span.microBatch != kNone && !carries && !wait && to.span.phase != Phase::Synchronise)
        return nullptr;
    const Message* found = nullptr;
    for (const Message& message : store.messages()) {
        if (wait && message.from.value != to.span.peer) continue;
        if (message.stamp.rank.value != to.rank || !goesWith(message, to.span)) continue;
        const std::int64_t end = message.stamp.at.count();
        if (carries ? message.carries != *carries || end > to.span.begin
                    : end < to.span.begin || end > to.span.end)
            continue;
        if (!found || end > found->stamp.at.count()) found = &message;
    }
    return found;
}

std::optional<PlacedSpan> receiverOf(const RunStore& store, const Message& message) {
    const int rank = message.to.value;
    if (!isOfPass(message)) return spanOver(store, rank, message.stamp.at.count());
    const SpanLane* lane = laneOf(store, rank, Lane::Compute);
    if (!lane) return {};
    const auto spans = lane->spans();
    auto span = std::partition_point(spans.begin(), spans.end(), [&](const LaneSpan& one) {
        return one.begin < message.stamp.at.count();
    });
    for (int left = kMostSpans; span != spans.end() && left > 0; ++span, --left)
        if (isPassOf(message, *span)) return PlacedSpan{rank, Lane::Compute, *span};
    return {};
}

std::optional<PlacedSpan> senderOf(const RunStore& store, const Message& message) {
    const int rank = message.from.value;
    if (!isOfPass(message)) return spanOver(store, rank, message.begin.count());
    const SpanLane* lane = laneOf(store, rank, Lane::Compute);
    if (!lane) return {};
    const auto spans = lane->spans();
    auto span = std::partition_point(spans.begin(), spans.end(),
                                     [&](const LaneSpan& one) { return one.begin < message.begin.count(); });
    for (int left = kMostSpans; span != spans.begin() && left > 0; --left) {
        --span;
        // Who sends a gradient made it in B; W may have come between.
        if (isPassOf(message, *span) && span->phase != Phase::BackwardWeight &&
            span->phase != Phase::Recompute)
            return PlacedSpan{rank, Lane::Compute, *span};
    }
    return {};
}

std::optional<PlacedSpan> neighbourOf(const RunStore& store, const PlacedSpan& span, int by) {
    const SpanLane* lane = laneOf(store, span.rank, span.lane);
    if (!lane) return {};
    const auto spans = lane->spans();
    auto place = std::partition_point(spans.begin(), spans.end(), [&](const LaneSpan& one) {
        return std::pair(one.begin, one.end) < std::pair(span.span.begin, span.span.end);
    });
    if (by > 0 && place != spans.end() && place->begin == span.span.begin && place->end == span.span.end)
        ++place;
    if (by < 0) {
        if (place == spans.begin()) return {};
        --place;
    }
    if (place == spans.end()) return {};
    return PlacedSpan{span.rank, span.lane, *place};
}

}  // namespace rondo::ui
