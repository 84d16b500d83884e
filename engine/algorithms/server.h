#pragma once

#include <cstdint>
#include <span>

#include "engine/comm/communicator.h"
#include "engine/core/function_ref.h"
#include "engine/core/ids.h"

namespace rondo {

/// One parameter server and what can be done with it: the other half of the vocabulary algorithms are written
/// in. It holds a shard of the weights, the elements [begin, end) of the flat model, and the optimiser's
/// state for it.
///
/// Thread: everything on the server's own lane.
class Server {
  public:
    virtual ~Server() = default;
    virtual int index() const = 0;  ///< 0 … servers − 1; its rank is workers + index
    virtual int servers() const = 0;
    virtual int workers() const = 0;
    virtual Values weights() = 0;  ///< of the shard
    /// The step that workers begin with, and how many updates the parameters have seen that a worker has by
    /// then: as many, where it had to wait for them.
    virtual Step firstStep() const = 0;
    virtual std::int64_t startsWith(Rank worker) const = 0;

    /// Waits for a message: shows as waiting.
    virtual void await(FunctionRef<void(Communicator&)> receive) = 0;
    /// Sends: shows as synchronising.
    virtual void answer(FunctionRef<void(Communicator&)> send) = 0;
    /// One optimiser update of the shard with a gradient of as many elements (of none, where they are only
    /// counted).
    virtual void update(std::span<const float> gradient) = 0;
    /// A gradient of `worker` went into an update, so many updates after the parameters it was computed with.
    virtual void noteStaleness(Rank worker, std::int64_t updates) = 0;
    /// The worker is given the parameters, which have seen so many updates.
    virtual void noteAnswer(Rank worker, std::int64_t updates) = 0;
    /// So many clocks the fastest worker was ahead of the slowest, at most, until now.
    virtual void noteClockSpread(std::int64_t most) = 0;
};

}  // namespace rondo
