#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/comm/communicator.h"
#include "engine/comm/in_pieces.h"
#include "engine/comm/traffic_meter.h"
#include "net/data/peer_connection.h"
#include "net/data/shaper.h"

namespace rondo::net {

/// One lane's end of a WsNetwork: its connections, what arrived on them, and the io_context that runs while
/// its thread is in one of the calls here.
class WsCommunicator final : public Communicator, public PiecewiseReceiver, public ConnectionOwner {
  public:
    struct Traits {
        Rank rank;
        int worldSize = 1;
        std::uint32_t generation = 0;
        Lane lane = Lane::Compute;
        bool spin = false;
        DataLimits limits;
        std::function<Nanoseconds()> now;
        std::shared_ptr<Shaper> shaper;  ///< null: nothing is done to the links
    };
    explicit WsCommunicator(Traits traits);
    ~WsCommunicator() override;

    /// The ranks reached by it. Before anything is sent.
    void add(std::vector<Rank> peers, bool dialled, std::unique_ptr<PeerStream> stream,
             std::shared_ptr<IoThread> keeps);
    void start();

    Rank rank() const override { return traits_.rank; }
    int worldSize() const override { return traits_.worldSize; }
    SendTicket beginSend(Rank to, const Parcel& parcel) override;
    void finishSend(SendTicket ticket) override;
    /// Waits until all that was begun is in the kernel, or can't get there any more.
    void settle();
    std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) override;
    std::int64_t receiveInPieces(Rank from, Tag tag, FunctionRef<void(const Piece&)> consume) override;
    void receiveInPlace(Rank from, Tag tag, std::span<std::byte> out) override;
    Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) override;
    void setDeadline(std::optional<std::chrono::nanoseconds> deadline) override { deadline_ = deadline; }

    /// Tells every peer that this rank has ended, behind all that was sent.
    void farewell();
    /// Waits until the kernel has passed on what was sent, or `until`.
    void drain(std::chrono::steady_clock::time_point until);
    /// Any thread.
    void cancel(const std::string& why);

    TrafficMeter meter;
    DeliveryObserver* observer = nullptr;

  private:
    using Time = std::chrono::steady_clock::time_point;
    struct Peer {
        PeerConnection* connection = nullptr;
        bool gone = false;
        bool settled = false;  ///< what was sent before it went has been seen off
        std::string why;
    };

    /// The message that is waited for in pieces or in place, while it is waited for.
    struct Wanted {
        Rank from;
        Tag tag;
        std::span<std::byte> place;  ///< empty: the lane's own, for one piece after the other
        FunctionRef<void(const Piece&)> consume;
        PeerConnection* by = nullptr;  ///< the message is on its way here
        std::exception_ptr failure;    ///< of `consume`: what comes then is shown to nobody
    };

    bool mayComeFrom(Rank from, const PeerConnection& by) const override;
    MessageBuffer takeBuffer(std::size_t size) override { return pool_.take(size); }
    std::optional<std::span<std::byte>> placeForPieces(PeerConnection& by,
                                                       const FrameHeader& header) override;
    void piece(std::size_t at, std::size_t whole, std::span<const std::byte> bytes) override;
    void arrived(PeerConnection& by, Arrived message) override;
    void gone(Rank rank, const std::string& why) override;
    void broken(PeerConnection& connection, const std::string& why) override;
    void released(LentMessage& message) override;

    LentMessage& freeLentMessage();
    void post(LentMessage& message);
    bool mustWait(Rank to, Nanoseconds begin) const;
    void sendToSelf(const FrameHeader& header, ReceivedBytes body);
    template <class Done>
    bool runUntil(Done&& done, std::optional<Time> until, std::optional<Nanoseconds> wakeAt = {});
    /// Lets in what is here by the model too, and sees to it that the lane wakes for what comes next, or at
    /// `alsoAt`.
    void letShapedIn(std::optional<Nanoseconds> alsoAt);
    std::optional<Time> deadlineOfCall() const;
    void throwIfCancelled();
    [[noreturn]] void throwAfterTakingBack(CommError::Kind kind, const std::string& what);
    void takeBackEverything();
    template <class Take, class Hopeless>
    Arrived await(Take&& take, Hopeless&& hopeless, const std::function<std::string()>& sender);
    std::int64_t receiveWanted(Wanted wanted);
    std::span<std::byte> placeFor(const Wanted& wanted);
    Arrived awaitFrom(Rank from, Tag tag);
    std::int64_t show(Arrived message, FunctionRef<void(Rank, ReceivedBytes)> consume);
    /// Messages go by the model of the links.
    bool shapes() const { return shaped_ && traits_.shaper->acts(); }
    bool cutOff(Rank from, Rank to) const {
        return shapes() && traits_.shaper->cutOff(from, to, traits_.now());
    }
    bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
    Peer& peer(Rank rank) { return peers_[rank.index()]; }

    const Traits traits_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::vector<Peer> peers_;
    std::vector<std::unique_ptr<PeerConnection>> connections_;
    Inbox inbox_;
    std::optional<ShapedArrivals> shaped_;
    asio::steady_timer shapedTimer_;
    BufferPool pool_;

    std::optional<Wanted> wanted_;
    std::vector<std::byte> placeForPieces_;
    std::uint64_t turn_ = 0;
    std::optional<std::chrono::nanoseconds> deadline_;

    std::deque<LentMessage> all_;
    std::vector<LentMessage*> free_;
    std::vector<LentMessage*> under_;  // begun and not finished
    struct Held {
        Nanoseconds until;
        LentMessage* message;
    };
    std::vector<Held> held_;  // of those, until a cut link is there again
    std::uint64_t lastTicket_ = 0;

    std::atomic<bool> cancelled_ = false;
    std::mutex cancelMutex_;
    std::string cancelWhy_;
};

}  // namespace rondo::net
