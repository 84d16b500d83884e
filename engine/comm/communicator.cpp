#include "engine/comm/communicator.h"

#include <cstring>

namespace rondo {

void send(Communicator& comm, Rank to, const Parcel& parcel) {
    comm.finishSend(comm.beginSend(to, parcel));
}

void receiveInto(Communicator& comm, Rank from, Tag tag, std::span<std::byte> out) {
    comm.receive(from, tag, [&](ReceivedBytes bytes) {
        if (bytes.size() != out.size())
            throw CommError(CommError::Kind::WrongSize, "rank " + std::to_string(from.value) + " sent " +
                                                            std::to_string(bytes.size()) + " bytes to rank " +
                                                            std::to_string(comm.rank().value) +
                                                            ", which expected " + std::to_string(out.size()));
        if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    });
}

void sendReceive(Communicator& comm, Rank to, const Parcel& parcel, Rank from, Tag tag,
                 FunctionRef<void(ReceivedBytes)> consume) {
    const SendTicket ticket = comm.beginSend(to, parcel);
    comm.receive(from, tag, consume);
    comm.finishSend(ticket);
}

Parcel parcelOf(std::span<const float> values, Tag tag) {
    const auto bytes = std::as_bytes(values);
    return {.tag = tag, .bytes = bytes, .payloadBytes = static_cast<std::int64_t>(bytes.size())};
}

Parcel parcelFrom(const Values& values, Tag tag) {
    Parcel parcel = parcelOf(values.floats(), tag);
    parcel.payloadBytes = static_cast<std::int64_t>(values.size() * sizeof(float));
    return parcel;
}

}  // namespace rondo
