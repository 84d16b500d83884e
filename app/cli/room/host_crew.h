#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "app/cli/room/data_shipping.h"
#include "engine/training/crew.h"
#include "engine/training/gloo/gloo_network.h"
#include "engine/training/remote_rank.h"
#include "net/data/peer_listener.h"
#include "net/membership/host.h"

namespace rondo::cli {

/// The members of a host as the crew of its runs: orders go out and news come in over their control
/// connections; servers are threads of this process. What a member says is looked at before it comes any
/// further: who says what it can't have to say is sent away, and what is of a run or a world that is over is
/// thrown away.
class HostCrew final : public Crew {
  public:
    /// `gloo`: where ranks meet; none: they call each other over WebSockets. The host must outlive the crew.
    HostCrew(net::Host& host, CrewInbox& inbox, EventSink& events, std::shared_ptr<const GlooStore> gloo);
    ~HostCrew() override;

    /// Nobody serves here any more: what servers still say has been said.
    void endServers();

    /// A run, for as long as the object is there: what members say is about this one, and nothing is to be
    /// heard of those before. One at a time.
    class [[nodiscard]] Run {
      public:
        Run(HostCrew& crew, std::uint32_t run) : crew_(crew) { crew_.runBegins(run); }
        ~Run() { crew_.runEnds(); }
        Run(const Run&) = delete;
        Run& operator=(const Run&) = delete;

      private:
        HostCrew& crew_;
    };

    // For the host's handlers; on its thread.
    void heard(net::MemberId member, const net::FrameHeader& header, std::span<const std::byte> body);
    void gone(const net::MemberInfo& member);
    void ready(const net::MemberInfo& member);
    void wanted(net::MemberId member, const net::Want& want) { shipping_.wanted(member, want); }
    void drained(net::MemberId member) { shipping_.drained(member); }

    std::vector<MemberId> workers() override;
    std::vector<MemberId> servers(int count) override;
    std::string nameOf(MemberId member) override;
    void arrange(std::span<const MemberId> members, std::span<BeginWorld> world) override;
    std::string offer(std::shared_ptr<const Dataset> data) override;
    void order(MemberId member, RankOrder order) override;
    Nanoseconds now() const override;

  private:
    struct Server;
    void runBegins(std::uint32_t run);
    void runEnds();
    /// What members say; why it can't be taken, if so.
    std::optional<std::string> takeEvents(MemberId member, std::span<const std::byte> body);
    std::optional<std::string> takeTold(MemberId member, std::uint32_t world,
                                        std::span<const std::byte> body);
    /// As the coordinator counts worlds; false: it is of none that it knows.
    bool translate(std::uint32_t world, RankTold& told) const;  // mutex held
    void tellDetail(MemberId member, const std::string& detail);
    enum class Verdict { Take, LeaveOut, NotItsOwn };
    Verdict judge(MemberId member, const Event& event);  // mutex held
    /// A fault of a link strikes where its worker is: the link's other end is told that it has begun.
    void passOn(MemberId member, const FaultHappened& fault);
    /// Members of the host count from 1; the servers beside it from here.
    static constexpr MemberId kFirstServer = 1u << 31;

    net::Host& host_;
    CrewInbox& inbox_;
    EventSink& events_;
    net::PeerListener listener_;
    const std::shared_ptr<const GlooStore> store_;
    std::map<MemberId, std::unique_ptr<Server>> servers_;
    DataShipping shipping_;
    std::size_t mostBytes_;  ///< of a member's message: what the largest run until now needs

    std::mutex mutex_;
    WorldNumbers numbers_;
    /// What is known of the present run and its present world.
    struct Present {
        std::uint32_t run = 0, world = 0;
        Nanoseconds began{0};
        Step first{0};
        int ranks = 0, mostRanks = 0;  ///< of the world; of the largest until now
        std::map<MemberId, Rank> rankOf;
        std::map<MemberId, std::set<Rank>> everRankOf;  ///< events of a world that is over may come late
        std::map<MemberId, std::size_t> transitions;    ///< that it has told of
    };
    std::optional<Present> present_;
};

}  // namespace rondo::cli
