#include "engine/training/gloo/await_listener.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

#include "engine/comm/communicator.h"

namespace rondo {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds kOneTry{1'000}, kMostPause{200};

/// Why this address doesn't answer; 0: it does.
int tryOnce(const addrinfo& address) {
    const int socket =
        ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
    if (socket < 0) return errno;
    int error = 0;
    if (connect(socket, address.ai_addr, address.ai_addrlen) != 0) {
        error = errno;
        pollfd wait{socket, POLLOUT, 0};
        if (error == EINPROGRESS && poll(&wait, 1, static_cast<int>(kOneTry.count())) == 1) {
            socklen_t size = sizeof error;
            getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
        }
    }
    close(socket);
    return error == EINPROGRESS ? ETIMEDOUT : error;
}

/// Empty when somebody listens.
std::string whyNobodyListens(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found))
        return gai_strerror(error);
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
    int error = EADDRNOTAVAIL;
    for (const addrinfo* i = found; i && error != 0; i = i->ai_next) error = tryOnce(*i);
    return error == 0 ? std::string() : std::strerror(error);
}

}  // namespace

void awaitListener(const std::string& host, std::uint16_t port, std::chrono::steady_clock::time_point due,
                   const std::stop_token& stop, const std::function<void(const std::string&)>& say) {
    const std::string place = host + ":" + std::to_string(port);
    bool said = false;
    for (milliseconds pause{10};; pause = std::min(2 * pause, kMostPause)) {
        const std::string why = whyNobodyListens(host, port);
        if (why.empty()) return;
        if (stop.stop_requested())
            throw CommError(CommError::Kind::Cancelled, "the wait for " + place + " was called off");
        if (std::chrono::steady_clock::now() >= due)
            throw CommError(CommError::Kind::Deadline, "nobody listens at " + place + ": " + why);
        if (!said && say) say("waiting for " + place + " (" + why + ")");
        said = true;
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace rondo
