#pragma once

#include <array>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "net/data/masking.h"

namespace rondo::net {

class PeerSocket;

/// Writes the messages of a data connection, each a binary WebSocket frame. Beast could do it, but hands the
/// kernel 64 KB at a time at most, and a byte through TCP costs half as much where a megabyte goes with one
/// call.
///
/// Thread: the connection's.
class FrameWriter {
  public:
    /// `masked`: by who has called, as WebSocket wants it.
    FrameWriter(PeerSocket& socket, bool masked) : socket_(socket), masked_(masked) {}

    /// A message of these two parts. The body stays where it is until it is written.
    void begin(std::span<const std::byte> header, std::span<const std::byte> body);
    /// What is a frame already, and stays where it is.
    void beginFrame(std::span<const std::byte> frame);

    enum class Took { All, SocketIsFull, Failed };
    /// Writes as much of it as the socket takes now.
    Took write();
    /// It has begun and not all of it is written.
    bool within() const { return written_ < size(); }
    const boost::system::error_code& error() const { return error_; }

    /// Bytes in front of a message of so many.
    static constexpr std::size_t frameHeaderBytes(std::size_t message, bool masked) {
        return (message < 126 ? 2 : message < 65536 ? 4 : 10) + (masked ? 4 : 0);
    }
    static constexpr std::size_t kLongestHeader = 64;  ///< of a message

  private:
    std::size_t size() const { return headSize_ + body_.size(); }
    /// The frame from byte `at` on, as far as there is room. Returns how much it was.
    std::size_t fill(std::span<std::byte> room, std::size_t at) const;
    Took writePlain();
    Took writeStaged();
    Took writeEncrypted();
    std::optional<Took> afterSend(long result);

    PeerSocket& socket_;
    const bool masked_;
    MaskKeys keys_;
    std::optional<MaskKey> key_;                         // of the frame that is under way
    std::array<std::byte, 14 + kLongestHeader> head_{};  // of the frame, then of the message
    std::size_t headSize_ = 0, messageHeader_ = 0;
    std::span<const std::byte> body_;
    std::size_t written_ = 0;  // of both
    std::vector<std::byte> staging_;
    std::size_t staged_ = 0;  // encrypted: what TLS has been asked to write, and must be asked again
    boost::system::error_code error_;
};

}  // namespace rondo::net
