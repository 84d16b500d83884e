#pragma once

#include <map>
#include <thread>

#include "engine/comm/local/local_network.h"
#include "engine/training/coordinated_run.h"
#include "engine/training/remote_rank.h"

namespace rondo::test {

/// One rank's end of a network of threads.
class RankOfLocalNetwork final : public RankNetwork {
  public:
    RankOfLocalNetwork(std::shared_ptr<LocalNetwork> network, Rank rank, int worldSize)
        : network_(std::move(network)), rank_(rank), worldSize_(worldSize) {}
    ~RankOfLocalNetwork() override { network_->leave(rank_); }
    Rank rank() const override { return rank_; }
    int worldSize() const override { return worldSize_; }
    Communicator& communicator(Lane lane) override { return network_->communicator(rank_, lane); }
    const TrafficMeter& meter(Lane lane) const override { return network_->meter(rank_, lane); }
    void observe(Lane lane, DeliveryObserver* observer) override { network_->observe(rank_, lane, observer); }
    void leave() override { network_->leave(rank_); }
    /// As with sockets: who cancels is gone for the others.
    void cancel(const std::string&) override {
        network_->cancel(rank_);
        network_->leave(rank_);
    }

  private:
    std::shared_ptr<LocalNetwork> network_;
    Rank rank_;
    int worldSize_;
};

/// A crew of threads of this process: what a room full of machines is to a coordinator, without a network.
class ThreadCrew final : public Crew {
  public:
    ThreadCrew(CrewInbox& inbox, EventSink& events) : inbox_(inbox), events_(events) {}
    ~ThreadCrew() override {
        for (auto& [id, member] : members_) member->rank.close("the test is over");
        for (auto& [id, member] : members_) member->thread.join();
    }

    /// Another run of the same members: what they still say of the one before is not heard.
    void beginRun() {
        const std::lock_guard lock(mutex_);
        numbers_.beginRun();
        world_.reset();
    }
    MemberId add() {
        const MemberId id = start();
        const std::lock_guard lock(mutex_);
        workers_.push_back(id);
        return id;
    }
    /// As if its process had been killed: it says nothing any more, and its peers find it gone.
    void kill(MemberId id) {
        members_.at(id)->silent = true;
        members_.at(id)->rank.close("killed");
        {
            const std::lock_guard lock(mutex_);
            std::erase(workers_, id);
        }
        inbox_.post({id, MemberLost{"its connection broke"}});
    }
    /// What is called before an order goes out; for a test that strikes at some point of the run.
    std::function<void(MemberId, const RankOrder&)> onOrder = [](MemberId, const RankOrder&) {};

    std::vector<MemberId> workers() override {
        const std::lock_guard lock(mutex_);
        return workers_;
    }
    std::vector<MemberId> servers(int count) override {
        std::vector<MemberId> ids;
        for (int i = 0; i < count; ++i) ids.push_back(start());
        return ids;
    }
    std::string nameOf(MemberId member) override { return "member " + std::to_string(member); }
    void arrange(std::span<const MemberId>, std::span<BeginWorld> world) override {
        const std::lock_guard lock(mutex_);
        const int size = static_cast<int>(world.size());
        world_ = numbers_.numberOf(world.front().generation);
        networks_[*world_] = {std::make_shared<LocalNetwork>(size, false, [this] { return now(); }), size};
        for (BeginWorld& order : world) {
            order.ranksHere = size;
            order.generation = *world_;
        }
    }
    std::string offer(std::shared_ptr<const Dataset>) override { return {}; }
    void order(MemberId member, RankOrder order) override {
        onOrder(member, order);
        if (auto* end = std::get_if<EndWorld>(&order)) {
            const std::lock_guard lock(mutex_);
            end->generation = numbers_.numberOf(end->generation);
        }
        members_.at(member)->rank.take(std::move(order));
    }
    Nanoseconds now() const override { return std::chrono::steady_clock::now().time_since_epoch(); }

  private:
    struct Member {
        explicit Member(RemoteRank::Surroundings surroundings) : rank(std::move(surroundings)) {}
        std::atomic<bool> silent = false;
        RemoteRank rank;
        std::thread thread;
    };
    MemberId start() {
        const MemberId id = ++latest_;
        auto silent = std::make_shared<std::atomic<Member*>>(nullptr);
        auto member = std::make_unique<Member>(RemoteRank::Surroundings{
            .tell =
                [this, id, silent](std::uint32_t world, RankTold told) {
                    const Member* self = silent->load();
                    if (self && self->silent) return;
                    const std::lock_guard lock(mutex_);
                    if (world != world_) return;
                    if (auto* state = std::get_if<StateTold>(&told))
                        state->generation = numbers_.generationOf(state->generation).value_or(-1u);
                    inbox_.post({id, std::move(told)});
                },
            .events = events_,
            .hostNow = [this] { return now(); },
            .connect = [this](const BeginWorld& world, std::function<Nanoseconds()>,
                              std::stop_token) -> std::unique_ptr<RankNetwork> {
                const std::lock_guard lock(mutex_);
                const auto& [network, size] = networks_.at(world.generation);
                return std::make_unique<RankOfLocalNetwork>(network, world.rank, size);
            }});
        *silent = member.get();
        member->thread = std::thread([&rank = member->rank] { rank.run(); });
        members_.emplace(id, std::move(member));
        return id;
    }

    CrewInbox& inbox_;
    EventSink& events_;
    std::mutex mutex_;
    std::vector<MemberId> workers_;
    WorldNumbers numbers_;
    std::optional<std::uint32_t> world_;                                               ///< the present one
    std::map<std::uint32_t, std::pair<std::shared_ptr<LocalNetwork>, int>> networks_;  ///< with their sizes
    MemberId latest_ = 0;
    std::map<MemberId, std::unique_ptr<Member>> members_;
};

}  // namespace rondo::test
