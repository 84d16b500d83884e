#include "net/data/frame_writer.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "net/data/peer_socket.h"

namespace rondo::net {

namespace {

/// Masked bytes on their way from their place to the kernel: as many as stay in a core's own cache.
constexpr std::size_t kStaged = std::size_t{256} << 10;

constexpr std::byte kBinaryAndFinal{0x82};
constexpr std::byte kMaskedBit{0x80};

}  // namespace

void FrameWriter::begin(std::span<const std::byte> header, std::span<const std::byte> body) {
    if (header.size() > kLongestHeader) throw std::logic_error("too long a header of a message");
    const std::uint64_t length = header.size() + body.size();
    std::size_t at = 0;
    const auto put = [&](std::byte byte) { head_[at++] = byte; };
    const auto putLength = [&](int bytes) {
        for (int i = bytes - 1; i >= 0; --i) put(static_cast<std::byte>(length >> (8 * i)));
    };
    const std::byte bit = masked_ ? kMaskedBit : std::byte{0};
    put(kBinaryAndFinal);
    if (length < 126) {
        put(bit | static_cast<std::byte>(length));
    } else if (length < 65536) {
        put(bit | std::byte{126});
        putLength(2);
    } else {
        put(bit | std::byte{127});
        putLength(8);
    }
    if (masked_) {
        key_ = keys_.next();
        for (const std::byte byte : *key_) put(byte);
        copyMasked(std::span(head_).subspan(at, header.size()), header, *key_, 0);
    } else {
        key_.reset();
        std::copy(header.begin(), header.end(), head_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    headSize_ = at + header.size();
    messageHeader_ = header.size();
    body_ = body;
    written_ = staged_ = 0;
}

void FrameWriter::beginFrame(std::span<const std::byte> frame) {
    key_.reset();
    headSize_ = messageHeader_ = 0;
    body_ = frame;
    written_ = staged_ = 0;
}

std::size_t FrameWriter::fill(std::span<std::byte> room, std::size_t at) const {
    std::size_t filled = 0;
    if (at < headSize_) {
        filled = std::min(room.size(), headSize_ - at);
        std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(at), filled, room.begin());
        at += filled;
    }
    if (filled == room.size() || at >= size()) return filled;
    const std::size_t from = at - headSize_;
    const auto part = body_.subspan(from, std::min(room.size() - filled, body_.size() - from));
    if (key_)
        copyMasked(room.subspan(filled, part.size()), part, *key_, messageHeader_ + from);
    else
        std::copy(part.begin(), part.end(), room.begin() + static_cast<std::ptrdiff_t>(filled));
    return filled + part.size();
}

FrameWriter::Took FrameWriter::write() {
    if (error_) return Took::Failed;
    if (socket_.tls()) return writeEncrypted();
    return key_ ? writeStaged() : writePlain();
}

std::optional<FrameWriter::Took> FrameWriter::afterSend(long result) {
    if (result >= 0) {
        written_ += static_cast<std::size_t>(result);
        return std::nullopt;
    }
    if (errno == EINTR) return std::nullopt;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Took::SocketIsFull;
    error_ = {errno, boost::system::system_category()};
    return Took::Failed;
}

FrameWriter::Took FrameWriter::writePlain() {
    while (within()) {
        std::array<iovec, 2> parts{};
        std::size_t count = 0;
        const auto add = [&](std::span<const std::byte> bytes) {
            if (!bytes.empty()) parts[count++] = {const_cast<std::byte*>(bytes.data()), bytes.size()};
        };
        add(std::span(head_).first(headSize_).subspan(std::min(written_, headSize_)));
        add(body_.subspan(std::max(written_, headSize_) - headSize_));
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        if (const auto end =
                afterSend(::sendmsg(socket_.socket().native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT)))
            return *end;
    }
    return Took::All;
}

FrameWriter::Took FrameWriter::writeStaged() {
    while (within()) {
        // What the kernel doesn't take now is masked again next time: nothing has to be kept.
        staging_.resize(std::max(staging_.size(), std::min(kStaged, size() - written_)));
        const std::size_t filled = fill(staging_, written_);
        if (const auto end = afterSend(::send(socket_.socket().native_handle(), staging_.data(), filled,
                                              MSG_NOSIGNAL | MSG_DONTWAIT)))
            return *end;
    }
    return Took::All;
}

FrameWriter::Took FrameWriter::writeEncrypted() {
    while (within()) {
        if (staged_ == 0) staged_ = fill(socket_.tls()->staging(), written_);
        const PeerTls::Outcome outcome =
            socket_.tls()->writeStaged(socket_.socket().native_handle(), staged_);
        if (outcome.error) {
            error_ = outcome.error;
            return Took::Failed;
        }
        if (outcome.wants != PeerTls::Outcome::Wants::Nothing) return Took::SocketIsFull;
        written_ += staged_;
        staged_ = 0;
    }
    return Took::All;
}

}  // namespace rondo::net
