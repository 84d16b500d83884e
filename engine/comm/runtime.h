#pragma once

#include <functional>
#include <memory>

#include "engine/comm/communicator.h"
#include "engine/comm/traffic_meter.h"
#include "engine/core/clock.h"
#include "engine/events/event.h"

namespace rondo {

/// Work a rank does beside its computation, in the order it was posted.
class SideLane {
  public:
    virtual ~SideLane() = default;
    /// Never blocks. May be called from within a LibTorch call (a gradient hook), but for virtual networks,
    /// where the gradients of a backward pass are released afterwards.
    virtual void post(std::function<void()> work) = 0;
    /// Waits until everything posted is done; rethrows what the work threw.
    virtual void finish() = 0;
};

/// How the ranks of a run are carried out: threads on this computer, or fibers in virtual time. Algorithms
/// see nothing of it; the worker that runs them does.
class Runtime {
  public:
    virtual ~Runtime() = default;
    virtual int worldSize() const = 0;
    virtual bool virtualTime() const = 0;

    /// Runs `body(rank)` for all ranks at once and returns when all have returned. The first exception
    /// cancels the other ranks and is rethrown here. Once per runtime.
    virtual void run(std::function<void(Rank)> body) = 0;
    /// Makes every blocked or later call of every rank throw Cancelled. Any thread.
    virtual void cancel() = 0;

    virtual Communicator& communicator(Rank rank, Lane lane) = 0;
    virtual const TrafficMeter& meter(Rank rank, Lane lane) const = 0;
    virtual void observe(Rank rank, Lane lane, DeliveryObserver* observer) = 0;
    /// The rank's second activity. In `threads` a thread of its own where a core is free for it, else done in
    /// finish().
    virtual SideLane& sideLane(Rank rank) = 0;
    virtual bool sideLaneOverlaps() const = 0;

    /// Time since the start of the run, without pauses and what others waited for.
    virtual Picoseconds now() const = 0;
    /// The run's time goes slower than the clock on the wall, for somebody to watch: what happened should be
    /// told at once.
    virtual bool slowed() const { return false; }
    /// Lets modelled time pass on the calling lane; outside of virtual time, where real work takes real time,
    /// nothing.
    virtual void charge(Picoseconds duration) = 0;

    /// Lets time pass in which the calling lane does nothing, modelled or real. Ends early once the run is to
    /// stop.
    virtual void idle(Picoseconds duration) = 0;

    /// Blocks the calling rank at a step border until the control lets it on (RunControl::tryEnter); false:
    /// end here.
    virtual bool enterStep(Rank rank, Step step) = 0;
    /// Does `work` while the run's time stands: only where no rank trains.
    virtual void outOfTime(FunctionRef<void()> work) = 0;
    /// Lets rank 0 do `work` while no other rank trains and the run's time stands: every worker calls it at
    /// the same step border. In virtual time only rank 0 needs to be there.
    virtual void whileOthersWait(Rank rank, FunctionRef<void()> work) = 0;
};

}  // namespace rondo
