#include "engine/training/gloo/gloo_network.h"

#include <thread>

#include "engine/training/gloo/gloo_lane.h"

namespace rondo {

namespace {

class GlooNetwork final : public RankNetwork {
  public:
    GlooNetwork(const GlooPlace& place, std::array<c10::intrusive_ptr<GlooGroup>, 2> groups,
                std::function<Nanoseconds()> now)
        : rank_(place.rank), now_(std::move(now)) {
        std::vector<Watchdog::Look> looks;
        for (auto& group : groups) {
            lanes_.push_back(std::make_unique<GlooLane>(std::move(group), place.rank, place.worldSize, now_));
            looks.emplace_back(
                [&wait = lanes_.back()->wait()](Watchdog::Time now) { return wait.look(now); });
        }
        watchdog_ = std::make_unique<Watchdog>(std::move(looks));
        for (const auto& lane : lanes_) lane->wait().attach(*watchdog_);
    }
    ~GlooNetwork() override {
        watchdog_.reset();
        leave();
    }

    Rank rank() const override { return rank_; }
    int worldSize() const override { return lanes_.front()->worldSize(); }
    Communicator& communicator(Lane lane) override { return of(lane); }
    const TrafficMeter& meter(Lane lane) const override { return of(lane).meter; }
    void observe(Lane lane, DeliveryObserver* observer) override { of(lane).observer = observer; }
    void leave() override {
        // Gloo takes up to 10 ms to close a connection, and does so one after the other.
        std::thread other([this] { lanes_.back()->leave(); });
        lanes_.front()->leave();
        other.join();
    }
    void cancel(const std::string& why) override {
        for (const auto& lane : lanes_) lane->cancel(why);
    }

  private:
    GlooLane& of(Lane lane) const { return *lanes_[static_cast<std::size_t>(lane)]; }
    const Rank rank_;
    const std::function<Nanoseconds()> now_;
    std::vector<std::unique_ptr<GlooLane>> lanes_;
    std::unique_ptr<Watchdog> watchdog_;
};

}  // namespace

std::unique_ptr<RankNetwork> makeGlooNetwork(const GlooPlace& place, std::function<Nanoseconds()> now,
                                             std::stop_token stop) {
    auto groups = meetOverGloo(place, std::move(stop));
    return std::make_unique<GlooNetwork>(place, std::move(groups), std::move(now));
}

}  // namespace rondo
