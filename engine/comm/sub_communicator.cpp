#include "engine/comm/sub_communicator.h"

#include <algorithm>
#include <stdexcept>

namespace rondo {

SubCommunicator::SubCommunicator(Communicator& comm, std::vector<Rank> members)
    : comm_(comm), members_(std::move(members)), own_(placeOf(comm.rank())) {
    if (own_ == kNone) throw std::invalid_argument("a rank can't join a group it is not in");
}

SubCommunicator SubCommunicator::range(Communicator& comm, int first, int count, int stride) {
    std::vector<Rank> members;
    members.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) members.push_back(Rank{first + i * stride});
    return {comm, std::move(members)};
}

int SubCommunicator::placeOf(Rank outer) const {
    const auto place = std::find(members_.begin(), members_.end(), outer);
    return place == members_.end() ? kNone : static_cast<int>(place - members_.begin());
}

SendTicket SubCommunicator::beginSend(Rank to, const Parcel& parcel) {
    return comm_.beginSend(members_[to.index()], parcel);
}

std::int64_t SubCommunicator::receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) {
    return comm_.receive(members_[from.index()], tag, consume);
}

Rank SubCommunicator::receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) {
    const auto memberOf = [this](Rank outer) {
        const int place = placeOf(outer);
        if (place == kNone)
            throw CommError(CommError::Kind::WrongPeer,
                            "rank " + std::to_string(outer.value) + " sent to a group it is not in");
        return Rank{place};
    };
    return memberOf(
        comm_.receiveAny(tag, [&](Rank from, ReceivedBytes bytes) { consume(memberOf(from), bytes); }));
}

}  // namespace rondo
