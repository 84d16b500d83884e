#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/core/ids.h"

namespace rondo {

/// What a server that goes by clocks remembers: which gradients are there, of which clock, and who waits for
/// an answer. Knows nothing of messages, so that its rules can be tested without a network.
///
/// Memory: every gradient until its update is made, at most workers · (staleness + 1) of them.
class ServerClock {
  public:
    /// An update needs `needed` of the `workers` gradients of its clock; a worker may be `staleness` clocks
    /// ahead of what is applied. `elements`: of a gradient.
    ServerClock(int workers, int needed, std::int64_t staleness, std::size_t elements);
    /// All clocks before `first` are applied; `answered`: the version of the parameters each worker has.
    void goOn(std::int64_t first, const std::vector<std::int64_t>& answered);

    /// The next gradient of that worker; its clock is one more than that of the one before, or what
    /// answered() said. False: that clock is applied already, so the gradient is dropped.
    bool push(Rank worker, std::span<const float> gradient);
    /// The sum of the oldest clock's gradients, added up in rank order, when enough of them are there. The
    /// clock then counts as applied.
    struct Update {
        std::vector<float> gradient;
        std::vector<std::pair<Rank, std::int64_t>> staleness;  ///< per gradient, in updates
        int gradients = 0;
    };
    std::optional<Update> takeUpdate();
    /// Workers that may go on now, in rank order; each is told once per push. Their answer is version().
    std::vector<Rank> takeAnswers();
    std::int64_t version() const { return version_; }  ///< updates applied; the clock of the next one
    /// The clock the worker goes on with.
    std::int64_t clockOf(Rank worker) const { return members_[worker.index()].clock; }
    /// No gradient will come from that worker any more.
    void leave(Rank worker) { members_[worker.index()].gone = true; }
    /// One that has left, when somebody waits for an update that can't be made without it.
    std::optional<Rank> missed() const;

  private:
    struct Member {
        std::int64_t clock = 0;     ///< of its next gradient
        std::int64_t answered = 0;  ///< version of the parameters it has
        bool waits = false, gone = false;
    };
    struct Collecting {
        struct Gradient {
            std::vector<float> values;
            std::int64_t version = 0;  ///< of the parameters it was computed with
        };
        std::vector<std::optional<Gradient>> gradients;  ///< by rank
        int there = 0;
    };
    std::vector<Member> members_;
    std::deque<Collecting> clocks_;  ///< from version_ on
    const int needed_;
    const std::int64_t staleness_;
    const std::size_t elements_;
    std::int64_t version_ = 0;
};

}  // namespace rondo
