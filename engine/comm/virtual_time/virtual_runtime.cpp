#include "engine/comm/virtual_time/virtual_runtime.h"

#include <deque>

#include "engine/comm/virtual_time/virtual_network.h"

namespace rondo {

namespace {

class FiberLane final : public SideLane {
  public:
    FiberLane(Scheduler& scheduler, Rank rank) : scheduler_(scheduler), rank_(rank) {}

    void post(std::function<void()> work) override {
        waiting_.push_back(std::move(work));
        if (!spawned_) {
            spawned_ = true;
            fiber_ = scheduler_.spawn([this] { serve(); },
                                      "rank " + std::to_string(rank_.value) + " (communication)");
        } else if (idle_) {
            idle_ = false;
            scheduler_.wakeAt(scheduler_.now(), rank_.value, fiber_);
        }
    }

    void finish() override {
        if (waiting_.empty() && !busy_) return;
        finisher_ = scheduler_.current();
        finishing_ = true;
        scheduler_.suspend([] { return std::string(Scheduler::kOwnLane); });
    }

    /// Lets the fiber return, so that the run can end.
    void close() {
        closing_ = true;
        if (idle_) {
            idle_ = false;
            scheduler_.wakeAt(scheduler_.now(), rank_.value, fiber_);
        }
    }

  private:
    void serve() {
        for (;;) {
            while (!waiting_.empty()) {
                const auto work = std::move(waiting_.front());
                waiting_.pop_front();
                busy_ = true;
                work();
                busy_ = false;
            }
            if (finishing_) {
                finishing_ = false;
                scheduler_.wakeAt(scheduler_.now(), rank_.value, finisher_);
            }
            if (closing_) return;
            idle_ = true;
            scheduler_.suspend([] { return std::string("work"); });
        }
    }

    Scheduler& scheduler_;
    const Rank rank_;
    std::deque<std::function<void()>> waiting_;
    bool spawned_ = false, idle_ = false, busy_ = false, finishing_ = false, closing_ = false;
    FiberId fiber_ = 0, finisher_ = 0;
};

class FiberRuntime final : public VirtualRuntime {
  public:
    FiberRuntime(int worldSize, const ClusterSpec& cluster, std::uint64_t seed, RunControl& control,
                 const LinkState* links, const VirtualStart& start)
        : worldSize_(worldSize),
          control_(control),
          scheduler_(&control, start.now),
          network_(scheduler_, NetworkModel(cluster, worldSize, seed, links), worldSize) {
        for (std::size_t rank = 0; rank < start.cards.size(); ++rank)
            network_.startAt(Rank{static_cast<std::int32_t>(rank)}, start.cards[rank]);
        for (int rank = 0; rank < worldSize; ++rank) sideLanes_.emplace_back(scheduler_, Rank{rank});
    }

    int worldSize() const override { return worldSize_; }
    bool virtualTime() const override { return true; }
    Communicator& communicator(Rank rank, Lane lane) override { return network_.communicator(rank, lane); }
    const TrafficMeter& meter(Rank rank, Lane lane) const override { return network_.meter(rank, lane); }
    void observe(Rank rank, Lane lane, DeliveryObserver* observer) override {
        network_.observe(rank, lane, observer);
    }
    CardTimes card(Rank rank) const override { return network_.card(rank); }
    SideLane& sideLane(Rank rank) override { return sideLanes_[rank.index()]; }
    bool sideLaneOverlaps() const override { return true; }
    Picoseconds now() const override { return scheduler_.now(); }
    bool slowed() const override { return scheduler_.slowed(); }

    void run(std::function<void(Rank)> body) override {
        for (int rank = 0; rank < worldSize_; ++rank)
            scheduler_.spawn(
                [this, rank, &body] {
                    body(Rank{rank});
                    sideLanes_[static_cast<std::size_t>(rank)].close();
                },
                "rank " + std::to_string(rank));
        scheduler_.run();
    }
    void cancel() override { scheduler_.cancel(); }

    void charge(Picoseconds duration) override {
        if (duration.count() > 0)
            scheduler_.sleepUntil(scheduler_.now() + duration,
                                  static_cast<std::int32_t>(scheduler_.current()));
    }

    void idle(Picoseconds duration) override { charge(duration); }

    bool enterStep(Rank rank, Step step) override {
        RunControl::Gate gate = RunControl::Gate::Closed;
        scheduler_.parkUntil(
            [&] { return (gate = control_.tryEnter(rank, step)) != RunControl::Gate::Closed; });
        return gate == RunControl::Gate::Open;
    }

    void outOfTime(FunctionRef<void()> work) override { work(); }

    void whileOthersWait(Rank rank, FunctionRef<void()> work) override {
        if (rank.value == 0) work();
    }

  private:
    const int worldSize_;
    RunControl& control_;
    Scheduler scheduler_;
    VirtualNetwork network_;
    std::deque<FiberLane> sideLanes_;
};

}  // namespace

std::unique_ptr<VirtualRuntime> makeVirtualRuntime(int worldSize, const ClusterSpec& cluster,
                                                   std::uint64_t seed, RunControl& control,
                                                   const LinkState* links, const VirtualStart& start) {
    return std::make_unique<FiberRuntime>(worldSize, cluster, seed, control, links, start);
}

}  // namespace rondo
