#include "engine/comm/process_runtime.h"

#include <stdexcept>
#include <thread>

#include "engine/comm/side_lanes.h"

namespace rondo {

namespace {

class ProcessRuntime final : public Runtime {
  public:
    ProcessRuntime(RankNetwork& network, RankGate& gate, bool overlaps) : network_(network), gate_(gate) {
        if (overlaps) {
            auto lane = std::make_unique<ThreadLane>();
            threadLane_ = lane.get();
            sideLane_ = std::move(lane);
        } else {
            sideLane_ = std::make_unique<InlineLane>();
        }
    }
    ~ProcessRuntime() override {
        if (threadLane_) network_.cancel("the rank has ended");  // it may still wait for a peer
    }

    int worldSize() const override { return network_.worldSize(); }
    bool virtualTime() const override { return false; }
    void run(std::function<void(Rank)> body) override {
        try {
            body(network_.rank());
        } catch (...) {
            cancel();
            if (threadLane_) threadLane_->abandon();
            throw;
        }
        if (threadLane_) threadLane_->abandon();
        network_.leave();
    }
    void cancel() override {
        network_.cancel("the run was cancelled");
        gate_.cancel("the run was cancelled");
    }

    Communicator& communicator(Rank rank, Lane lane) override {
        return own(rank), network_.communicator(lane);
    }
    const TrafficMeter& meter(Rank rank, Lane lane) const override { return own(rank), network_.meter(lane); }
    void observe(Rank rank, Lane lane, DeliveryObserver* observer) override {
        own(rank);
        network_.observe(lane, observer);
    }
    SideLane& sideLane(Rank rank) override { return own(rank), *sideLane_; }
    bool sideLaneOverlaps() const override { return threadLane_ != nullptr; }
    Picoseconds now() const override { return gate_.now(); }
    void charge(Picoseconds) override {}
    void idle(Picoseconds duration) override { gate_.idle(nanosecondsOf(duration)); }
    bool enterStep(Rank rank, Step step) override { return own(rank), gate_.enterStep(step); }
    // Evaluations are the coordinator's; a rank only meets.
    void outOfTime(FunctionRef<void()> work) override { work(); }
    void whileOthersWait(Rank, FunctionRef<void()>) override {
        throw std::logic_error("ranks of processes meet by their books alone");
    }

  private:
    void own(Rank rank) const {
        if (rank != network_.rank()) throw std::logic_error("another process has that rank");
    }

    RankNetwork& network_;
    RankGate& gate_;
    std::unique_ptr<SideLane> sideLane_;
    ThreadLane* threadLane_ = nullptr;
};

}  // namespace

std::unique_ptr<Runtime> makeProcessRuntime(RankNetwork& network, RankGate& gate, int ranksHere,
                                            SideLanePolicy policy) {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const bool overlaps = policy == SideLanePolicy::Thread ||
                          (policy == SideLanePolicy::Auto && 2 * std::max(1, ranksHere) <= cores);
    return std::make_unique<ProcessRuntime>(network, gate, overlaps);
}

}  // namespace rondo
