#include "engine/training/gloo/gloo_board.h"

#include <algorithm>
#include <thread>

#include "engine/comm/communicator.h"
#include "engine/training/gloo/await_listener.h"
#include "engine/training/gloo/store_client.h"

namespace rondo {

namespace {

/// Worlds have names that begin with a figure.
constexpr const char* kPrefix = "board";

}  // namespace

struct GlooBoard::Impl {
    StorePtr store;
    template <class Call>
    auto ask(const Call& call) {
        try {
            return call(*store);
        } catch (const std::exception& error) {
            throw CommError(CommError::Kind::PeerGone, "the Gloo store has ended (" + wordsOf(error) + ")");
        }
    }
};

GlooBoard::GlooBoard(const std::string& host, std::uint16_t port, const Patience& patience,
                     const std::function<void(const std::string&)>& say) {
    // LibTorch's own attempts can't be called off, and each writes a warning.
    awaitListener(host, port, patience.due, patience.stop, say);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(patience.due -
                                                                            std::chrono::steady_clock::now());
    impl_ = std::make_unique<Impl>(Impl{storeAt(host, port, kPrefix, left)});
}

GlooBoard::~GlooBoard() = default;

void GlooBoard::write(const std::string& key, const std::string& text) {
    impl_->ask(
        [&](c10d::Store& store) { store.set(key, std::vector<std::uint8_t>(text.begin(), text.end())); });
}

std::optional<std::string> GlooBoard::read(const std::string& key) {
    return impl_->ask([&](c10d::Store& store) -> std::optional<std::string> {
        if (!store.check({key})) return std::nullopt;
        const std::vector<std::uint8_t> bytes = store.get(key);
        return std::string(bytes.begin(), bytes.end());
    });
}

std::string GlooBoard::await(const std::string& key, const Patience& patience, const std::string& what) {
    using std::chrono::milliseconds;
    for (milliseconds pause{1};; pause = std::min(2 * pause, milliseconds{20})) {
        if (auto text = read(key)) return *std::move(text);
        if (patience.stop.stop_requested())
            throw CommError(CommError::Kind::Cancelled, "the wait for " + what + " was called off");
        if (std::chrono::steady_clock::now() >= patience.due)
            throw CommError(CommError::Kind::Deadline, what + " did not come in time");
        std::this_thread::sleep_for(pause);
    }
}

std::int64_t GlooBoard::count(const std::string& key) {
    return impl_->ask([&](c10d::Store& store) { return store.add(key, 1); });
}

}  // namespace rondo
