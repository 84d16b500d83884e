#include "engine/comm/virtual_time/virtual_network.h"

#include <algorithm>
#include <cstring>
#include <deque>

namespace rondo {

class VirtualCommunicator final : public Communicator, private Scheduler::Target {
  public:
    VirtualCommunicator(VirtualNetwork& network, Rank rank, int worldSize, Lane lane)
        : network_(network), rank_(rank), worldSize_(worldSize), lane_(lane) {}

    Rank rank() const override { return rank_; }
    int worldSize() const override { return worldSize_; }
    void setDeadline(std::optional<std::chrono::nanoseconds> deadline) override { deadline_ = deadline; }

    SendTicket beginSend(Rank to, const Parcel& parcel) override {
        Scheduler& scheduler = network_.scheduler_;
        const std::uint32_t id = network_.newMessage();
        auto& message = network_.messages_[id];
        message.from = rank_;
        message.to = to;
        message.lane = lane_;
        message.tag = parcel.tag;
        message.traffic = parcel.traffic;
        message.bucket = parcel.bucket;
        message.chunk = parcel.chunk;
        message.microBatch = parcel.microBatch;
        message.carries = parcel.carries;
        message.payloadBytes = parcel.payloadBytes;
        message.contentBytes = parcel.bytes.size();
        message.content.resize((parcel.bytes.size() + sizeof(float) - 1) / sizeof(float));
        if (!parcel.bytes.empty())
            std::memcpy(message.content.data(), parcel.bytes.data(), parcel.bytes.size());
        const Picoseconds now = scheduler.now();
        if (parcel.traffic == Traffic::Data) {
            meter.count(to, parcel.payloadBytes, parcel.payloadBytes);
            message.departure = network_.model_.depart(rank_, to, parcel.payloadBytes, now);
        } else {
            message.departure = {now, now, now, Picoseconds{0}};
        }
        if (message.departure.lost()) {
            network_.free_.push_back(id);
            return {kLost + static_cast<std::uint64_t>(to.value)};
        }
        scheduler.callAt(message.departure.arrival, rank_.value, network_, id);
        return {static_cast<std::uint64_t>(message.departure.freed.count())};
    }

    void finishSend(SendTicket ticket) override {
        if (ticket.id >= kLost)
            network_.scheduler_.suspend(
                [&] { return "its link to rank " + std::to_string(ticket.id - kLost) + ", which is cut"; });
        const Picoseconds freed{static_cast<std::int64_t>(ticket.id)};
        if (freed > network_.scheduler_.now()) network_.scheduler_.sleepUntil(freed, rank_.value);
    }

    std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) override {
        return take(from, tag, [&](Rank, ReceivedBytes bytes) { consume(bytes); }).second;
    }
    Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) override {
        return take(Rank{kNone}, tag, consume).first;
    }

    /// A message's arrival time is known; it may be the one this end waits for.
    void accept(std::uint32_t id) {
        const auto& message = network_.messages_[id];
        inbox_.push_back(id);
        if (waiting_ && !wakeSet_ && matches(message, from_, tag_)) {
            wakeSet_ = true;
            network_.scheduler_.wakeAt(message.arrived, rank_.value, fiber_);
        }
    }

    TrafficMeter meter;
    DeliveryObserver* observer = nullptr;

  private:
    static bool matches(const VirtualNetwork::InFlight& message, Rank from, Tag tag) {
        return message.tag == tag && (from.value == kNone || message.from == from);
    }
    /// Messages of one end arrive in the order of their inbox place: one card, one queue.
    std::deque<std::uint32_t>::iterator find(Rank from, Tag tag) {
        return std::find_if(inbox_.begin(), inbox_.end(),
                            [&](std::uint32_t id) { return matches(network_.messages_[id], from, tag); });
    }

    std::pair<Rank, std::int64_t> take(Rank from, Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) {
        Scheduler& scheduler = network_.scheduler_;
        auto place = find(from, tag);
        if (place == inbox_.end()) {
            awaitArrival(from, tag);
            place = find(from, tag);
        } else if (const Picoseconds arrived = network_.messages_[*place].arrived;
                   arrived > scheduler.now()) {
            scheduler.sleepUntil(arrived, rank_.value);
            place = find(from, tag);
        }
        const std::uint32_t id = *place;
        inbox_.erase(place);
        VirtualNetwork::InFlight message =
            std::move(network_.messages_[id]);  // `consume` may send and move the pool
        struct GiveBack {
            VirtualNetwork& network;
            std::uint32_t id;
            VirtualNetwork::InFlight& message;
            ~GiveBack() {
                network.messages_[id].content = std::move(message.content);
                network.free_.push_back(id);
            }
        } const giveBack{network_, id, message};
        if (message.traffic == Traffic::Data) {
            Picoseconds& taken = network_.taken_[rank_.index()];
            taken = std::max(taken, message.arrived);
        }
        consume(message.from, std::as_bytes(std::span(message.content)).first(message.contentBytes));
        if (observer && message.traffic == Traffic::Data)
            observer->delivered({message.from, rank_, message.payloadBytes, message.payloadBytes,
                                 message.bucket, message.chunk, nanosecondsOf(message.departure.begin),
                                 nanosecondsOf(message.arrived), message.microBatch, message.carries});
        return {message.from, message.payloadBytes};
    }

    void awaitArrival(Rank from, Tag tag) {
        Scheduler& scheduler = network_.scheduler_;
        waiting_ = true;
        wakeSet_ = false;
        timedOut_ = false;
        from_ = from;
        tag_ = tag;
        fiber_ = scheduler.current();
        struct Reset {
            bool& waiting;
            ~Reset() { waiting = false; }
        } const reset{waiting_};
        const auto sender = [&] {
            return from.value == kNone ? "any rank" : "rank " + std::to_string(from.value);
        };
        ++wait_;
        if (deadline_) scheduler.callAt(scheduler.now() + *deadline_, rank_.value, *this, wait_);
        scheduler.suspend([&] { return "a message from " + sender(); });
        if (timedOut_)
            throw CommError(CommError::Kind::Deadline, "rank " + std::to_string(rank_.value) + " waits for " +
                                                           sender() +
                                                           ", which sent nothing before the deadline");
    }

    /// The deadline of a wait; long forgotten unless that wait still goes on.
    void happen(std::uint32_t wait) override {
        if (wait != wait_ || !waiting_ || wakeSet_) return;
        timedOut_ = wakeSet_ = true;
        network_.scheduler_.wakeAt(network_.scheduler_.now(), rank_.value, fiber_);
    }

    /// From here on, tickets of messages that will never leave, to the rank that is added.
    static constexpr std::uint64_t kLost = std::uint64_t{1} << 63;
    VirtualNetwork& network_;
    const Rank rank_;
    const int worldSize_;
    const Lane lane_;
    std::optional<std::chrono::nanoseconds> deadline_;
    std::deque<std::uint32_t> inbox_;
    bool waiting_ = false, wakeSet_ = false, timedOut_ = false;
    Rank from_;
    Tag tag_ = 0;
    FiberId fiber_ = 0;
    std::uint32_t wait_ = 0;
};

VirtualNetwork::VirtualNetwork(Scheduler& scheduler, NetworkModel model, int worldSize)
    : scheduler_(scheduler), model_(std::move(model)), taken_(static_cast<std::size_t>(worldSize)) {
    for (int rank = 0; rank < worldSize; ++rank)
        for (const Lane lane : {Lane::Compute, Lane::Communication})
            ends_.push_back(std::make_unique<VirtualCommunicator>(*this, Rank{rank}, worldSize, lane));
}

VirtualNetwork::~VirtualNetwork() = default;

void VirtualNetwork::startAt(Rank rank, const CardTimes& times) {
    model_.startAt(rank, times);
    taken_[rank.index()] = times.receive;
}

void VirtualNetwork::happen(std::uint32_t id) {
    InFlight& message = messages_[id];
    message.arrived =
        message.traffic == Traffic::Data ? model_.arrive(message.to, message.departure) : scheduler_.now();
    ends_[message.to.index() * 2 + static_cast<std::size_t>(message.lane)]->accept(id);
}

std::uint32_t VirtualNetwork::newMessage() {
    if (free_.empty()) {
        messages_.emplace_back();
        return static_cast<std::uint32_t>(messages_.size() - 1);
    }
    const std::uint32_t id = free_.back();
    free_.pop_back();
    return id;
}

Communicator& VirtualNetwork::communicator(Rank rank, Lane lane) {
    return *ends_[rank.index() * 2 + static_cast<std::size_t>(lane)];
}
const TrafficMeter& VirtualNetwork::meter(Rank rank, Lane lane) const {
    return ends_[rank.index() * 2 + static_cast<std::size_t>(lane)]->meter;
}
void VirtualNetwork::observe(Rank rank, Lane lane, DeliveryObserver* observer) {
    ends_[rank.index() * 2 + static_cast<std::size_t>(lane)]->observer = observer;
}

}  // namespace rondo
