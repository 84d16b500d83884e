#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/training/crew.h"
#include "engine/training/gloo/gloo_network.h"
#include "engine/training/remote_rank.h"
#include "net/data/peer_listener.h"
#include "net/membership/host.h"

namespace rondo::cli {

/// The members of a host as the crew of a run: orders go out and news come in over their control
/// connections; servers are threads of this process.
class HostCrew final : public Crew {
  public:
    /// `overGloo`: ranks meet at a store of this process's. The host must outlive the crew.
    HostCrew(net::Host& host, CrewInbox& inbox, EventSink& events, bool overGloo);
    ~HostCrew() override;

    /// Nobody serves here any more: what servers still say has been said.
    void endServers();

    // For the host's handlers; on its thread.
    void heard(net::MemberId member, const net::FrameHeader& header, std::span<const std::byte> body);
    void gone(const net::MemberInfo& member);
    void ready(const net::MemberInfo& member);
    void wanted(net::MemberId member, const net::Want& want);

    std::vector<MemberId> workers() override;
    std::vector<MemberId> servers(int count) override;
    std::string nameOf(MemberId member) override;
    void arrange(std::span<const MemberId> members, std::span<BeginWorld> world,
                 std::span<const DirectedLink> links) override;
    std::string offer(std::shared_ptr<const Dataset> data) override;
    void order(MemberId member, RankOrder order) override;
    Nanoseconds now() const override;

  private:
    struct Server;
    /// Whether it is a member's own work that the event is about.
    bool mayTell(MemberId member, const Event& event);
    /// Members of the host count from 1; the servers beside it from here.
    static constexpr MemberId kFirstServer = 1u << 31;

    net::Host& host_;
    CrewInbox& inbox_;
    EventSink& events_;
    net::PeerListener listener_;
    std::optional<GlooStore> store_;
    std::map<MemberId, std::unique_ptr<Server>> servers_;
    std::atomic<std::uint32_t> generation_ = 0;
    std::mutex mutex_;
    std::map<MemberId, Rank> ranks_;  ///< latest
    /// The data of the present run, where members are to ask for it.
    struct Offer {
        std::string sha256;
        std::shared_ptr<const Dataset> data;
        std::vector<std::byte> packed;
    };
    std::shared_ptr<const Offer> offer_;
    std::uint32_t blobs_ = 0;  ///< on their way or gone; the host's thread
};

}  // namespace rondo::cli
