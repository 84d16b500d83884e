#include "engine/comm/in_pieces.h"

namespace rondo {

std::int64_t receiveInPieces(Communicator& comm, Rank from, Tag tag,
                             FunctionRef<void(const Piece&)> consume) {
    if (auto* pieces = dynamic_cast<PiecewiseReceiver*>(&comm))
        return pieces->receiveInPieces(from, tag, consume);
    return comm.receive(from, tag, [&](ReceivedBytes bytes) { consume({bytes.size(), 0, bytes}); });
}

void receiveInPlace(Communicator& comm, Rank from, Tag tag, std::span<std::byte> out) {
    if (auto* pieces = dynamic_cast<PiecewiseReceiver*>(&comm))
        pieces->receiveInPlace(from, tag, out);
    else
        receiveInto(comm, from, tag, out);
}

void sendReceiveInPlace(Communicator& comm, Rank to, const Parcel& parcel, Rank from, Tag tag,
                        std::span<std::byte> out) {
    const SendTicket ticket = comm.beginSend(to, parcel);
    receiveInPlace(comm, from, tag, out);
    comm.finishSend(ticket);
}

void sendReceiveInPieces(Communicator& comm, Rank to, const Parcel& parcel, Rank from, Tag tag,
                         FunctionRef<void(const Piece&)> consume) {
    const SendTicket ticket = comm.beginSend(to, parcel);
    receiveInPieces(comm, from, tag, consume);
    comm.finishSend(ticket);
}

}  // namespace rondo
