#pragma once

#include "engine/comm/communicator.h"

namespace rondo {

/// Part of a message: what begins at byte `at` of the `whole`.
struct Piece {
    std::size_t whole = 0, at = 0;
    ReceivedBytes bytes;
};

/// What a communicator also is that can show a message before all of it has arrived, so that its beginning
/// is used while the rest is on its way, and put one where it belongs.
class PiecewiseReceiver {
  public:
    /// Communicator::receive, but `consume` is called once or more, with one piece behind the other. All but
    /// the last are multiples of 64 bytes. After a throw some may have been shown; then the rest never comes.
    virtual std::int64_t receiveInPieces(Rank from, Tag tag, FunctionRef<void(const Piece&)> consume) = 0;
    /// rondo::receiveInto. After a throw anything may lie in `out`.
    virtual void receiveInPlace(Rank from, Tag tag, std::span<std::byte> out) = 0;

  protected:
    ~PiecewiseReceiver() = default;
};

/// In pieces where the communicator can, else in one.
std::int64_t receiveInPieces(Communicator& comm, Rank from, Tag tag, FunctionRef<void(const Piece&)> consume);

/// receiveInto, without a copy where the communicator can.
void receiveInPlace(Communicator& comm, Rank from, Tag tag, std::span<std::byte> out);

// sendReceive, with these.
void sendReceiveInPlace(Communicator& comm, Rank to, const Parcel& parcel, Rank from, Tag tag,
                        std::span<std::byte> out);
void sendReceiveInPieces(Communicator& comm, Rank to, const Parcel& parcel, Rank from, Tag tag,
                         FunctionRef<void(const Piece&)> consume);

}  // namespace rondo
