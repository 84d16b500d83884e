#pragma once

#include <cstdint>
#include <functional>

#include "engine/comm/communicator.h"
#include "engine/core/function_ref.h"
#include "engine/core/ids.h"

namespace rondo {

class Compressor;
class Stage;
struct StageOp;

/// One rank's replica and what can be done with it: the vocabulary algorithms are written in. Whether
/// computation takes real or modelled time, and where gradients travel, is decided behind it.
///
/// Thread: everything on the rank's compute lane, but for what is handed to `communicate`.
class Worker {
  public:
    virtual ~Worker() = default;
    virtual Rank rank() const = 0;
    virtual int worldSize() const = 0;  ///< ranks that train
    virtual Step step() const = 0;      ///< the present one

    /// Goes to the next step: waits while the run is paused, takes this rank's slice of the next global batch
    /// and loads it. False when the run is over.
    virtual bool beginStep() = 0;
    /// Loss of the slice.
    virtual void forward() = 0;
    /// Gradients of the slice, weighted so that their sum over ranks is the gradient of the global batch's
    /// mean loss.
    virtual void backward() = 0;
    /// The same; `ready` hears of each bucket when its gradients are final, first ready first. It must not
    /// wait for a peer.
    virtual void backward(FunctionRef<void(Bucket)> ready) = 0;
    /// Makes gradients that were weighted for a sum those of the mean loss of this rank's own slice.
    virtual void weighByOwnBatch() = 0;
    // A model in parts: instead of forward and backward.
    /// What this rank holds of the model; null where it has all of it.
    virtual Stage* stage() = 0;
    /// Its end of the network, for what stages send each other.
    virtual Communicator& network() = 0;
    /// Waits for a message of `peer`; the time shows as a wait for it.
    virtual void await(Rank peer, const StageOp& op, FunctionRef<void(Communicator&)> receive) = 0;

    /// One optimiser update of all weights with the gradients as they are now.
    virtual void update() = 0;
    /// Evaluates when it is time to, and tells the watchers. Where steps overlap, of those begun it ends the
    /// first.
    virtual void endStep() = 0;

    /// Goes on with step `next`, leaving out those between: others have made them without this rank.
    virtual void skipTo(Step next) = 0;

    virtual Values weights() = 0;
    virtual Values gradients() = 0;
    virtual Values gradients(Bucket bucket) = 0;
    /// What this rank's gradients are sent through, with its memory; null where they are sent as they are.
    virtual Compressor* compressor() = 0;

    /// Exchanges all gradients with the other ranks, now.
    virtual void synchronise(FunctionRef<void(Communicator&)> exchange) = 0;
    /// Exchanges a bucket beside the computation, after those handed over before it.
    virtual void communicate(Bucket bucket, std::function<void(Communicator&)> exchange) = 0;
    /// Waits until all buckets handed over are exchanged.
    virtual void finishCommunication() = 0;
};

}  // namespace rondo
