#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/comm/collectives/collective_links.h"
#include "engine/data/dataset.h"
#include "engine/run/rank_messages.h"

namespace rondo {

/// A process (or thread) that carries one rank out at a time.
using MemberId = std::uint32_t;

struct MemberLost {
    std::string why;
};
struct MemberJoined {};
struct FromMember {
    MemberId member = 0;
    std::variant<RankTold, MemberLost, MemberJoined> news;
};

/// What members say, in the order in which it came. Thread: any may post; one takes.
class CrewInbox {
  public:
    void post(FromMember news);
    /// Ends a wait in take(), now or the next.
    void wake();
    /// The next; none when nothing came for so long, or somebody woke it.
    std::optional<FromMember> take(std::chrono::milliseconds most);

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<FromMember> news_;
    bool woken_ = false;
};

/// How the coordinator of a run reaches its members. Implemented over a network by the application.
/// Thread: the coordinator's.
class Crew {
  public:
    virtual ~Crew() = default;
    /// Those that can carry out a worker, in the order in which they joined.
    virtual std::vector<MemberId> workers() = 0;
    /// So many that serve, beside the coordinator.
    virtual std::vector<MemberId> servers(int count) = 0;
    /// As people call it.
    virtual std::string nameOf(MemberId member) = 0;
    /// Says how ranks reach each other: member i carries out world[i]. `links` are those that will be used;
    /// none where each may send to each.
    virtual void arrange(std::span<const MemberId> members, std::span<BeginWorld> world,
                         std::span<const DirectedLink> links) = 0;
    /// Makes training samples to be had by members that can't read them themselves; what they are to ask for
    /// (BeginWorld::dataSha256), empty where they need not.
    virtual std::string offer(std::shared_ptr<const Dataset> data) = 0;
    /// Never blocks; to a member that is gone it does nothing.
    virtual void order(MemberId member, RankOrder order) = 0;
    /// The clock everybody's is compared with.
    virtual Nanoseconds now() const = 0;
};

}  // namespace rondo
