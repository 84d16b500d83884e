#include "engine/comm/local/local_network.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "engine/comm/local/doorbell.h"

namespace rondo {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A send under way. The sender owns it and waits for `done`; the receiver reads through it.
struct Lent {
    Parcel parcel;
    Rank from;
    Nanoseconds begin{0};
    std::uint64_t id = 0;
    std::atomic<bool> done = false;
};

std::string words(Rank rank) {
    return "rank " + std::to_string(rank.value);
}

}  // namespace

class LocalCommunicator final : public Communicator {
  public:
    LocalCommunicator(LocalNetwork& network, Rank rank, int worldSize, Lane lane, bool spin)
        : network_(network), rank_(rank), worldSize_(worldSize), lane_(lane), bell_(spin) {}

    Rank rank() const override { return rank_; }
    int worldSize() const override { return worldSize_; }
    void setDeadline(std::optional<std::chrono::nanoseconds> deadline) override { deadline_ = deadline; }

    SendTicket beginSend(Rank to, const Parcel& parcel) override {
        throwIfCancelled();
        if (parcel.traffic == Traffic::Data) meter.count(to, parcel.payloadBytes, parcel.payloadBytes);
        Lent& lent = freeLent();
        lent.parcel = parcel;
        lent.from = rank_;
        lent.begin = network_.now_();
        lent.id = ++lastTicket_;
        lent.done.store(false, std::memory_order_relaxed);
        LocalCommunicator& receiver = peer(to);
        {
            const std::lock_guard lock(receiver.mutex_);
            receiver.inbox_.push_back(&lent);
        }
        receiver.bell_.ring();
        under_.push_back({&lent, to});
        return {lent.id};
    }

    void finishSend(SendTicket ticket) override {
        const auto place = std::find_if(under_.begin(), under_.end(),
                                        [&](const Under& u) { return u.lent->id == ticket.id; });
        if (place == under_.end()) return;
        const Under under = *place;
        const auto received = [&] { return under.lent->done.load(std::memory_order_acquire); };
        if (!waitFor(received, [&] { return network_.left(under.to); }) && !received()) {
            const bool gone = network_.left(under.to);
            throwAfterTakingBack(gone ? CommError::Kind::PeerGone : CommError::Kind::Deadline,
                                 words(under.to) +
                                     (gone ? " ended without receiving from " : " did not receive from ") +
                                     words(rank_) + (gone ? "" : " before the deadline"));
        }
        std::erase_if(under_, [&](const Under& u) { return u.lent == under.lent; });
        free_.push_back(under.lent);
    }

    std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) override {
        Lent* found = await([&](const Lent& lent) { return lent.from == from && lent.parcel.tag == tag; },
                            [&] { return network_.left(from); }, words(from));
        return take(*found, [&](Rank, ReceivedBytes bytes) { consume(bytes); });
    }

    Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) override {
        Lent* found = await([&](const Lent& lent) { return lent.parcel.tag == tag; },
                            [&] { return network_.everyoneLeftBut(rank_); }, "any rank");
        const Rank from = found->from;
        take(*found, consume);
        return from;
    }

    void wake() { bell_.ring(); }

    /// Nothing of this end's memory may be read once its thread unwinds.
    void takeBackEverything() {
        for (const Under& under : std::exchange(under_, {})) takeBack(under);
    }

    TrafficMeter meter;
    DeliveryObserver* observer = nullptr;

  private:
    struct Under {
        Lent* lent;
        Rank to;
    };

    LocalCommunicator& peer(Rank rank) {
        return *network_.ends_[rank.index() * 2 + static_cast<std::size_t>(lane_)];
    }
    Lent& freeLent() {
        if (free_.empty()) {
            all_.emplace_back();
            return all_.back();
        }
        Lent* lent = free_.back();
        free_.pop_back();
        return *lent;
    }
    void throwIfCancelled() {
        if (!network_.cancelled(rank_)) return;
        takeBackEverything();
        throw CommError(CommError::Kind::Cancelled, "the run was cancelled");
    }

    [[noreturn]] void throwAfterTakingBack(CommError::Kind kind, const std::string& what) {
        throwIfCancelled();
        takeBackEverything();
        throw CommError(kind, what);
    }

    /// True when `ready`; false on cancel, deadline or when `hopeless` (ready is asked again after it).
    template <class Ready, class Hopeless>
    bool waitFor(Ready&& ready, Hopeless&& hopeless) {
        std::optional<SteadyTime> deadline;
        if (deadline_) deadline = std::chrono::steady_clock::now() + *deadline_;
        bool success = false;
        bell_.wait(
            [&] {
                const bool over = network_.cancelled(rank_) || hopeless();
                success = ready();
                return success || over;
            },
            deadline);
        return success;
    }

    template <class Matches, class Hopeless>
    Lent* await(Matches&& matches, Hopeless&& hopeless, const std::string& sender) {
        throwIfCancelled();
        Lent* found = nullptr;
        const bool arrived = waitFor(
            [&] {
                const std::lock_guard lock(mutex_);
                auto place = inbox_.end();
                for (auto i = inbox_.begin(); i != inbox_.end(); ++i)
                    if (matches(**i)) {
                        place = i;
                        break;
                    }
                if (place == inbox_.end()) return false;
                found = *place;
                inbox_.erase(place);
                return true;
            },
            hopeless);
        if (arrived) return found;
        const bool gone = hopeless();
        throwAfterTakingBack(gone ? CommError::Kind::PeerGone : CommError::Kind::Deadline,
                             words(rank_) + " waits for " + sender +
                                 (gone ? ", which has ended" : ", which sent nothing before the deadline"));
    }

    std::int64_t take(Lent& lent, FunctionRef<void(Rank, ReceivedBytes)> consume) {
        // What the sender may reuse the moment `done` is set is copied first.
        const Parcel parcel = lent.parcel;
        const Rank from = lent.from;
        const Nanoseconds begin = lent.begin;
        struct Release {  // also when `consume` throws: the sender must not wait for ever
            Lent& lent;
            LocalCommunicator& sender;
            ~Release() {
                lent.done.store(true, std::memory_order_release);
                sender.bell_.ring();
            }
        };
        try {
            const Release release{lent, peer(from)};
            consume(from, parcel.bytes);
        } catch (...) {
            takeBackEverything();
            throw;
        }
        if (observer && parcel.traffic == Traffic::Data)
            observer->delivered({from, rank_, parcel.payloadBytes, parcel.payloadBytes, parcel.bucket,
                                 parcel.chunk, begin, network_.now_(), parcel.microBatch, parcel.carries});
        return parcel.payloadBytes;
    }

    void takeBack(const Under& under) {
        LocalCommunicator& receiver = peer(under.to);
        bool unread = false;
        {
            const std::lock_guard lock(receiver.mutex_);
            unread = std::erase(receiver.inbox_, under.lent) > 0;
        }
        // Otherwise the receiver is reading it at this moment and will say so, cancelled or not.
        if (!unread) bell_.wait([&] { return under.lent->done.load(std::memory_order_acquire); }, {});
        free_.push_back(under.lent);
    }

    LocalNetwork& network_;
    const Rank rank_;
    const int worldSize_;
    const Lane lane_;
    Doorbell bell_;
    std::optional<std::chrono::nanoseconds> deadline_;

    std::mutex mutex_;
    std::deque<Lent*> inbox_;  // under mutex_; the rest belongs to the lane's thread

    std::deque<Lent> all_;
    std::vector<Lent*> free_;
    std::vector<Under> under_;
    std::uint64_t lastTicket_ = 0;
};

LocalNetwork::LocalNetwork(int worldSize, bool spin, std::function<Nanoseconds()> now)
    : left_(static_cast<std::size_t>(worldSize)), cancelled_(left_.size()), now_(std::move(now)) {
    for (int rank = 0; rank < worldSize; ++rank)
        for (const Lane lane : {Lane::Compute, Lane::Communication})
            ends_.push_back(std::make_unique<LocalCommunicator>(*this, Rank{rank}, worldSize, lane, spin));
}

LocalNetwork::~LocalNetwork() = default;

Communicator& LocalNetwork::communicator(Rank rank, Lane lane) {
    return *ends_[rank.index() * 2 + static_cast<std::size_t>(lane)];
}

const TrafficMeter& LocalNetwork::meter(Rank rank, Lane lane) const {
    return ends_[rank.index() * 2 + static_cast<std::size_t>(lane)]->meter;
}

void LocalNetwork::observe(Rank rank, Lane lane, DeliveryObserver* observer) {
    ends_[rank.index() * 2 + static_cast<std::size_t>(lane)]->observer = observer;
}

bool LocalNetwork::left(Rank rank) const {
    return left_[rank.index()].load(std::memory_order_acquire);
}

bool LocalNetwork::cancelled(Rank rank) const {
    return cancelled_[rank.index()].load(std::memory_order_acquire);
}

bool LocalNetwork::everyoneLeftBut(Rank rank) const {
    for (std::size_t other = 0; other < left_.size(); ++other)
        if (other != rank.index() && !left_[other].load(std::memory_order_acquire)) return false;
    return true;
}

void LocalNetwork::leave(Rank rank) {
    left_[rank.index()].store(true, std::memory_order_release);
    for (const auto& end : ends_) end->wake();
}

void LocalNetwork::cancel() {
    for (std::atomic<bool>& cancelled : cancelled_) cancelled.store(true, std::memory_order_release);
    for (const auto& end : ends_) end->wake();
}

void LocalNetwork::cancel(Rank rank) {
    cancelled_[rank.index()].store(true, std::memory_order_release);
    for (const auto& end : ends_)
        if (end->rank() == rank) end->wake();
}

}  // namespace rondo
