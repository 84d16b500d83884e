#include "engine/training/gloo/gloo_meeting.h"

#include <algorithm>
#include <csignal>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "engine/training/gloo/own_address.h"

namespace rondo {

namespace {

using SteadyClock = std::chrono::steady_clock;
using StorePtr = c10::intrusive_ptr<c10d::Store>;

/// LibTorch counts the seconds of its attempts in whole ones.
constexpr std::chrono::milliseconds kStoreAnswers{2'000};

/// What LibTorch says of an error, without the stack it adds.
std::string wordsOf(const std::exception& error) {
    if (const auto* own = dynamic_cast<const c10::Error*>(&error)) return own->what_without_backtrace();
    return error.what();
}

StorePtr storeOf(const GlooPlace& place) {
    c10d::TCPStoreOptions options;
    options.port = place.storePort;
    options.waitWorkers = false;
    options.timeout = std::max(place.timeout, kStoreAnswers);
    try {
        return c10::make_intrusive<c10d::PrefixStore>(
            place.world, c10::make_intrusive<c10d::TCPStore>(place.storeHost, options));
    } catch (const std::exception& error) {
        throw CommError(CommError::Kind::PeerGone, "no Gloo store answers at " + place.storeHost + ":" +
                                                       std::to_string(place.storePort) + " (" +
                                                       wordsOf(error) + ")");
    }
}

/// Gloo writes to its sockets so that a peer that is gone would end this process.
void outliveLostPeers() {
    struct sigaction action {};
    if (sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL)
        std::signal(SIGPIPE, SIG_IGN);
}

/// Until all have come, since connecting can be waited for but not be called off.
void awaitEveryone(c10d::Store& store, const GlooPlace& place, SteadyClock::time_point due,
                   const std::stop_token& stop) {
    const auto keyOf = [](int rank) { return "here/" + std::to_string(rank); };
    if (store.add(keyOf(place.rank.value), 1) > 1)
        throw CommError(CommError::Kind::WrongPeer,
                        "somebody else is rank " + std::to_string(place.rank.value) + " of this world");
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
    const StorePtr store = storeOf(place);
    try {
        awaitEveryone(*store, place, due, stop);
        // The default device would take what the host name resolves to, which is often an address of no use.
        const auto device = c10d::ProcessGroupGloo::createDeviceForHostname(
            ownAddressTowards(place.storeHost, place.storePort));
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
