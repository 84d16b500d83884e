#include "app/cli/room/worker_session.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <thread>

#include "app/cli/room/data_plane.h"
#include "app/cli/room/rank_frames.h"
#include "app/cli/room/received_samples.h"
#include "engine/config/run_spec_json.h"
#include "engine/core/overloaded.h"
#include "engine/events/event_codec.h"
#include "engine/training/core_speed.h"
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

JoinNews newsOf(JoinNews::Kind kind) {
    JoinNews news;
    news.kind = kind;
    return news;
}

JoinNews partIn(const BeginWorld& world) {
    JoinNews news = newsOf(JoinNews::Kind::Training);
    news.rank = world.rank.value;
    if (const auto spec = parseRunSpec(world.spec)) {
        news.workers = static_cast<std::int32_t>(spec->workers);
        news.run = spec->name;
    }
    news.workers = std::max(news.workers, news.rank + 1);
    return news;
}

bool endsPart(const RankTold& told) {
    return std::holds_alternative<RankEnded>(told) || std::holds_alternative<RankFailed>(told) ||
           std::holds_alternative<StateTold>(told);
}

}  // namespace

/// What one connection to a host needs; the member's handlers reach into it from the io thread.
class WorkerSession::Session {
  public:
    Session(net::IoThread& io, const WorkerSession::Options& options, WorkerSession::Self& self)
        : options_(options),
          self_(self),
          listener_(net::PeerListener::Options{.secure = options.url.secure}),
          rank_({.tell =
                     [this](std::uint32_t generation, const RankTold& told) {
                         member_->send(rankFrame(told, generation));
                         if (endsPart(told) && training_.exchange(false))
                             options_.say(newsOf(JoinNews::Kind::Waiting));
                     },
                 .events = events_,
                 .hostNow = [this] { return hostNow(); },
                 .connect =
                     [this](const BeginWorld& world, std::function<Nanoseconds()> now, std::stop_token stop) {
                         return connectRank(
                             {listener_, options_.url.host, relay(), options_.byRelayOnly, events_}, world,
                             std::move(now), std::move(stop));
                     },
                 .data = [this](const RunSpec& spec,
                                const std::stop_token& stop) { return dataFor(spec, stop); }}) {
        net::MemberOptions member;
        member.url = options.url;
        member.code = options.code;
        member.fingerprint = options.fingerprint;
        member.name = self.name;
        member.token = self.token;
        const net::MemberHandlers handlers{
            .joined = [this](const net::Welcome& welcome) { joined(welcome); },
            .binaryMessage = [this](const net::FrameHeader& header,
                                    std::span<const std::byte> body) { heard(header, body); },
            .controlMessage =
                [this](const net::ControlMessage& message) {
                    if (const auto* rename = std::get_if<net::Rename>(&message)) return renamed(rename->name);
                    blob_.heard(message);
                },
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
    void leave() { member_->leave("left"); }

  private:
    void sayName(const std::string& name) {
        JoinNews news = newsOf(JoinNews::Kind::Joined);
        news.name = name;
        options_.say(news);
    }
    void renamed(const std::string& name) {
        {
            const std::lock_guard lock(mutex_);
            self_.name = name;
        }
        sayName(name);
    }
    void joined(const net::Welcome& welcome) {
        {
            const std::lock_guard lock(mutex_);
            self_.name = welcome.name;
            if (welcome.token) self_.token = welcome.token;
        }
        sayName(welcome.name);
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
        if (!self_.gflops) self_.gflops = coreGflops();
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return joined_ || end_; });
        const bool here = options_.url.host == "localhost" || options_.url.host.starts_with("127.");
        while (!end_ && !here && !member_->clock())
            changed_.wait_for(lock, std::chrono::milliseconds(50), [&] { return end_.has_value(); });
        if (end_) return;
        lock.unlock();
        net::Ready ready;
        ready.cores = std::clamp(std::thread::hardware_concurrency(), 1u, 65535u);
        ready.gflops = *self_.gflops;
        ready.peerPort = options_.byRelayOnly ? 0 : listener_.port();
        ready.software = "rondo " RONDO_VERSION;
        member_->send(ready);
    }

    void heard(const net::FrameHeader& header, std::span<const std::byte> body) {
        if (header.kind == net::FrameHeader::Kind::Blob) return blob_.heard(header, body);
        if (header.kind != net::FrameHeader::Kind::RankMessage) return;
        auto order = decodeRankOrder(body);
        if (!order) return member_->leave("the host sends an order that can't be read: " + order.error());
        if (const auto* world = std::get_if<BeginWorld>(&*order)) {
            events_.want(world->wantsSamples);
            {
                const std::lock_guard lock(mutex_);
                dataSha256_ = world->dataSha256;
            }
            training_ = true;
            options_.say(partIn(*world));
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
        if (blob_.expect(sha256)) member_->send(net::Want{sha256});
        auto data = std::make_shared<Dataset>();
        data->train = blob_.await(stop);
        return data;
    }
    /// For peers out of reach.
    std::optional<net::RelayAccess> relay() {
        const std::lock_guard lock(mutex_);
        if (!self_.token) return std::nullopt;
        return net::RelayAccess{options_.url,
                                options_.code.secret,
                                *self_.token,
                                {options_.fingerprint, options_.code.fingerprint}};
    }
    Nanoseconds hostNow() const {
        const auto clock = member_->clock();
        return steadyNow() - (clock ? clock->offset : Nanoseconds{0});
    }

    const WorkerSession::Options& options_;
    WorkerSession::Self& self_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool joined_ = false;
    std::atomic<bool> training_ = false;
    std::optional<net::MemberEnd> end_;
    std::string dataSha256_;  ///< of the latest world
    ReceivedSamples blob_;
    RankEvents events_;
    net::PeerListener listener_;
    RemoteRank rank_;
    std::optional<net::Member> member_;
};

net::MemberEnd WorkerSession::runOnce(net::IoThread& io, Self& self) {
    Session session(io, options_, self);
    {
        const std::lock_guard lock(mutex_);
        session_ = &session;
        if (leaving_) session.leave();
    }
    const net::MemberEnd end = session.run();
    const std::lock_guard lock(mutex_);
    session_ = nullptr;
    return end;
}

void WorkerSession::leave() {
    {
        const std::lock_guard lock(mutex_);
        leaving_ = true;
        if (session_) session_->leave();
    }
    changed_.notify_all();
}

net::MemberEnd WorkerSession::run() {
    net::IoThread io;
    Self self{.name = options_.name, .token = {}, .gflops = {}};
    bool everJoined = false;
    for (int tries = 0;;) {
        options_.say(newsOf(JoinNews::Kind::Dialling));
        const net::MemberEnd end = runOnce(io, self);
        if (end.joined) tries = 0;
        everJoined = everJoined || end.joined;
        constexpr int kMostTries = 20;
        const bool again = everJoined && end.mayRetry && options_.returns && ++tries <= kMostTries;
        JoinNews lost = newsOf(JoinNews::Kind::Lost);
        lost.why = end.why;
        lost.againIn = std::min(1 << std::min(std::max(tries - 1, 0), 3), 8);
        if (again) options_.say(lost);
        std::unique_lock lock(mutex_);
        if (again) changed_.wait_for(lock, std::chrono::seconds(lost.againIn), [this] { return leaving_; });
        if (leaving_) return {net::CloseCode::Normal, "left", true, false};
        if (!again) return end;
    }
}

}  // namespace rondo::cli
