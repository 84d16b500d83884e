#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/comm/values.h"
#include "engine/core/carries.h"
#include "engine/core/function_ref.h"
#include "engine/core/ids.h"

namespace rondo {

/// Pairs a send with its receive: only equal tags meet. Between one pair of ranks, messages of one tag keep
/// their order.
using Tag = std::uint32_t;

/// What is counted: `Data` is the algorithm's own traffic, `Control` (barriers before an evaluation, say) is
/// not.
enum class Traffic : std::uint8_t { Data, Control };

/// A message as its sender sees it. `bytes` may be empty while `payloadBytes` is not: then only the size
/// travels, which is all a modelled cluster needs. Bucket and chunk are for the eyes of whoever watches.
struct Parcel {
    Tag tag = 0;
    std::span<const std::byte> bytes;
    std::int64_t payloadBytes = 0;
    Traffic traffic = Traffic::Data;
    std::int32_t bucket = kNone;
    std::int32_t chunk = kNone;
    std::int32_t microBatch = kNone;
    Carries carries = Carries::Exchange;
};

/// A send that has begun; hand it back to finishSend of the same communicator, once.
struct SendTicket {
    std::uint64_t id = 0;
};

/// Why a message could not be sent or received.
class CommError : public std::runtime_error {
  public:
    enum class Kind { Cancelled, Deadline, PeerGone, Deadlock, WrongSize, WrongPeer, TimeOver };
    CommError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    Kind kind() const { return kind_; }

  private:
    Kind kind_;
};

using ReceivedBytes = std::span<const std::byte>;

/// The port every algorithm is written against: one rank's end of the network, for one of its lanes
/// (computation and communication have an end each and never see one another's messages).
///
/// Thread: each communicator belongs to the thread or fiber of its lane.
/// Blocking: a call returns when it is done, or throws CommError on cancel, deadline (if one is set), a lost
/// peer, or a deadlock the network can prove. After a throw no memory of the caller's is used any more.
class Communicator {
  public:
    virtual ~Communicator() = default;
    virtual Rank rank() const = 0;
    virtual int worldSize() const = 0;

    /// Starts to send. `bytes` are lent, not copied where that can be helped: leave them as they are until
    /// finishSend.
    virtual SendTicket beginSend(Rank to, const Parcel& parcel) = 0;
    virtual void finishSend(SendTicket ticket) = 0;

    /// Waits for the next message of that sender and tag and shows its bytes to `consume` (possibly the
    /// sender's own memory; valid during the call only). Returns its payload size.
    virtual std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) = 0;
    /// The same from whoever is first (ties: lowest rank). Returns who it was.
    virtual Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) = 0;

    /// Makes `values` the sum of all ranks' by an all-reduce of the network's own, where it has one; false,
    /// and nothing done, where it has none. Every rank of the world calls it with the same sizes. Counted as
    /// the messages of a ring, whatever really travels.
    virtual bool sumOverAll(Values, std::int32_t /*bucket*/) { return false; }

    /// Longest time one call may wait, wall-clock (virtual networks: virtual time). None: as long as it
    /// takes.
    virtual void setDeadline(std::optional<std::chrono::nanoseconds> deadline) = 0;
};

/// Begins a send and waits until the bytes may be changed again. Two ranks that both send to each other this
/// way before they receive wait for ever where nothing is buffered: use sendReceive there.
void send(Communicator& comm, Rank to, const Parcel& parcel);

/// Receives exactly out.size() bytes; another size is a WrongSize error.
void receiveInto(Communicator& comm, Rank from, Tag tag, std::span<std::byte> out);

/// Sends to one rank while it receives from another: the step every ring is made of.
void sendReceive(Communicator& comm, Rank to, const Parcel& parcel, Rank from, Tag tag,
                 FunctionRef<void(ReceivedBytes)> consume);

/// Floats as the bytes of a parcel; of those that are only counted, only the size.
Parcel parcelOf(std::span<const float> values, Tag tag);
Parcel parcelFrom(const Values& values, Tag tag);

}  // namespace rondo
