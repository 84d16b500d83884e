#include "net/membership/viewer_flow.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/events/recording.h"
#include "net/wire/frame.h"

namespace rondo::net {
namespace {

std::int64_t bodyBytes(const EventMessage& message) {
    return static_cast<std::int64_t>(message->size() - FrameHeader::kBytes);
}

EventMessage gapMessage(std::uint64_t count, Stamp stamp) {
    BlockWriter writer;
    stamp.rank = Rank{kNone};
    writer.add(EventsDropped{stamp, count});
    return eventMessage(writer.takeBlock());
}

}  // namespace

EventMessage eventMessage(std::string_view body) {
    FrameHeader header;
    header.kind = FrameHeader::Kind::Events;
    header.from = header.to = kNone;
    header.payloadBytes = body.size();
    const auto head = encode(header);
    auto bytes = std::make_shared<std::vector<std::byte>>(head.size() + body.size());
    std::copy(head.begin(), head.end(), bytes->begin());
    std::memcpy(bytes->data() + head.size(), body.data(), body.size());
    return bytes;
}

EventMessage streamBeginning() {
    return eventMessage(BlockWriter::header());
}

void ViewerFlow::credit(std::int64_t bytes) {
    credit_ = std::min(limits_.credit, credit_ + std::clamp<std::int64_t>(bytes, 0, limits_.credit));
}

void ViewerFlow::offer(const std::shared_ptr<const EventBlocks>& blocks, std::size_t outbox) {
    release(outbox);
    if (waiting_.empty() && !gauges_ && open(outbox)) {
        if (leftOut_ > 0 && blocks->samples > 0) go(gapMessage(std::exchange(leftOut_, 0), blocks->last));
        if (blocks->whole) go(blocks->whole);
    } else {
        if (blocks->kept) wait(blocks->kept);
        if (blocks->gauges) gauges_ = blocks->gauges;
        leftOut_ += blocks->samples;
        leftOutEver_ += blocks->samples;
    }
    sentNow_ = 0;
}

void ViewerFlow::must(const EventMessage& message, std::size_t outbox) {
    wait(message);
    release(outbox);
    sentNow_ = 0;
}

void ViewerFlow::flush(std::size_t outbox) {
    release(outbox);
    sentNow_ = 0;
}

void ViewerFlow::release(std::size_t outbox) {
    while (!waiting_.empty() && open(outbox)) {
        const EventMessage message = std::move(waiting_.front());
        waiting_.pop_front();
        waitingBytes_ -= message->size();
        go(message);
    }
    if (waiting_.empty() && gauges_ && open(outbox)) go(std::exchange(gauges_, nullptr));
}

void ViewerFlow::go(const EventMessage& message) {
    credit_ -= bodyBytes(message);
    sentNow_ += message->size();
    send_(message);
}

void ViewerFlow::wait(const EventMessage& message) {
    waiting_.push_back(message);
    waitingBytes_ += message->size();
}

}  // namespace rondo::net
