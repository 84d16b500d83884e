#pragma once

#include <atomic>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "engine/comm/communicator.h"

namespace rondo::test {

enum class Failure { Leaves, Cancelled, Throws };
struct RankLeaves {};
struct OwnFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Counts the sends and receives of all ranks and lets one of them fail. Any thread.
class OperationCount {
  public:
    OperationCount(int failing, Failure failure, std::function<void()> cancel)
        : failing_(failing), failure_(failure), cancel_(std::move(cancel)) {}
    /// `settle` is called before the rank throws something of its own.
    void next(FunctionRef<void()> settle) {
        if (count_++ != failing_) return;
        struck_ = true;
        if (failure_ == Failure::Cancelled) return cancel_();
        settle();
        if (failure_ == Failure::Leaves) throw RankLeaves();
        throw OwnFailure("its own failure");
    }
    bool struck() const { return struck_; }

  private:
    const int failing_;
    const Failure failure_;
    const std::function<void()> cancel_;
    std::atomic<int> count_ = 0;
    std::atomic<bool> struck_ = false;
};

class FailingCommunicator final : public Communicator {
  public:
    FailingCommunicator(Communicator& inside, OperationCount& operations)
        : inside_(inside), operations_(operations) {}
    Rank rank() const override { return inside_.rank(); }
    int worldSize() const override { return inside_.worldSize(); }
    SendTicket beginSend(Rank to, const Parcel& parcel) override {
        count();
        const SendTicket ticket = inside_.beginSend(to, parcel);
        begun_.push_back(ticket.id);
        return ticket;
    }
    void finishSend(SendTicket ticket) override {
        count();
        inside_.finishSend(ticket);
        std::erase(begun_, ticket.id);
    }
    std::int64_t receive(Rank from, Tag tag, FunctionRef<void(ReceivedBytes)> consume) override {
        count();
        return inside_.receive(from, tag, consume);
    }
    Rank receiveAny(Tag tag, FunctionRef<void(Rank, ReceivedBytes)> consume) override {
        count();
        return inside_.receiveAny(tag, consume);
    }
    void setDeadline(std::optional<std::chrono::nanoseconds> deadline) override {
        inside_.setDeadline(deadline);
    }

  private:
    void count() {
        // What was lent must not go before its send is finished, whoever throws.
        operations_.next([this] {
            for (const std::uint64_t id : std::exchange(begun_, {})) inside_.finishSend({id});
        });
    }
    Communicator& inside_;
    OperationCount& operations_;
    std::vector<std::uint64_t> begun_;
};

}  // namespace rondo::test
