#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rondo::net::test {

/// WebSocket by hand, so that it can be done wrong. Blocking; a read that takes a minute gives up.
class RawSocket {
  public:
    explicit RawSocket(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{60, 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const int one = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    RawSocket(RawSocket&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)),
          connected_(other.connected_),
          rest_(std::move(other.rest_)) {}
    ~RawSocket() {
        if (socket_ >= 0) ::close(socket_);
    }

    bool connected() const { return connected_; }
    /// False: the other side has hung up.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Whether something has come, or the end, without waiting for it.
    bool somethingThere() {
        char byte = 0;
        return !rest_.empty() || ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
    }
    /// All until the other side hangs up; none: it hasn't.
    std::optional<std::string> readToEnd() {
        while (more()) {
        }
        if (!ended_) return std::nullopt;
        return std::exchange(rest_, {});
    }

    static std::string request(std::string_view path = "/rondo/1", std::string_view subprotocol = "rondo.1") {
        return "GET " + std::string(path) +
               " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n" +
               (subprotocol.empty() ? std::string()
                                    : "Sec-WebSocket-Protocol: " + std::string(subprotocol) + "\r\n") +
               "\r\n";
    }
    /// What the other side answers, up to the empty line.
    std::string readHead() {
        for (std::size_t end; (end = rest_.find("\r\n\r\n")) == std::string::npos;)
            if (!more()) return rest_;
        const std::size_t end = rest_.find("\r\n\r\n") + 4;
        std::string head = rest_.substr(0, end);
        rest_.erase(0, end);
        return head;
    }
    std::string upgrade(std::string_view path = "/rondo/1", std::string_view subprotocol = "rondo.1") {
        send(request(path, subprotocol));
        return readHead();
    }

    enum Op : unsigned char { More = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };
    /// A frame's first bytes, as a client sends them.
    static std::string head(Op op, std::uint64_t length, bool masked = true, bool last = true) {
        std::string bytes(1, static_cast<char>((last ? 0x80 : 0) | op));
        const auto mask = static_cast<unsigned char>(masked ? 0x80 : 0);
        if (length < 126) {
            bytes += static_cast<char>(mask | length);
        } else if (length < 65536) {
            bytes += static_cast<char>(mask | 126);
            for (const int shift : {8, 0}) bytes += static_cast<char>(length >> shift);
        } else {
            bytes += static_cast<char>(mask | 127);
            for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(length >> shift);
        }
        if (masked) bytes += std::string(4, '\0');  // a mask of zeros changes nothing
        return bytes;
    }
    static std::string frame(Op op, std::string_view payload, bool masked = true) {
        return head(op, payload.size(), masked) + std::string(payload);
    }

    struct Frame {
        Op op = More;
        std::string payload;
        /// Of a close frame.
        int code() const {
            return payload.size() < 2
                       ? 0
                       : static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
        }
        std::string reason() const { return payload.size() < 2 ? "" : payload.substr(2); }
    };
    /// None: the other side has hung up.
    std::optional<Frame> read() {
        const auto need = [&](std::size_t bytes) {
            while (rest_.size() < bytes)
                if (!more()) return false;
            return true;
        };
        if (!need(2)) return std::nullopt;
        Frame frame;
        frame.op = static_cast<Op>(rest_[0] & 0x0f);
        std::uint64_t length = static_cast<unsigned char>(rest_[1]) & 0x7f;
        std::size_t at = 2;
        if (length >= 126) {
            const std::size_t wide = length == 126 ? 2 : 8;
            if (!need(2 + wide)) return std::nullopt;
            length = 0;
            for (; at < 2 + wide; ++at) length = length << 8 | static_cast<unsigned char>(rest_[at]);
        }
        std::string mask;
        if (rest_[1] & 0x80) {
            if (!need(at + 4)) return std::nullopt;
            mask = rest_.substr(at, 4);
            at += 4;
        }
        if (!need(at + length)) return std::nullopt;
        frame.payload = rest_.substr(at, length);
        for (std::size_t i = 0; i < frame.payload.size() && !mask.empty(); ++i)
            frame.payload[i] ^= mask[i % 4];
        rest_.erase(0, at + length);
        return frame;
    }
    /// The next one of that kind; pings and the like in between are skipped.
    std::optional<Frame> readUntil(Op op) {
        while (auto frame = read())
            if (frame->op == op) return frame;
        return std::nullopt;
    }

  private:
    bool more() {
        char bytes[65536];
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got > 0) rest_.append(bytes, static_cast<std::size_t>(got));
        if (got == 0 || (got < 0 && errno == ECONNRESET)) ended_ = true;
        return got > 0;
    }

    int socket_;
    bool connected_ = false, ended_ = false;
    std::string rest_;
};

}  // namespace rondo::net::test
