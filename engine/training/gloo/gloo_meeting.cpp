#include "engine/training/gloo/gloo_meeting.h"

#include <algorithm>
#include <csignal>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "engine/training/gloo/own_address.h"
#include "engine/training/gloo/store_client.h"

namespace rondo {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// Gloo writes to its sockets so that a peer that is gone would end this process.
void outliveLostPeers() {
    struct sigaction action {};
    if (sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL)
        std::signal(SIGPIPE, SIG_IGN);
}

/// Where a rank leaves its address, once it has come.
std::string keyOf(int rank) {
    return "at/" + std::to_string(rank);
}

/// The address at which the other ranks reach this one. Who is on the store's machine may know that by a name
/// that leads to itself only: such a one looks for a way to a rank that came from elsewhere.
std::string addressAmong(c10d::Store& store, const GlooPlace& place, const std::string& towardsStore) {
    if (!isLoopback(towardsStore)) return towardsStore;
    for (int rank = 0; rank < place.worldSize; ++rank) {
        const std::vector<std::uint8_t> bytes = store.get(keyOf(rank));
        const std::string other(bytes.begin(), bytes.end());
        if (!isLoopback(other)) return ownAddressTowards(other, place.storePort);
    }
    return towardsStore;
}

/// Until all have come, since connecting can be waited for but not be called off.
void awaitEveryone(c10d::Store& store, const GlooPlace& place, const std::string& ownAddress,
                   SteadyClock::time_point due, const std::stop_token& stop) {
    const std::string ownRank = std::to_string(place.rank.value);
    if (store.add("taken/" + ownRank, 1) > 1)
        throw CommError(CommError::Kind::WrongPeer, "somebody else is rank " + ownRank + " of this world");
    store.set(keyOf(place.rank.value), std::vector<std::uint8_t>(ownAddress.begin(), ownAddress.end()));
    std::vector<std::string> missing;
    for (int rank = 0; rank < place.worldSize; ++rank) missing.push_back(keyOf(rank));
    for (auto pause = std::chrono::milliseconds(1);;
         pause = std::min(2 * pause, std::chrono::milliseconds(20))) {
        std::erase_if(missing, [&](const std::string& key) { return store.check({key}); });
        if (missing.empty()) return;
        if (stop.stop_requested())
            throw CommError(CommError::Kind::Cancelled, "the run was cancelled while its ranks gathered");
        if (SteadyClock::now() >= due)
            throw CommError(CommError::Kind::Deadline, std::to_string(missing.size()) + " of " +
                                                           std::to_string(place.worldSize) +
                                                           " ranks did not come to the Gloo store in time");
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace

struct GlooStore::Impl {
    c10::intrusive_ptr<c10d::TCPStore> store;
};

GlooStore::GlooStore(std::uint16_t port) {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = true;
    options.waitWorkers = false;
    try {
        impl_ = std::make_unique<Impl>(Impl{c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options)});
    } catch (const std::exception& error) {
        throw std::runtime_error("no Gloo store can listen at port " + std::to_string(port) + ": " +
                                 wordsOf(error));
    }
}

GlooStore::~GlooStore() = default;

std::uint16_t GlooStore::port() const {
    return impl_->store->getPort();
}

std::array<c10::intrusive_ptr<GlooGroup>, 2> meetOverGloo(const GlooPlace& place, std::stop_token stop) {
    outliveLostPeers();
    const auto due = SteadyClock::now() + place.timeout;
    const StorePtr store = storeAt(place.storeHost, place.storePort, place.world, place.timeout);
    try {
        const std::string towardsStore = ownAddressTowards(place.storeHost, place.storePort);
        awaitEveryone(*store, place, towardsStore, due, stop);
        // The default device would take what the host name resolves to, which is often an address of no use.
        const auto device =
            c10d::ProcessGroupGloo::createDeviceForHostname(addressAmong(*store, place, towardsStore));
        std::array<c10::intrusive_ptr<GlooGroup>, 2> groups;
        for (std::size_t lane = 0; lane < groups.size(); ++lane) {
            const auto options = GlooGroup::Options::create(place.timeout);
            options->devices = {device};
            options->threads = 1;
            groups[lane] = c10::make_intrusive<GlooGroup>(
                c10::make_intrusive<c10d::PrefixStore>("lane" + std::to_string(lane), store),
                glooRankOf(place.rank, place.worldSize), place.worldSize, options);
        }
        return groups;
    } catch (const CommError&) {
        throw;
    } catch (const std::exception& error) {
        throw CommError(CommError::Kind::PeerGone,
                        "the ranks could not be connected over Gloo: " + wordsOf(error));
    }
}

}  // namespace rondo
