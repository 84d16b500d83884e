#include "app/cli/room/worker_session.h"

#include <algorithm>
#include <condition_variable>
#include <thread>

#include "app/cli/room/data_plane.h"
#include "app/cli/room/rank_frames.h"
#include "app/cli/room/received_samples.h"
#include "engine/core/overloaded.h"
#include "engine/events/event_codec.h"
#include "engine/training/remote_rank.h"

namespace rondo::cli {

namespace {

Nanoseconds steadyNow() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

/// A rank's events on their way to the host. A host that is slow to take them loses samples, with a count,
/// and holds nobody up.
class RankEvents final : public EventSink {
  public:
    using EventSink::publish;
    void goTo(net::Member* member) {
        const std::lock_guard lock(mutex_);
        member_ = member;
    }
    void want(bool samples) { wanted_ = samples; }
    bool wantsSamples() const override { return wanted_; }
    std::uint64_t dropped() const override { return droppedEver_; }
    void publish(std::span<Event> batch) override {
        const std::lock_guard lock(mutex_);
        if (!member_) return;
        const bool slow = member_->waitingBytes() > kMostWaiting;
        std::vector<std::byte> bytes;
        for (const Event& event : batch) {
            if (slow && classOf(event) == EventClass::Sample) {
                ++dropped_;
                ++droppedEver_;
                continue;
            }
            if (dropped_ > 0) encode(EventsDropped{stampOf(event), std::exchange(dropped_, 0)}, bytes);
            encode(event, bytes);
        }
        if (bytes.empty()) return;
        net::FrameHeader header;
        header.kind = net::FrameHeader::Kind::Events;
        header.payloadBytes = bytes.size();
        member_->send(header, bytes);
    }

  private:
    static constexpr std::size_t kMostWaiting = std::size_t{8} << 20;
    std::mutex mutex_;
    net::Member* member_ = nullptr;
    std::atomic<bool> wanted_ = true;
    std::uint64_t dropped_ = 0;
    std::atomic<std::uint64_t> droppedEver_ = 0;
};

/// What one connection to a host needs; the member's handlers reach into it from the io thread.
class Session {
  public:
    Session(net::IoThread& io, const WorkerSession::Options& options, std::optional<net::Bytes16>& token)
        : options_(options),
          token_(token),
          rank_({.tell = [this](RankTold told) { tell(told); },
                 .events = events_,
                 .hostNow = [this] { return hostNow(); },
                 .connect =
                     [this](const BeginWorld& world, std::function<Nanoseconds()> now, std::stop_token stop) {
                         return connectRank(listener_, world, std::move(now), std::move(stop), relay());
                     },
                 .data = [this](const RunSpec& spec,
                                const std::stop_token& stop) { return dataFor(spec, stop); }}) {
        net::MemberOptions member;
        member.url = options.url;
        member.code = options.code;
        member.fingerprint = options.fingerprint;
        member.name = options.name;
        member.token = token;
        const net::MemberHandlers handlers{
            .joined = [this](const net::Welcome& welcome) { joined(welcome); },
            .binaryMessage = [this](const net::FrameHeader& header,
                                    std::span<const std::byte> body) { heard(header, body); },
            .controlMessage = [this](const net::ControlMessage& message) { blob_.heard(message); },
            .closed = [this](const net::MemberEnd& end) { closed(end); },
        };
        member_.emplace(io, member, handlers);
        events_.goTo(&*member_);
    }
    ~Session() {
        events_.goTo(nullptr);
        member_.reset();
    }

    net::MemberEnd run() {
        std::thread readier([this] { becomeReady(); });
        rank_.run();
        readier.join();
        return *end_;
    }

  private:
    void joined(const net::Welcome& welcome) {
        if (welcome.token) {
            const std::lock_guard lock(mutex_);
            token_ = welcome.token;
        }
        options_.say("joined as " + welcome.name);
        {
            const std::lock_guard lock(mutex_);
            joined_ = true;
        }
        changed_.notify_all();
    }
    void closed(const net::MemberEnd& end) {
        {
            const std::lock_guard lock(mutex_);
            end_ = end;
        }
        changed_.notify_all();
        rank_.close(end.why);
    }
    /// A host on another computer can count on this clock once it has been compared with its own.
    void becomeReady() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return joined_ || end_; });
        const bool here = options_.url.host == "localhost" || options_.url.host.starts_with("127.");
        while (!end_ && !here && !member_->clock())
            changed_.wait_for(lock, std::chrono::milliseconds(50), [&] { return end_.has_value(); });
        if (end_) return;
        lock.unlock();
        net::Ready ready;
        ready.cores = std::clamp(std::thread::hardware_concurrency(), 1u, 65535u);
        ready.peerPort = listener_.port();
        ready.software = "rondo " RONDO_VERSION;
        member_->send(ready);
    }

    void heard(const net::FrameHeader& header, std::span<const std::byte> body) {
        if (header.kind == net::FrameHeader::Kind::Blob) return blob_.heard(header, body);
        if (header.kind != net::FrameHeader::Kind::RankMessage) return;
        auto order = decodeRankOrder(body);
        if (!order) return member_->leave("the host sends an order that can't be read: " + order.error());
        if (const auto* world = std::get_if<BeginWorld>(&*order)) {
            generation_ = world->generation;
            events_.want(world->wantsSamples);
            {
                const std::lock_guard lock(mutex_);
                dataSha256_ = world->dataSha256;
            }
            options_.say("rank " + std::to_string(world->rank.value) + " of a run");
        }
        rank_.take(*std::move(order));
    }
    /// What the settings say, or the samples of the host, where they are files of its.
    std::shared_ptr<const Dataset> dataFor(const RunSpec& spec, const std::stop_token& stop) {
        const std::string sha256 = [&] {
            const std::lock_guard lock(mutex_);
            return dataSha256_;
        }();
        if (sha256.empty()) return loadData(spec, stop);
        blob_.expect(sha256);
        member_->send(net::Want{sha256});
        auto data = std::make_shared<Dataset>();
        data->train = blob_.await(stop);
        return data;
    }
    /// For peers out of reach; a relay over TLS is not known to ranks.
    std::optional<net::RelayAccess> relay() {
        const std::lock_guard lock(mutex_);
        if (!token_ || options_.url.secure) return std::nullopt;
        return net::RelayAccess{options_.url, options_.code.secret, *token_};
    }
    void tell(const RankTold& told) { member_->send(rankFrame(told, generation_)); }
    Nanoseconds hostNow() const {
        const auto clock = member_->clock();
        return steadyNow() - (clock ? clock->offset : Nanoseconds{0});
    }

    const WorkerSession::Options& options_;
    std::optional<net::Bytes16>& token_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool joined_ = false;
    std::optional<net::MemberEnd> end_;
    std::string dataSha256_;  ///< of the latest world
    ReceivedSamples blob_;
    std::atomic<std::uint32_t> generation_ = 0;
    RankEvents events_;
    net::PeerListener listener_;
    RemoteRank rank_;
    std::optional<net::Member> member_;
};

}  // namespace

net::MemberEnd WorkerSession::runOnce(net::IoThread& io, std::optional<net::Bytes16>& token) {
    return Session(io, options_, token).run();
}

net::MemberEnd WorkerSession::run() {
    net::IoThread io;
    std::optional<net::Bytes16> token;
    bool everJoined = false;
    for (int tries = 0;;) {
        const net::MemberEnd end = runOnce(io, token);
        if (end.joined) tries = 0;
        everJoined = everJoined || end.joined;
        constexpr int kMostTries = 20;
        if (!everJoined || !end.mayRetry || !options_.returns || ++tries > kMostTries) return end;
        const auto pause = std::chrono::seconds(std::min(1 << std::min(tries - 1, 3), 8));
        options_.say(end.why + "; dialling again in " + std::to_string(pause.count()) + " s");
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace rondo::cli
