#include "net/data/ws_communicator.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <utility>

#include "net/ws/io_thread.h"

namespace rondo::net {

namespace {

constexpr std::chrono::microseconds kSpin{50};
constexpr std::chrono::milliseconds kLook{50};
constexpr const char* kCut = "the link between them is cut for good";
/// One that stays in a core's own cache between the kernel's copy and its use.
constexpr std::size_t kPiece = std::size_t{256} << 10;

std::string words(Rank rank) {
    return "rank " + std::to_string(rank.value);
}

}  // namespace

WsCommunicator::WsCommunicator(Traits traits)
    : traits_(std::move(traits)),
      work_(asio::make_work_guard(context_)),
      peers_(static_cast<std::size_t>(traits_.worldSize)),
      inbox_(traits_.worldSize),
      shapedTimer_(context_) {
    if (traits_.shaper) shaped_.emplace(traits_.shaper);
}

WsCommunicator::~WsCommunicator() = default;

void WsCommunicator::add(std::vector<Rank> ranks, bool dialled, std::unique_ptr<PeerStream> stream,
                         std::shared_ptr<IoThread> keeps) {
    const PeerConnection::Traits traits{traits_.rank, traits_.generation, traits_.lane, dialled,
                                        traits_.limits};
    connections_.push_back(
        std::make_unique<PeerConnection>(std::move(stream), std::move(keeps), context_, *this, traits));
    for (const Rank rank : ranks) peer(rank).connection = connections_.back().get();
}

void WsCommunicator::start() {
    for (const auto& connection : connections_) connection->start();
}

// Waiting.

template <class Done>
bool WsCommunicator::runUntil(Done&& isDone, std::optional<Time> until, std::optional<Nanoseconds> wakeAt) {
    const auto done = [&] {
        if (shapes()) letShapedIn(wakeAt);
        return isDone();
    };
    if (done()) return true;
    if (traits_.spin) {
        auto end = std::chrono::steady_clock::now() + kSpin;
        do {
            // A turn is what the kernel has to tell at one time.
            ++turn_;
            if (context_.poll() > 0) {
                if (done()) return true;
                end = std::chrono::steady_clock::now() + kSpin;
            } else {
                // Another program may have the core of the one that is waited for.
                std::this_thread::yield();
            }
        } while (std::chrono::steady_clock::now() < end && (!until || end < *until));
    }
    while (!done()) {
        ++turn_;
        // Nobody says when something is done to the links.
        const bool looks = traits_.shaper && traits_.shaper->watches();
        const Time look = looks ? std::chrono::steady_clock::now() + kLook : Time::max();
        if (until && *until <= look) {
            if (context_.run_one_until(*until) == 0) return done();
        } else if (looks) {
            context_.run_one_until(look);
        } else {
            context_.run_one();
        }
        if (done()) return true;
        context_.poll();
    }
    return true;
}

void WsCommunicator::letShapedIn(std::optional<Nanoseconds> alsoAt) {
    Nanoseconds now = traits_.now();
    std::erase_if(held_, [&](const Held& held) {
        if (held.until > now) return false;
        post(*held.message);
        return true;
    });
    shaped_->release(now, [&](Arrived message) {
        message.turn = ++turn_;
        inbox_.put(std::move(message));
    });
    auto next = shaped_->next();
    if (alsoAt && *alsoAt > now && (!next || *alsoAt < *next)) next = alsoAt;
    if (!next) return;
    // The timer is exact to some 50 µs; run time may stand still meanwhile, then it is set again.
    const Time at = std::chrono::steady_clock::now() + (*next - now);
    if (shapedTimer_.expiry() <= at && shapedTimer_.expiry() > std::chrono::steady_clock::now()) return;
    shapedTimer_.expires_at(at);
    shapedTimer_.async_wait([](const boost::system::error_code&) {});
}

std::optional<WsCommunicator::Time> WsCommunicator::deadlineOfCall() const {
    if (!deadline_) return std::nullopt;
    return std::chrono::steady_clock::now() + *deadline_;
}

void WsCommunicator::cancel(const std::string& why) {
    {
        const std::lock_guard lock(cancelMutex_);
        if (!cancelled()) cancelWhy_ = why;
    }
    cancelled_.store(true, std::memory_order_release);
    asio::post(context_, [] {});
}

void WsCommunicator::throwIfCancelled() {
    if (!cancelled()) return;
    takeBackEverything();
    const std::lock_guard lock(cancelMutex_);
    throw CommError(CommError::Kind::Cancelled, cancelWhy_);
}

void WsCommunicator::throwAfterTakingBack(CommError::Kind kind, const std::string& what) {
    throwIfCancelled();
    takeBackEverything();
    throw CommError(kind, what);
}

/// No memory of the caller's is used once its call has thrown.
void WsCommunicator::takeBackEverything() {
    for (LentMessage* message : std::exchange(under_, {})) {
        using State = LentMessage::State;
        message->forsaken = true;
        if (message->state == State::Done || message->state == State::Failed)
            free_.push_back(message);
        else
            peer(message->to).connection->takeBack(*message);
    }
    held_.clear();
}

// Sending.

LentMessage& WsCommunicator::freeLentMessage() {
    LentMessage* message;
    if (free_.empty()) {
        message = &all_.emplace_back();
    } else {
        message = free_.back();
        free_.pop_back();
    }
    message->forsaken = false;
    message->freed = Nanoseconds{0};
    message->state = LentMessage::State::Waiting;
    return *message;
}

SendTicket WsCommunicator::beginSend(Rank to, const Parcel& parcel) {
    throwIfCancelled();
    if (to.value < 0 || to.value >= traits_.worldSize)
        throw std::invalid_argument("no " + words(to) + " here");
    const bool counted = parcel.bytes.empty() && parcel.payloadBytes > 0;
    // Control traffic may leave out how much it is: nobody counts it.
    const std::int64_t payload =
        parcel.bytes.empty() ? parcel.payloadBytes : static_cast<std::int64_t>(parcel.bytes.size());
    if (parcel.payloadBytes != payload && parcel.traffic == Traffic::Data)
        throw std::invalid_argument("a parcel of other bytes than it says");
    FrameHeader header;
    header.communicationLane = traits_.lane == Lane::Communication;
    header.control = parcel.traffic == Traffic::Control;
    header.counted = counted;
    header.carries = static_cast<std::uint8_t>(parcel.carries);
    header.generation = traits_.generation;
    header.from = traits_.rank.value;
    header.to = to.value;
    header.tag = parcel.tag;
    header.bucket = parcel.bucket;
    header.chunk = parcel.chunk;
    header.microBatch = parcel.microBatch;
    header.payloadBytes = static_cast<std::uint64_t>(payload);
    header.begin = traits_.now().count();

    Nanoseconds freed{0};
    bool lost = false;
    if (shapes() && parcel.traffic == Traffic::Data && to != traits_.rank) {
        const auto departure = traits_.shaper->depart(to, payload, Nanoseconds(header.begin));
        header.begin = departure.begin.count();
        freed = departure.freed;
        lost = departure.lost;
        if (lost) peer(to).why = kCut;
    }

    LentMessage& message = freeLentMessage();
    message.freed = freed;
    message.header = encode(header);
    message.body = parcel.bytes;
    message.to = to;
    message.id = ++lastTicket_;
    under_.push_back(&message);
    const std::int64_t body = static_cast<std::int64_t>(parcel.bytes.size());
    if (to == traits_.rank) {
        sendToSelf(header, parcel.bytes);
        message.state = LentMessage::State::Done;
        if (parcel.traffic == Traffic::Data) meter.count(to, parcel.payloadBytes, body);
    } else {
        if (parcel.traffic == Traffic::Data)
            meter.count(to, parcel.payloadBytes, peer(to).connection->wireBytes(body));
        const Nanoseconds begin(header.begin);
        if (lost)
            message.state = LentMessage::State::Failed;
        else if (mustWait(to, begin))
            held_.push_back({begin, &message});
        else
            post(message);
    }
    return {message.id};
}

/// The other end may not know that the link is cut: what leaves later is sent later.
bool WsCommunicator::mustWait(Rank to, Nanoseconds begin) const {
    if (!shapes() || !traits_.shaper->damaged()) return false;
    // Behind what waits already.
    return begin > traits_.now() ||
           std::any_of(held_.begin(), held_.end(), [&](const Held& held) { return held.message->to == to; });
}

void WsCommunicator::post(LentMessage& message) {
    Peer& to = peer(message.to);
    if (to.gone)
        message.state = LentMessage::State::Failed;
    else
        to.connection->send(message);
}

void WsCommunicator::sendToSelf(const FrameHeader& header, ReceivedBytes body) {
    Arrived message{header, pool_.take(body.size())};
    if (!body.empty()) std::memcpy(message.body.bytes().data(), body.data(), body.size());
    message.at = traits_.now();
    message.turn = ++turn_;
    inbox_.put(std::move(message));
}

void WsCommunicator::finishSend(SendTicket ticket) {
    const auto place =
        std::find_if(under_.begin(), under_.end(), [&](const LentMessage* m) { return m->id == ticket.id; });
    if (place == under_.end()) return;
    LentMessage& message = **place;
    using State = LentMessage::State;
    const auto over = [&] {
        return message.state == State::Failed ||
               (message.state == State::Done &&
                (message.freed.count() == 0 || traits_.now() >= message.freed));
    };
    if (!over())
        runUntil([&] { return over() || cancelled() || peer(message.to).settled; }, deadlineOfCall(),
                 message.freed);
    const Rank to = message.to;
    if (message.state != State::Done) {
        const bool gone = peer(to).gone || message.state == State::Failed;
        const std::string why = peer(to).why.empty() ? "the connection broke" : peer(to).why;
        throwAfterTakingBack(
            gone ? CommError::Kind::PeerGone : CommError::Kind::Deadline,
            words(to) + (gone ? " did not receive from " + words(traits_.rank) + ": " + why
                              : " did not receive from " + words(traits_.rank) + " before the deadline"));
    }
    std::erase(under_, &message);
    free_.push_back(&message);
}

void WsCommunicator::settle() {
    using State = LentMessage::State;
    const auto settled = [&] {
        return std::all_of(under_.begin(), under_.end(), [&](const LentMessage* message) {
            return message->state == State::Done || message->state == State::Failed ||
                   peer(message->to).settled;
        });
    };
    if (!settled()) runUntil([&] { return settled() || cancelled(); }, std::nullopt);
}

void WsCommunicator::released(LentMessage& message) {
    if (message.forsaken) free_.push_back(&message);
}

// Receiving.

bool WsCommunicator::mayComeFrom(Rank from, const PeerConnection& by) const {
    return from.value >= 0 && from.value < traits_.worldSize && peers_[from.index()].connection == &by &&
           !peers_[from.index()].gone;
}

void WsCommunicator::arrived(PeerConnection& by, Arrived message) {
    message.at = traits_.now();
    message.turn = turn_;
    if (shapes() && !message.header.control && !message.shown) {
        const std::int64_t weight = message.weight();
        if (!shaped_->add(std::move(message))) by.madeRoom(weight);
        return;
    }
    inbox_.put(std::move(message));
}

void WsCommunicator::gone(Rank rank, const std::string& why) {
    Peer& left = peer(rank);
    if (std::exchange(left.gone, true)) return;
    left.why = why;
    // Behind the handlers of what was sent to it and has arrived.
    asio::post(context_, [this, rank] { peer(rank).settled = true; });
}

void WsCommunicator::broken(PeerConnection& connection, const std::string& why) {
    for (int rank = 0; rank < traits_.worldSize; ++rank)
        if (peer(Rank{rank}).connection == &connection) gone(Rank{rank}, why);
}

template <class Take, class Hopeless>
Arrived WsCommunicator::await(Take&& take, Hopeless&& hopeless, const std::function<std::string()>& sender) {
    throwIfCancelled();
    std::optional<Arrived> message;
    enum class End { None, Gone, Full } end = End::None;
    const bool ended = runUntil(
        [&] {
            // Asked in this order: what arrived before its sender went is still delivered.
            if (!(message = take()) && (!shaped_ || shaped_->empty()))
                end = hopeless(End::Gone) ? End::Gone : hopeless(End::Full) ? End::Full : end;
            return message || end != End::None || cancelled();
        },
        deadlineOfCall());
    if (message) {
        if (PeerConnection* by = peer(Rank{message->header.from}).connection) by->madeRoom(message->weight());
        return std::move(*message);
    }
    throwIfCancelled();
    const std::string waits = words(traits_.rank) + " waits for " + sender();
    if (end == End::Gone) throwAfterTakingBack(CommError::Kind::PeerGone, waits);
    if (end == End::Full)
        throwAfterTakingBack(CommError::Kind::Deadlock,
                             waits +
                                 ", while messages that nobody asks for have used up the room for them (" +
                                 std::to_string(traits_.limits.early) + " bytes)");
    (void)ended;
    throwAfterTakingBack(CommError::Kind::Deadline, waits + ", which sent nothing before the deadline");
}

Arrived WsCommunicator::awaitFrom(Rank from, Tag tag) {
    if (from.value < 0 || from.value >= traits_.worldSize)
        throw std::invalid_argument("no " + words(from) + " here");
    const Peer& sender = peer(from);
    return await([&] { return inbox_.take(from, tag); },
                 [&](auto end) {
                     using End = decltype(end);
                     if (!sender.connection) return false;
                     return end == End::Gone ? sender.gone || cutOff(from, traits_.rank)
                                             : sender.connection->paused();
                 },
                 [&] {
                     return words(from) + (sender.gone                  ? ", and that is gone: " + sender.why
                                           : cutOff(from, traits_.rank) ? std::string(", and ") + kCut
                                                                        : "");
                 });
}

std::int64_t WsCommunicator::receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) {
    return show(awaitFrom(from, tag), [&](Rank, ReceivedBytes bytes) { consume(bytes); });
}

std::int64_t WsCommunicator::receiveInPieces(Rank from, Tag tag, FunctionRef<void(const Piece&)> consume) {
    return receiveWanted({from, tag, {}, consume});
}

void WsCommunicator::receiveInPlace(Rank from, Tag tag, std::span<std::byte> out) {
    receiveWanted({from, tag, out, [&](const Piece& piece) {
                       if (piece.whole != out.size())
                           throw CommError(CommError::Kind::WrongSize,
                                           words(from) + " sent " + std::to_string(piece.whole) +
                                               " bytes to " + words(traits_.rank) + ", which expected " +
                                               std::to_string(out.size()));
                       // Or it came where it belongs.
                       if (!piece.bytes.empty() && piece.bytes.data() != out.data() + piece.at)
                           std::memcpy(out.data() + piece.at, piece.bytes.data(), piece.bytes.size());
                   }});
}

std::int64_t WsCommunicator::receiveWanted(Wanted wanted) {
    const Rank from = wanted.from;
    const Tag tag = wanted.tag;
    const auto whole = [&](ReceivedBytes bytes) { wanted.consume({bytes.size(), 0, bytes}); };
    // By the model a message isn't here before all of it is.
    if (shapes() || from == traits_.rank || from.value < 0 || from.value >= traits_.worldSize ||
        inbox_.has(from, tag))
        return receive(from, tag, whole);
    struct NoLonger {
        WsCommunicator& lane;
        ~NoLonger() {
            // What is half shown can't be received again.
            if (PeerConnection* by = lane.wanted_->by) by->end("a message was given up half-way");
            lane.wanted_.reset();
        }
    };
    wanted_ = wanted;
    Arrived message;
    {
        const NoLonger noLonger{*this};
        PeerConnection* connection = peer(from).connection;
        wanted_->by = connection;
        if (!connection->showPieces(from, tag, placeFor(*wanted_), !wanted_->place.empty()))
            wanted_->by = nullptr;
        message = awaitFrom(from, tag);
        wanted_->by = nullptr;
        if (wanted_->failure) {
            const std::exception_ptr failure = wanted_->failure;
            takeBackEverything();
            std::rethrow_exception(failure);
        }
    }
    const bool shown = message.shown;
    return show(std::move(message), [&](Rank, ReceivedBytes bytes) {
        if (!shown) whole(bytes);
    });
}

std::optional<std::span<std::byte>> WsCommunicator::placeForPieces(PeerConnection& by,
                                                                   const FrameHeader& header) {
    if (!wanted_ || wanted_->by || shapes() || header.from != wanted_->from.value ||
        header.tag != wanted_->tag || inbox_.has(wanted_->from, wanted_->tag))
        return std::nullopt;
    // What is of another size than its place comes elsewhere, and is refused when it is here.
    if (!wanted_->place.empty() && wanted_->place.size() != header.payloadBytes) return std::nullopt;
    wanted_->by = &by;
    return placeFor(*wanted_);
}

std::span<std::byte> WsCommunicator::placeFor(const Wanted& wanted) {
    if (!wanted.place.empty()) return wanted.place;
    placeForPieces_.resize(kPiece);
    return placeForPieces_;
}

void WsCommunicator::piece(std::size_t at, std::size_t whole, std::span<const std::byte> bytes) {
    if (wanted_->failure) return;
    try {
        wanted_->consume({whole, at, bytes});
    } catch (...) {
        wanted_->failure = std::current_exception();
    }
}

Rank WsCommunicator::receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) {
    Arrived message = await([&] { return inbox_.takeAny(tag); },
                            [&](auto end) {
                                using End = decltype(end);
                                bool others = false;
                                for (std::size_t i = 0; i < peers_.size(); ++i) {
                                    const Peer& one = peers_[i];
                                    if (!one.connection || one.gone) continue;
                                    if (cutOff(Rank{static_cast<std::int32_t>(i)}, traits_.rank)) continue;
                                    others = true;
                                    if (end == End::Full && !one.connection->paused()) return false;
                                }
                                return end == End::Gone ? !others : others;
                            },
                            [&] { return std::string("any rank, and all of them are gone"); });
    const Rank from{message.header.from};
    show(std::move(message), consume);
    return from;
}

std::int64_t WsCommunicator::show(Arrived message, FunctionRef<void(Rank, ReceivedBytes)> consume) {
    const FrameHeader& header = message.header;
    const Rank from{header.from};
    struct GiveBack {
        BufferPool& pool;
        MessageBuffer& buffer;
        ~GiveBack() { pool.giveBack(std::move(buffer)); }
    };
    try {
        const GiveBack giveBack{pool_, message.body};
        consume(from, message.body.bytes());
    } catch (...) {
        takeBackEverything();
        throw;
    }
    const auto payload = static_cast<std::int64_t>(header.payloadBytes);
    if (observer && !header.control) {
        const Nanoseconds begin(header.begin);
        observer->delivered({from, traits_.rank, payload, message.wireBytes, header.bucket, header.chunk,
                             begin, std::max(begin, message.at), header.microBatch,
                             static_cast<Carries>(header.carries)});
    }
    return payload;
}

// The end.

void WsCommunicator::farewell() {
    std::vector<LentMessage*> last;
    for (int rank = 0; rank < traits_.worldSize; ++rank) {
        const Rank to{rank};
        if (to == traits_.rank || !peer(to).connection || peer(to).gone) continue;
        FrameHeader header;
        header.communicationLane = traits_.lane == Lane::Communication;
        header.control = true;
        header.carries = kFarewell;
        header.generation = traits_.generation;
        header.from = traits_.rank.value;
        header.to = rank;
        LentMessage& message = freeLentMessage();
        message.header = encode(header);
        message.body = {};
        message.to = to;
        last.push_back(&message);
        post(message);
    }
    // Who doesn't read what was sent before learns of the end when the connections close.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    for (LentMessage* message : last)
        runUntil(
            [&] {
                return message->state == LentMessage::State::Done ||
                       message->state == LentMessage::State::Failed || peer(message->to).settled;
            },
            until);
}

void WsCommunicator::drain(Time until) {
    const auto drained = [&] {
        return std::all_of(connections_.begin(), connections_.end(),
                           [](const auto& c) { return c->drained(); });
    };
    while (!drained() && std::chrono::steady_clock::now() < until)
        context_.run_for(std::chrono::milliseconds(1));
}

}  // namespace rondo::net
