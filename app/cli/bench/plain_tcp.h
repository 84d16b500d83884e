#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/comm/on_every_rank.h"

namespace rondo::cli {

/// Two ends of a TCP connection on loopback.
class PlainTcp {
  public:
    PlainTcp() {
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ends_[0] = ::socket(AF_INET, SOCK_STREAM, 0);
        const bool listens = ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                             ::listen(listener, 1) == 0 &&
                             ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
        if (!listens || ::connect(ends_[0], reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            (ends_[1] = ::accept(listener, nullptr, nullptr)) < 0)
            throw std::runtime_error(std::string("no TCP on loopback: ") + std::strerror(errno));
        ::close(listener);
    }
    ~PlainTcp() {
        for (const int end : ends_) ::close(end);
    }
    void send(const std::vector<float>& message) {
        move(message.size() * sizeof(float), [&](std::size_t done, std::size_t left) {
            return ::send(ends_[0], reinterpret_cast<const char*>(message.data()) + done, left, MSG_NOSIGNAL);
        });
    }
    void receive(std::vector<float>& message) {
        move(message.size() * sizeof(float), [&](std::size_t done, std::size_t left) {
            return ::recv(ends_[1], reinterpret_cast<char*>(message.data()) + done, left, 0);
        });
    }

  private:
    template <class Move>
    static void move(std::size_t size, Move&& some) {
        for (std::size_t done = 0; done < size;) {
            const ssize_t moved = some(done, size - done);
            if (moved <= 0) throw std::runtime_error(std::string("TCP: ") + std::strerror(errno));
            done += static_cast<std::size_t>(moved);
        }
    }
    std::array<int, 2> ends_{-1, -1};
};

inline double gigabytesPerSecond(std::int64_t bytes, std::chrono::steady_clock::time_point begin) {
    return static_cast<double>(bytes) / 1e9 /
           std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Sends so many bytes in messages of so many from one thread to another, and waits until they are all there.
/// GB/s.
template <class Send, class Receive>
double stream(std::int64_t total, std::int64_t bytes, Send&& send, Receive&& receive) {
    const auto count = static_cast<int>(total / bytes);
    const auto begin = std::chrono::steady_clock::now();
    onEveryRank(2, [&](int end) {
        for (int i = 0; i < count; ++i)
            if (end == 0)
                send();
            else
                receive();
    });
    return gigabytesPerSecond(bytes * count, begin);
}

}  // namespace rondo::cli
