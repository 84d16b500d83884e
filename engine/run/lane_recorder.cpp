#include "engine/run/lane_recorder.h"

namespace rondo {

namespace {
constexpr std::size_t kBatch = 512;  // a long ring must not wait for its end to be seen
}

void LaneRecorder::record(Phase phase, Picoseconds begin, Picoseconds end, bool fused) {
    seconds_[static_cast<std::size_t>(phase)] += secondsOf(end - begin);
    if (!wanted_) return;
    Span span;
    span.stamp = sequence_.stamp(nanosecondsOf(end));
    span.phase = phase;
    span.lane = lane_;
    span.fused = fused;
    span.step = step_;
    span.bucket = bucket_;
    span.begin = nanosecondsOf(begin);
    span.microBatch = microBatch_;
    span.chunk = chunk_;
    if (phase == Phase::Wait) span.peer = awaited_;
    waiting_.emplace_back(span);
    if (runtime_.slowed()) flush();
}

void LaneRecorder::delivered(const Delivery& delivery) {
    if (delivery.from >= countFrom_) receivedBytes_ += delivery.payloadBytes;
    if (!wanted_) return;
    Message message;
    message.stamp = sequence_.stamp(delivery.end);
    message.from = delivery.from;
    message.to = delivery.to;
    message.payloadBytes = delivery.payloadBytes;
    message.wireBytes = delivery.wireBytes;
    message.step = step_;
    message.bucket = delivery.bucket;
    message.chunk = delivery.chunk;
    message.begin = delivery.begin;
    message.microBatch = delivery.microBatch;
    message.carries = delivery.carries;
    waiting_.emplace_back(message);
    if (waiting_.size() >= kBatch || runtime_.slowed()) flush();
}

void LaneRecorder::flush() {
    if (waiting_.empty()) return;
    sink_.publish(waiting_);
    waiting_.clear();
}

}  // namespace rondo
