#include "engine/comm/local/local_runtime.h"

#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "engine/comm/collectives/collectives.h"
#include "engine/comm/local/local_network.h"
#include "engine/comm/local/pausable_clock.h"
#include "engine/comm/side_lanes.h"
#include "engine/comm/sub_communicator.h"

namespace rondo {

namespace {

class LocalRuntime final : public Runtime {
  public:
    LocalRuntime(int worldSize, RunControl& control, SideLanePolicy policy, int workers,
                 std::optional<Picoseconds> goesOnAt)
        : worldSize_(worldSize),
          workers_(workers),
          control_(control),
          overlaps_(policy == SideLanePolicy::Thread ||
                    (policy == SideLanePolicy::Auto && 2 * worldSize <= cores())),
          clock_(goesOnAt ? PausableClock(nanosecondsOf(*goesOnAt)) : PausableClock()),
          network_(worldSize, worldSize * (overlaps_ ? 2 : 1) <= cores(), [this] { return clock_.now(); }) {
        for (int rank = 0; rank < worldSize; ++rank) {
            if (!overlaps_) {
                sideLanes_.push_back(std::make_unique<InlineLane>());
                continue;
            }
            auto lane = std::make_unique<ThreadLane>();
            threadLanes_.push_back(lane.get());
            sideLanes_.push_back(std::move(lane));
        }
    }
    ~LocalRuntime() override {
        network_.cancel();  // a side lane may still wait for a peer
        sideLanes_.clear();
    }

    int worldSize() const override { return worldSize_; }
    bool virtualTime() const override { return false; }
    Communicator& communicator(Rank rank, Lane lane) override { return network_.communicator(rank, lane); }
    const TrafficMeter& meter(Rank rank, Lane lane) const override { return network_.meter(rank, lane); }
    void observe(Rank rank, Lane lane, DeliveryObserver* observer) override {
        network_.observe(rank, lane, observer);
    }
    SideLane& sideLane(Rank rank) override { return *sideLanes_[rank.index()]; }
    bool sideLaneOverlaps() const override { return overlaps_; }
    Picoseconds now() const override { return clock_.now(); }
    void charge(Picoseconds) override {}
    void idle(Picoseconds duration) override {
        const auto due = std::chrono::steady_clock::now() + nanosecondsOf(duration);
        for (;;) {
            const std::uint64_t seen = control_.commands();
            if (cancelled_) throw CommError(CommError::Kind::Cancelled, "the run was cancelled");
            if (control_.stopToken().stop_requested() || !control_.waitForCommandUntil(seen, due)) return;
        }
    }

    void run(std::function<void(Rank)> body) override {
        std::vector<std::thread> threads;
        for (int rank = 0; rank < worldSize_ && !cancelled_; ++rank) try {
                threads.emplace_back([&, rank] {
                    try {
                        body(Rank{rank});
                        leave(Rank{rank});
                    } catch (...) {
                        fail(std::current_exception());
                    }
                });
            } catch (const std::system_error& error) {
                fail(std::make_exception_ptr(
                    std::runtime_error("this computer allows no thread for rank " + std::to_string(rank) +
                                       " of " + std::to_string(worldSize_) + " (" + error.what() +
                                       "): fewer workers, or run_on virtual")));
            }
        for (auto& thread : threads) thread.join();
        for (ThreadLane* lane : threadLanes_) lane->abandon();
        if (failure_) std::rethrow_exception(failure_);
    }

    void cancel() override {
        cancelled_ = true;
        network_.cancel();
        control_.wakeAll();
    }

    bool enterStep(Rank rank, Step step) override {
        for (;;) {
            const std::uint64_t seen = control_.commands();
            if (cancelled_) throw CommError(CommError::Kind::Cancelled, "the run was cancelled");
            switch (control_.tryEnter(rank, step)) {
                case RunControl::Gate::Open:
                    return true;
                case RunControl::Gate::End:
                    return false;
                case RunControl::Gate::Closed:
                    standStill(seen);
                    break;
            }
        }
    }

    void outOfTime(FunctionRef<void()> work) override {
        struct Frozen {
            PausableClock& clock;
            explicit Frozen(PausableClock& c) : clock(c) { clock.freeze(); }
            ~Frozen() { clock.thaw(); }
        } const frozen(clock_);
        work();
    }

    void whileOthersWait(Rank rank, FunctionRef<void()> work) override {
        auto workers = SubCommunicator::range(communicator(rank, Lane::Compute), 0, workers_, 1);
        barrier(workers);
        if (rank.value == 0) outOfTime(work);
        barrier(workers);
    }

  private:
    static int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

    void standStill(std::uint64_t seen) {
        {
            const std::lock_guard lock(pauseMutex_);
            if (++standing_ == workers_ - left_) allStoodAt_ = clock_.now();
        }
        control_.waitForCommand(seen);
        const std::lock_guard lock(pauseMutex_);
        // The first to go on gives back the time in which nobody worked.
        if (allStoodAt_) clock_.leaveOut(clock_.now() - *std::exchange(allStoodAt_, std::nullopt));
        --standing_;
    }

    void leave(Rank rank) {
        network_.leave(rank);
        const std::lock_guard lock(pauseMutex_);
        if (rank.value >= workers_) return;
        // It may have been the last that did not stand.
        if (++left_ + standing_ == workers_ && standing_ > 0) allStoodAt_ = clock_.now();
    }

    void fail(std::exception_ptr failure) {
        {
            const std::lock_guard lock(failureMutex_);
            if (!failure_) failure_ = failure;
        }
        cancel();
    }

    const int worldSize_, workers_;
    RunControl& control_;
    const bool overlaps_;
    PausableClock clock_;
    LocalNetwork network_;
    std::vector<std::unique_ptr<SideLane>> sideLanes_;
    std::vector<ThreadLane*> threadLanes_;  // those of sideLanes_ that have a thread
    std::atomic<bool> cancelled_ = false;
    std::mutex failureMutex_, pauseMutex_;
    std::exception_ptr failure_;
    int standing_ = 0, left_ = 0;
    std::optional<Nanoseconds> allStoodAt_;
};

}  // namespace

std::unique_ptr<Runtime> makeLocalRuntime(int worldSize, RunControl& control, SideLanePolicy policy,
                                          int workers, std::optional<Picoseconds> goesOnAt) {
    return std::make_unique<LocalRuntime>(worldSize, control, policy, workers > 0 ? workers : worldSize,
                                          goesOnAt);
}

}  // namespace rondo
