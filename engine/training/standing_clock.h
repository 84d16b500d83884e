#pragma once

#include <optional>
#include <stdexcept>
#include <utility>

#include "engine/comm/runtime.h"
#include "engine/training/crew.h"

namespace rondo {

/// The clock of a run the ranks of which are elsewhere: the crew's, less the time the run stood still. It has
/// no ranks of its own.
class StandingClock final : public Runtime {
  public:
    explicit StandingClock(const Crew& crew) : crew_(crew), began_(crew.now()) {}
    Nanoseconds began() const { return began_; }
    Nanoseconds stoodStill() const { return stood_; }
    void stand() {
        if (!standsSince_) standsSince_ = crew_.now();
    }
    void goOn() {
        if (standsSince_) stood_ += crew_.now() - *std::exchange(standsSince_, std::nullopt);
    }

    bool virtualTime() const override { return false; }
    Picoseconds now() const override { return standsSince_.value_or(crew_.now()) - began_ - stood_; }
    void outOfTime(FunctionRef<void()> work) override {
        stand();
        work();
        goOn();
    }

    int worldSize() const override { return 0; }
    void run(std::function<void(Rank)>) override { none(); }
    void cancel() override {}
    Communicator& communicator(Rank, Lane) override { none(); }
    const TrafficMeter& meter(Rank, Lane) const override { none(); }
    void observe(Rank, Lane, DeliveryObserver*) override { none(); }
    SideLane& sideLane(Rank) override { none(); }
    bool sideLaneOverlaps() const override { return false; }
    void charge(Picoseconds) override {}
    void idle(Picoseconds) override {}
    bool enterStep(Rank, Step) override { none(); }
    void whileOthersWait(Rank, FunctionRef<void()>) override { none(); }

  private:
    [[noreturn]] static void none() { throw std::logic_error("the ranks of this run are elsewhere"); }
    const Crew& crew_;
    const Nanoseconds began_;
    Nanoseconds stood_{0};
    std::optional<Nanoseconds> standsSince_;
};

}  // namespace rondo
