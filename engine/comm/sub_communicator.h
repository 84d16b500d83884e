#pragma once

#include <vector>

#include "engine/comm/communicator.h"

namespace rondo {

/// Some ranks of a communicator as a world of their own, numbered from 0 in the order given: collectives run
/// in it unchanged. All members name the same ranks in the same order. Borrows the communicator, and its
/// thread and deadline.
class SubCommunicator final : public Communicator {
  public:
    /// std::invalid_argument unless comm's own rank is a member.
    SubCommunicator(Communicator& comm, std::vector<Rank> members);
    /// The ranks first, first + stride, …: `count` of them.
    static SubCommunicator range(Communicator& comm, int first, int count, int stride);

    Rank rank() const override { return Rank{own_}; }
    int worldSize() const override { return static_cast<int>(members_.size()); }
    SendTicket beginSend(Rank to, const Parcel& parcel) override;
    void finishSend(SendTicket ticket) override { comm_.finishSend(ticket); }
    std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) override;
    /// Only where no rank outside sends with that tag: its message would be a WrongPeer error.
    Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) override;
    void setDeadline(std::optional<std::chrono::nanoseconds> deadline) override {
        comm_.setDeadline(deadline);
    }

  private:
    int placeOf(Rank outer) const;  ///< kNone when it is no member
    Communicator& comm_;
    std::vector<Rank> members_;
    int own_ = 0;
};

}  // namespace rondo
