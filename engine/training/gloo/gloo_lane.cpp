#include "engine/training/gloo/gloo_lane.h"

#include <gloo/allreduce.h>
#include <gloo/common/error.h>
#include <gloo/math.h>

#include <algorithm>
#include <cstring>

#include "engine/comm/collectives/collectives.h"
#include "engine/training/gloo/gloo_slots.h"

namespace rondo {

namespace {

using Direction = WatchedWait::Direction;

/// What goes before a message's bytes. As it lies in memory: Gloo itself only works between machines that
/// agree on that.
struct Header {
    std::int64_t payloadBytes = 0;
    std::uint64_t bodyBytes = 0;  ///< fewer when only the size travels
    std::int64_t begin = 0;       ///< run time, ns
    std::int32_t bucket = kNone, chunk = kNone, microBatch = kNone;
    Traffic traffic = Traffic::Data;
    Carries carries = Carries::Exchange;
    std::uint16_t unused = 0;
};
static_assert(sizeof(Header) == 40 && std::is_trivially_copyable_v<Header>);

/// A body up to this size costs no second message, and with it no second agreement that it may come.
constexpr std::size_t kInHeader = 16'384 - sizeof(Header);
constexpr int kAnyone = -1;

std::string words(Rank rank) {
    return "rank " + std::to_string(rank.value);
}

std::int64_t wireBytesOf(std::int64_t payloadBytes) {
    return payloadBytes + static_cast<std::int64_t>(sizeof(Header));
}

}  // namespace

struct GlooLane::Outgoing {
    std::unique_ptr<std::byte[]> memory =
        std::make_unique_for_overwrite<std::byte[]>(sizeof(Header) + kInHeader);
    std::unique_ptr<GlooBuffer> header, body;
    Rank to;
    std::uint64_t id = 0;
};

struct GlooLane::Incoming {
    std::unique_ptr<std::byte[]> memory =
        std::make_unique_for_overwrite<std::byte[]>(sizeof(Header) + kInHeader);
    std::unique_ptr<std::byte[]> body;
    std::size_t bodySize = 0;
    std::unique_ptr<GlooBuffer> buffer, bodyBuffer;
};

/// A receive that a deadline, or another failure, left on its way: Gloo can't take it back.
struct GlooLane::LeftOver {
    int from;
    Tag tag;
    std::unique_ptr<Incoming> incoming;
};

GlooLane::GlooLane(c10::intrusive_ptr<GlooGroup> group, Rank rank, int worldSize,
                   const std::function<Nanoseconds()>& now)
    : rank_(rank),
      worldSize_(worldSize),
      now_(now),
      group_(std::move(group)),
      context_(group_->context()),
      peers_(std::make_unique<GlooPeers>(context_)) {
    watched_ = std::make_shared<WatchedContext>(
        context_, [this](GlooBuffer& buffer, Direction direction, int* peer) {
            const Outcome outcome =
                wait_.await(buffer, direction, peer, collectiveDue_, [this] { return peers_->anyGone(); });
            if (outcome == Outcome::Done) return;
            // Before Gloo lets go of its memory, nothing may be on its way any more.
            closeConnections("an all-reduce over Gloo came to no end");
            fail(outcome, "the others in an all-reduce");
        });
}

GlooLane::~GlooLane() = default;

void GlooLane::leave() {
    watched_.reset();
    peers_.reset();
    context_.reset();
    group_.reset();
    // Each buffer holds the connections too.
    under_.clear();
    freeOutgoing_.clear();
    freeIncoming_.clear();
    leftOver_.clear();
}

void GlooLane::cancel(const std::string& why) {
    {
        const std::lock_guard lock(whyMutex_);
        if (whyCancelled_.empty()) whyCancelled_ = why.empty() ? "the run was cancelled" : why;
    }
    wait_.cancel();
}

void GlooLane::enter() const {
    if (!context_) throw CommError(CommError::Kind::PeerGone, words(rank_) + " has left the network");
}

GlooLane::Time GlooLane::due() const {
    if (!deadline_) return Time::max();
    return std::chrono::steady_clock::now() + *deadline_;
}

std::unique_ptr<GlooLane::Outgoing> GlooLane::freshOutgoing() {
    if (!freeOutgoing_.empty()) {
        auto outgoing = std::move(freeOutgoing_.back());
        freeOutgoing_.pop_back();
        return outgoing;
    }
    auto outgoing = std::make_unique<Outgoing>();
    outgoing->header = context_->createUnboundBuffer(outgoing->memory.get(), sizeof(Header) + kInHeader);
    return outgoing;
}

std::unique_ptr<GlooLane::Incoming> GlooLane::freshIncoming() {
    if (!freeIncoming_.empty()) {
        auto incoming = std::move(freeIncoming_.back());
        freeIncoming_.pop_back();
        return incoming;
    }
    auto incoming = std::make_unique<Incoming>();
    incoming->buffer = context_->createUnboundBuffer(incoming->memory.get(), sizeof(Header) + kInHeader);
    return incoming;
}

std::unique_ptr<GlooLane::Incoming> GlooLane::takeLeftOver(int from, Tag tag) {
    const auto place = std::find_if(leftOver_.begin(), leftOver_.end(), [&](const LeftOver& left) {
        return left.from == from && left.tag == tag;
    });
    if (place == leftOver_.end()) return nullptr;
    auto incoming = std::move(place->incoming);
    leftOver_.erase(place);
    return incoming;
}

SendTicket GlooLane::beginSend(Rank to, const Parcel& parcel) {
    enter();
    if (wait_.cancelled()) fail(Outcome::Cancelled, {});
    if (parcel.traffic == Traffic::Data)
        meter.count(to, parcel.payloadBytes, wireBytesOf(parcel.payloadBytes));
    auto outgoing = freshOutgoing();
    const Header header{.payloadBytes = parcel.payloadBytes,
                        .bodyBytes = parcel.bytes.size(),
                        .begin = now_().count(),
                        .bucket = parcel.bucket,
                        .chunk = parcel.chunk,
                        .microBatch = parcel.microBatch,
                        .traffic = parcel.traffic,
                        .carries = parcel.carries};
    std::memcpy(outgoing->memory.get(), &header, sizeof header);
    const bool within = parcel.bytes.size() <= kInHeader;
    if (within && !parcel.bytes.empty())
        std::memcpy(outgoing->memory.get() + sizeof header, parcel.bytes.data(), parcel.bytes.size());
    outgoing->to = to;
    outgoing->id = ++lastTicket_;
    Outgoing& sent = *outgoing;
    under_.push_back(std::move(outgoing));
    try {
        sent.header->send(gloo(to), slotOf(GlooSlot::Header, parcel.tag), 0,
                          sizeof header + (within ? parcel.bytes.size() : 0));
        if (!within) {
            // Gloo takes one kind of memory for both directions; it only reads this.
            sent.body = context_->createUnboundBuffer(const_cast<std::byte*>(parcel.bytes.data()),
                                                      parcel.bytes.size());
            sent.body->send(gloo(to), slotOf(GlooSlot::Body, parcel.tag));
        }
    } catch (const gloo::Exception&) {
        fail(Outcome::Gone, words(to) + " to receive");
    }
    return {sent.id};
}

void GlooLane::finishSend(SendTicket ticket) {
    const auto place = std::find_if(under_.begin(), under_.end(),
                                    [&](const auto& outgoing) { return outgoing->id == ticket.id; });
    if (place == under_.end()) return;
    Outgoing& outgoing = **place;
    const Time due = this->due();
    for (GlooBuffer* buffer : {outgoing.header.get(), outgoing.body.get()}) {
        if (!buffer) continue;
        const Outcome outcome = wait_.await(*buffer, Direction::Send, nullptr, due,
                                            [&] { return peers_->gone(gloo(outgoing.to)); });
        if (outcome != Outcome::Done) fail(outcome, words(outgoing.to) + " to receive");
    }
    outgoing.body.reset();
    freeOutgoing_.push_back(std::move(*place));
    under_.erase(place);
}

std::int64_t GlooLane::receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) {
    enter();
    const Time due = this->due();
    auto incoming = takeLeftOver(from.value, tag);
    Outcome outcome = Outcome::Done;
    if (!incoming) {
        incoming = freshIncoming();
        try {
            incoming->buffer->recv(gloo(from), slotOf(GlooSlot::Header, tag));
        } catch (const gloo::Exception&) {
            outcome = wait_.cancelled() ? Outcome::Cancelled : Outcome::Gone;
        }
    }
    if (outcome == Outcome::Done)
        outcome = wait_.await(*incoming->buffer, Direction::Receive, nullptr, due,
                              [&] { return peers_->gone(gloo(from)); });
    if (outcome != Outcome::Done) {
        leftOver_.push_back({from.value, tag, std::move(incoming)});
        fail(outcome, words(from));
    }
    return take(std::move(incoming), from, tag, due, [&](Rank, ReceivedBytes bytes) { consume(bytes); });
}

Rank GlooLane::receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) {
    enter();
    const Time due = this->due();
    auto incoming = takeLeftOver(kAnyone, tag);
    for (;;) {
        if (!incoming) {
            const std::vector<int> present = peers_->present();
            if (present.empty()) fail(wait_.cancelled() ? Outcome::Cancelled : Outcome::Gone, "any rank");
            incoming = freshIncoming();
            try {
                incoming->buffer->recv(present, slotOf(GlooSlot::Header, tag), 0, sizeof(Header) + kInHeader);
            } catch (const gloo::Exception&) {
                incoming.reset();  // one went at this moment: ask the others
                continue;
            }
        }
        int peer = 0;
        const Outcome outcome = wait_.await(*incoming->buffer, Direction::Receive, &peer, due,
                                            [&] { return peers_->present().empty(); });
        if (outcome == Outcome::Done) {
            const Rank from = rankOfGloo(peer, worldSize_);
            take(std::move(incoming), from, tag, due, consume);
            return from;
        }
        if (outcome == Outcome::Gone && !peers_->present().empty()) {
            incoming.reset();  // it was to come from one that is gone
            continue;
        }
        leftOver_.push_back({kAnyone, tag, std::move(incoming)});
        fail(outcome, "any rank");
    }
}

std::int64_t GlooLane::take(std::unique_ptr<Incoming> incoming, Rank from, Tag tag, Time due,
                            FunctionRef<void(Rank, ReceivedBytes)> consume) {
    Header header;
    std::memcpy(&header, incoming->memory.get(), sizeof header);
    ReceivedBytes bytes(incoming->memory.get() + sizeof header, header.bodyBytes);
    if (header.bodyBytes > kInHeader) {
        if (incoming->bodySize < header.bodyBytes) {
            incoming->body = std::make_unique_for_overwrite<std::byte[]>(header.bodyBytes);
            incoming->bodySize = header.bodyBytes;
        }
        bytes = {incoming->body.get(), header.bodyBytes};
        Outcome outcome = Outcome::Done;
        try {
            incoming->bodyBuffer = context_->createUnboundBuffer(incoming->body.get(), header.bodyBytes);
            incoming->bodyBuffer->recv(gloo(from), slotOf(GlooSlot::Body, tag));
            outcome = wait_.await(*incoming->bodyBuffer, Direction::Receive, nullptr, due,
                                  [&] { return peers_->gone(gloo(from)); });
        } catch (const gloo::Exception&) {
            outcome = Outcome::Gone;
        }
        if (outcome != Outcome::Done) {
            closeConnections("a message was broken off");
            fail(outcome, words(from));
        }
        incoming->bodyBuffer.reset();
    }
    try {
        consume(from, bytes);
    } catch (...) {
        takeBackEverything();
        throw;
    }
    freeIncoming_.push_back(std::move(incoming));
    if (observer && header.traffic == Traffic::Data) {
        const Nanoseconds begin(header.begin);
        // Clocks of two machines: nothing arrives before it left.
        observer->delivered({from, rank_, header.payloadBytes, wireBytesOf(header.payloadBytes),
                             header.bucket, header.chunk, begin, std::max(begin, now_()), header.microBatch,
                             header.carries});
    }
    return header.payloadBytes;
}

bool GlooLane::sumOverAll(Values values, std::int32_t bucket) {
    if (values.onlyCounted()) return false;
    enter();
    if (wait_.cancelled()) fail(Outcome::Cancelled, {});
    const Nanoseconds begin = now_();
    if (worldSize_ > 1 && values.size() > 0) {
        collectiveDue_ = due();
        try {
            gloo::AllreduceOptions options(watched_);
            options.setOutput(values.floats().data(), values.size());
            options.setReduceFunction(
                static_cast<void (*)(void*, const void*, const void*, std::size_t)>(&gloo::sum<float>));
            options.setTag(collectives_++);
            gloo::allreduce(options);
        } catch (const gloo::Exception&) {
            closeConnections("an all-reduce over Gloo came to no end");
            fail(wait_.cancelled() ? Outcome::Cancelled : Outcome::Gone, "the others in an all-reduce");
        }
    }
    countAsRing(values.size(), bucket, begin, now_());
    return true;
}

void GlooLane::countAsRing(std::size_t elements, std::int32_t bucket, Nanoseconds begin, Nanoseconds end) {
    const int n = worldSize_, r = rank_.value;
    const Rank left{(r + n - 1) % n}, right{(r + 1) % n};
    const auto bytesOf = [&](int chunk) {
        const auto [first, last] = chunkOf(static_cast<std::int64_t>(elements), n, chunk);
        return (last - first) * static_cast<std::int64_t>(sizeof(float));
    };
    for (int half = 0; half < 2; ++half)
        for (int step = 0; step < n - 1; ++step) {
            const int out = (r + half - step + n) % n, in = (out + n - 1) % n;
            meter.count(right, bytesOf(out), bytesOf(out));
            // Gloo doesn't tell when each chunk came.
            if (observer)
                observer->delivered({left, rank_, bytesOf(in), bytesOf(in), bucket, in, begin, end});
        }
}

void GlooLane::takeBackEverything() {
    const bool lent =
        std::any_of(under_.begin(), under_.end(), [](const auto& sent) { return sent->body != nullptr; });
    if (lent) closeConnections("a send was taken back");
}

void GlooLane::closeConnections(const std::string& why) {
    if (!closed_.empty() || !context_) return;
    closed_ = why;
    // Gloo's way to close them all: a wait that takes too long.
    char nothing = 0;
    const auto buffer = context_->createUnboundBuffer(&nothing, sizeof nothing);
    try {
        buffer->waitRecv(std::chrono::milliseconds(1));
    } catch (const gloo::Exception&) {
    }
}

void GlooLane::fail(Outcome outcome, const std::string& whom) {
    takeBackEverything();
    switch (outcome) {
        case Outcome::Cancelled: {
            const std::lock_guard lock(whyMutex_);
            throw CommError(CommError::Kind::Cancelled, whyCancelled_);
        }
        case Outcome::Deadline:
            throw CommError(CommError::Kind::Deadline,
                            words(rank_) + " waited for " + whom + " until the deadline");
        case Outcome::Gone:
        case Outcome::Done:
            break;
    }
    throw CommError(CommError::Kind::PeerGone,
                    words(rank_) + " waits for " + whom +
                        (closed_.empty() ? ", which has ended" : ": the connection is closed, " + closed_));
}

}  // namespace rondo
