#include "engine/training/gloo/own_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace rondo {

std::string ownAddressTowards(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;  // to connect only chooses a route
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found))
        throw std::runtime_error(host + ": " + gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
    for (const addrinfo* i = found; i; i = i->ai_next) {
        const int socket = ::socket(i->ai_family, i->ai_socktype | SOCK_CLOEXEC, i->ai_protocol);
        if (socket < 0) continue;
        sockaddr_storage own{};
        socklen_t size = sizeof own;
        std::array<char, NI_MAXHOST> words{};
        const bool reached = connect(socket, i->ai_addr, i->ai_addrlen) == 0 &&
                             getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
                             getnameinfo(reinterpret_cast<const sockaddr*>(&own), size, words.data(),
                                         words.size(), nullptr, 0, NI_NUMERICHOST) == 0;
        close(socket);
        if (reached) return words.data();
    }
    throw std::runtime_error("no network of this computer leads to " + host);
}

bool isOwnAddress(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), "0", &hints, &found)) return false;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
    bool own = false;
    for (const addrinfo* i = found; i && !own; i = i->ai_next) {
        const int socket = ::socket(i->ai_family, i->ai_socktype | SOCK_CLOEXEC, i->ai_protocol);
        if (socket < 0) continue;
        own = bind(socket, i->ai_addr, i->ai_addrlen) == 0;
        close(socket);
    }
    return own;
}

bool isLoopback(const std::string& address) {
    return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

}  // namespace rondo
