#include "net/data/ws_network.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "net/data/connect_world.h"
#include "net/data/network_inside.h"
#include "net/data/peer_listener.h"
#include "net/data/world_setup.h"
#include "net/ws/io_thread.h"

namespace rondo::net {

WsNetwork::WsNetwork(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

WsNetwork::~WsNetwork() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    if (inside_->saidFarewell)
        for (const auto& lane : inside_->lanes)
            if (lane) lane->drain(until);
}

Rank WsNetwork::rank() const {
    return inside_->rank;
}
int WsNetwork::worldSize() const {
    return inside_->worldSize;
}
Communicator& WsNetwork::communicator(Lane lane) {
    return inside_->at(lane);
}
const TrafficMeter& WsNetwork::meter(Lane lane) const {
    return inside_->at(lane).meter;
}
void WsNetwork::observe(Lane lane, DeliveryObserver* observer) {
    inside_->at(lane).observer = observer;
}
void WsNetwork::settle(Lane lane) {
    inside_->at(lane).settle();
}
void WsNetwork::feel(const LinkState& links) {
    inside_->shaper->feel(links);
}
void WsNetwork::leave() {
    if (std::exchange(inside_->saidFarewell, true)) return;
    for (const auto& lane : inside_->lanes)
        if (lane) lane->farewell();
}
void WsNetwork::cancel(const std::string& why) {
    for (const auto& lane : inside_->lanes)
        if (lane) lane->cancel(why);
}
const std::map<Rank, PeerRoute>& WsNetwork::routes() const {
    return inside_->routes;
}

WsCommunicator& WsNetwork::Inside::at(Lane lane) {
    auto& end = lanes[static_cast<std::size_t>(lane)];
    if (!end) throw std::logic_error("this lane was not connected");
    return *end;
}

std::unique_ptr<WsNetwork> connectWorld(PeerListener& listener, const WorldPlan& plan) {
    const auto door = listener.door();
    const auto setup = std::make_shared<WorldSetup>(door->context(), plan, door->secure());
    listener.thread()->perform([&] {
        door->expect(setup);
        setup->begin();
    });
    struct Finish {
        PeerListener& listener;
        PeerDoor& door;
        WorldSetup& setup;
        ~Finish() {
            listener.thread()->perform([&] {
                door.forget(&setup);
                setup.abandon();
            });
        }
    };
    std::vector<WorldSetup::Met> all;
    {
        const Finish finish{listener, *door, *setup};
        all = setup->await();
    }
    auto inside = std::make_unique<WsNetwork::Inside>();
    inside->rank = plan.rank;
    inside->worldSize = plan.worldSize;
    inside->shaper = std::make_shared<Shaper>(plan.shaped, plan.worldSize, plan.seed, plan.rank);
    for (const Lane lane : plan.lanes)
        inside->lanes[static_cast<std::size_t>(lane)] =
            std::make_unique<WsCommunicator>(WsCommunicator::Traits{
                plan.rank, plan.worldSize, plan.generation, lane, plan.spin, plan.limits, plan.now, inside->shaper});
    for (WorldSetup::Met& met : all) {
        PeerRoute& route = inside->routes[met.peer];
        route = {met.dialled, met.address, met.relayed || route.relayed, met.sameComputer};
        inside->at(met.lane).add({met.peer}, met.dialled, std::move(met.stream), listener.thread());
    }
    for (const auto& lane : inside->lanes)
        if (lane) lane->start();
    return std::make_unique<WsNetwork>(std::move(inside));
}

}  // namespace rondo::net
