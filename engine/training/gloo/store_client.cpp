#include "engine/training/gloo/store_client.h"

#include <algorithm>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "engine/comm/communicator.h"

namespace rondo {

namespace {

/// LibTorch counts the seconds of its attempts in whole ones.
constexpr std::chrono::milliseconds kStoreAnswers{2'000};

}  // namespace

std::string wordsOf(const std::exception& error) {
    if (const auto* own = dynamic_cast<const c10::Error*>(&error)) return own->what_without_backtrace();
    return error.what();
}

StorePtr storeAt(const std::string& host, std::uint16_t port, const std::string& prefix,
                 std::chrono::milliseconds timeout) {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.waitWorkers = false;
    options.timeout = std::max(timeout, kStoreAnswers);
    try {
        return c10::make_intrusive<c10d::PrefixStore>(prefix,
                                                      c10::make_intrusive<c10d::TCPStore>(host, options));
    } catch (const std::exception& error) {
        throw CommError(CommError::Kind::PeerGone, "no Gloo store answers at " + host + ":" +
                                                       std::to_string(port) + " (" + wordsOf(error) + ")");
    }
}

}  // namespace rondo
