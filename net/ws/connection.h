#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/wire/close_code.h"
#include "net/ws/outbox.h"
#include "net/ws/tls.h"

namespace rondo::net {

/// One WebSocket, accepted or dialled, over TCP or TLS. Lives on the io thread: everything but `send` and the
/// figures is called there, handlers too. Kept alive by what it has under way, so dropping the last pointer
/// doesn't end it: `close` does.
class Connection {
  public:
    using Duration = std::chrono::steady_clock::duration;

    /// What it may cost. Checked before memory is taken: a frame's length is believed only up to these.
    struct Limits {
        std::size_t text = 4096;         ///< bytes of one message; 0: none is allowed
        std::size_t binary = 0;          ///< the same; 0: none is allowed
        std::size_t outbox = 64 * 1024;  ///< bytes waiting to be sent
    };
    struct Closed {
        CloseCode code = CloseCode::Normal;
        std::string why;      ///< in words, fit for a person
        bool byPeer = false;  ///< it said so itself, in a close frame
        bool broken = false;  ///< without a word: the socket failed, or nothing was heard
    };
    struct Handlers {
        std::function<void()> opened;  ///< the WebSocket handshake is over
        std::function<void(std::string_view)> text;
        std::function<void(std::span<const std::byte>)> binary;  ///< valid during the call
        std::function<void()> drained;                           ///< the outbox has become empty
        std::function<void(const Closed&)> closed;               ///< once; no other handler after it
    };

    virtual ~Connection() = default;

    enum class Sent { Yes, Full, Closed };
    virtual Sent send(Outgoing message) = 0;  ///< any thread

    virtual void setHandlers(Handlers handlers) = 0;
    virtual void setLimits(Limits limits) = 0;
    /// Closes it with `code` unless taken back in time.
    virtual void setDeadline(Duration after, CloseCode code, std::string why) = 0;
    virtual void clearDeadline() = 0;
    /// From now on a ping goes out when nothing else was heard or said for `interval`, and it is closed when
    /// no byte has come for `silence`. Time for which this process itself stood still doesn't count.
    virtual void keepAlive(Duration interval, Duration silence) = 0;
    /// Reads no further until `resume`: the peer is held up by TCP, not by memory here.
    virtual void pause() = 0;
    virtual void resume() = 0;

    /// Sends what waits, then a close frame, at most `patience` long. Its `closed` handler is called at once
    /// (after this call has returned).
    virtual void close(CloseCode code, std::string why, Duration patience = std::chrono::seconds(2)) = 0;
    /// At once, without a word.
    virtual void abort(std::string why) = 0;

    virtual bool secure() const = 0;
    /// Of the certificate both sides see; empty without one.
    virtual std::span<const std::uint8_t> fingerprint() const = 0;
    virtual const std::string& remoteAddress() const = 0;  ///< without the port
    virtual std::uint16_t remotePort() const = 0;
    virtual const std::string& localAddress() const = 0;

    virtual std::size_t waitingBytes() const = 0;      ///< in the outbox; any thread
    virtual std::size_t mostWaitingBytes() const = 0;  ///< since the start; any thread
    virtual std::size_t readingBytes() const = 0;      ///< memory held for a message that is being read
};

}  // namespace rondo::net
