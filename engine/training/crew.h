#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

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

/// The most that a rank of a model with so many parameters has to say at once: its state, which is its
/// weights and what optimiser, compression and a pipeline's stage remember of them, and its figures.
std::size_t mostBytesOfRank(std::int64_t parameters);

/// What members say, in the order in which it came. A member that says more than it can have to say, or
/// faster than it is listened to, is not let in: it must not fill the memory of this process.
/// Thread: any may post; one takes.
class CrewInbox {
  public:
    /// What this process itself says, or knows of a member.
    void post(FromMember news);
    /// What a member says, in so many bytes on their way. False, and it is thrown away, when more than
    /// `mostBytes` of that member would wait here.
    [[nodiscard]] bool post(FromMember news, std::size_t bytes);
    /// From now on; before it as for a model without parameters.
    void allow(std::size_t bytesOfMember);
    std::size_t mostBytes() const;
    /// Ends a wait in take(), now or the next.
    void wake();
    /// The next; none when nothing came for so long, or somebody woke it.
    std::optional<FromMember> take(std::chrono::milliseconds most);
    /// Throws away what waits.
    void clear();

  private:
    struct Waiting {
        FromMember news;
        std::size_t bytes = 0;
    };
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Waiting> news_;
    std::map<MemberId, std::size_t> bytes_;  ///< waiting, by who said them
    std::size_t most_ = mostBytesOfRank(0);
    bool woken_ = false;
};

/// Numbers of the worlds of a crew. Each run counts its own from 0; who carries them out may still be at one
/// of the run before, so to them a number is told that no world before had.
class WorldNumbers {
  public:
    /// Worlds counted from 0 again are others than those until now.
    void beginRun() { first_ = next_; }
    std::uint32_t numberOf(std::uint32_t generation) {
        next_ = std::max(next_, first_ + generation + 1);
        return first_ + generation;
    }
    /// None: of a run before.
    std::optional<std::uint32_t> generationOf(std::uint32_t number) const {
        return number < first_ ? std::nullopt : std::optional(number - first_);
    }

  private:
    std::uint32_t first_ = 0, next_ = 0;
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
    /// Says how ranks reach each other: member i carries out world[i].
    virtual void arrange(std::span<const MemberId> members, std::span<BeginWorld> world) = 0;
    /// Makes training samples to be had by members that can't read them themselves; what they are to ask for
    /// (BeginWorld::dataSha256), empty where they need not.
    virtual std::string offer(std::shared_ptr<const Dataset> data) = 0;
    /// Never blocks; to a member that is gone it does nothing.
    virtual void order(MemberId member, RankOrder order) = 0;
    /// The clock everybody's is compared with.
    virtual Nanoseconds now() const = 0;
};

}  // namespace rondo
