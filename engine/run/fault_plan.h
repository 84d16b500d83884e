#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "engine/comm/link_state.h"
#include "engine/config/run_spec.h"
#include "engine/events/event.h"

namespace rondo {

/// What goes wrong in a run, and since when. A fault begins at its second, or when its worker enters its
/// step; one that names neither (somebody's click) when its worker enters any. A worker stands still,
/// loses a step or leaves at its next step border; what is slowed or cut feels it at once. What each does:
///   slow          the worker's computations take `factor` times as long
///   pause         it stands still for a while
///   restart       it loses what it computes in this step, is away for a while and computes it again
///   kill          it leaves the run
///   cut_link      messages between worker and peer, both ways, wait until the link is there again
///   degrade_link  they take `factor` times as long to pass
/// Thread: any.
class FaultPlan final : public LinkState {
  public:
    /// Chance that a worker's part of a step fails, whatever else goes wrong: a `restart` that is away for no
    /// time, drawn from the seed.
    struct TaskFailures {
        double chance = 0;
        std::uint64_t seed = 0;
        int workers = 1;
    };
    explicit FaultPlan(std::vector<FaultSpec> faults) : FaultPlan(std::move(faults), TaskFailures{}) {}
    FaultPlan(std::vector<FaultSpec> faults, const TaskFailures& failures);
    /// While the run goes on. Its step or second may have passed: then it begins at the next border. One with
    /// both has begun at that second, with that step: so the end of a link where it struck tells the other,
    /// where they have plans of their own. Is it known here, it is the same.
    void add(const FaultSpec& fault);

    /// Before the run goes on at step `first` and time `now`: what has happened until then doesn't strike
    /// again, and lasts as long as it was to. That is also true of what was not planned.
    void goOn(const std::vector<FaultHappened>& happened, Picoseconds now);

    struct Struck {
        FaultSpec fault;
        Picoseconds begin{0};
    };
    /// The worker enters a step at `now`: what it learns of there, each once.
    std::vector<Struck> enter(Rank worker, Step step, Picoseconds now);

    /// What was felt by `now` and told to nobody, since its worker came to no border any more: of links and
    /// of slowness.
    std::vector<Struck> untold(Picoseconds now);

    /// Factor on the time of what the worker computes.
    double slowness(Rank worker, Picoseconds now) const;
    double slowness(Rank from, Rank to, Picoseconds now) const override;
    Picoseconds openFrom(Rank from, Rank to, Picoseconds now) const override;
    bool damaged() const override { return ofLinks_.load(std::memory_order_acquire); }

  private:
    struct Entry {
        FaultSpec fault;
        std::optional<Picoseconds> begin;
        bool told = false;
        bool activeAt(Picoseconds now) const;
        std::optional<Picoseconds> end() const;
        bool between(Rank a, Rank b) const;
    };
    static Entry entryOf(const FaultSpec& fault);
    static bool isOfLink(const FaultSpec& fault) {
        return fault.kind == FaultKind::CutLink || fault.kind == FaultKind::DegradeLink;
    }
    bool taskFails(Rank worker, Step step) const;
    Entry* knownAs(const Entry& begun);

    const TaskFailures failures_;
    std::atomic<bool> any_;  ///< spares runs without faults the lock
    std::atomic<bool> ofLinks_;
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;
};

}  // namespace rondo
