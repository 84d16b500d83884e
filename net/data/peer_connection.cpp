#include "net/data/peer_connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <boost/beast/websocket/error.hpp>
#include <utility>

#include "net/wire/close_code.h"

namespace rondo::net {

namespace websocket = beast::websocket;

namespace {
constexpr std::int64_t kMostCounted = std::int64_t{1} << 50;
}

PeerConnection::PeerConnection(std::unique_ptr<PeerStream> stream, std::shared_ptr<IoThread> keeps,
                               asio::io_context& context, ConnectionOwner& owner, const Traits& traits)
    : keeps_(std::move(keeps)),
      stream_(std::move(stream)),
      context_(context),
      owner_(owner),
      traits_(traits) {
    stream_->next_layer().attach(context);
    stream_->read_message_max(static_cast<std::size_t>(traits.limits.longestMessage) + FrameHeader::kBytes);
    stream_->binary(true);
}

PeerConnection::~PeerConnection() = default;

std::int64_t PeerConnection::wireBytes(std::int64_t body, bool masked) {
    const std::int64_t message = body + static_cast<std::int64_t>(FrameHeader::kBytes);
    return message + (message < 126 ? 2 : message < 65536 ? 4 : 10) + (masked ? 4 : 0);
}

void PeerConnection::start() {
    readHeader();
}

// Reading.

void PeerConnection::readHeader() {
    if (!open_) return;
    if (early_ > traits_.limits.early) {
        paused_ = true;
        return;
    }
    stream_->async_read_some(asio::buffer(head_.data() + got_, head_.size() - got_),
                             [this](const boost::system::error_code& error, std::size_t bytes) {
                                 if (!open_) return;
                                 if (error) return readFailed(error);
                                 got_ += bytes;
                                 if (got_ < head_.size() && !stream_->is_message_done()) return readHeader();
                                 checkHeader();
                             });
}

void PeerConnection::checkHeader() {
    if (!stream_->got_binary())
        return refuse(static_cast<std::uint16_t>(CloseCode::WrongKind), "it sent text where data belongs");
    const auto header = decodeFrameHeader(std::span(head_).first(std::exchange(got_, 0)));
    const auto bad = [&](const std::string& what) {
        refuse(static_cast<std::uint16_t>(CloseCode::Unreadable), "it sent " + what);
    };
    if (!header) return bad("a bad header: " + header.error());
    if (header->kind != FrameHeader::Kind::Data) return bad("a frame that isn't data");
    if (header->carries > static_cast<std::uint8_t>(Carries::PartialSums) && header->carries != kFarewell)
        return bad("a message that carries " + std::to_string(header->carries));
    if (header->generation != traits_.generation)
        return bad("a message of world " + std::to_string(header->generation) + ", this is " +
                   std::to_string(traits_.generation));
    if (header->to != traits_.self.value ||
        header->communicationLane != (traits_.lane == Lane::Communication))
        return bad("a message for somebody else");
    if (!owner_.mayComeFrom(Rank{header->from}, *this))
        return bad("a message of rank " + std::to_string(header->from));
    // What is only counted takes no memory.
    if (header->payloadBytes >
        static_cast<std::uint64_t>(header->counted ? kMostCounted : traits_.limits.longestMessage))
        return refuse(static_cast<std::uint16_t>(CloseCode::TooBig),
                      "it sent a message of " + std::to_string(header->payloadBytes) + " bytes, at most " +
                          std::to_string(traits_.limits.longestMessage) + " are taken");
    header_ = *header;
    const bool empty = header_.counted || header_.payloadBytes == 0;
    if (empty != stream_->is_message_done()) return bad("a message of another length than it says");
    if (empty) return messageDone();
    // What the header says is not believed beyond what a connection may make us hold anyway: a little at a
    // time would mean copying, so the whole is taken, but nobody touches its pages before bytes come.
    body_ = owner_.takeBuffer(static_cast<std::size_t>(header_.payloadBytes));
    readBody();
}

void PeerConnection::readBody() {
    const auto room = body_.bytes().subspan(got_);
    stream_->async_read_some(asio::buffer(room.data(), room.size()),
                             [this](const boost::system::error_code& error, std::size_t bytes) {
                                 if (!open_) return;
                                 if (error) return readFailed(error);
                                 got_ += bytes;
                                 const bool whole = got_ == body_.bytes().size();
                                 if (whole != stream_->is_message_done())
                                     return refuse(static_cast<std::uint16_t>(CloseCode::Unreadable),
                                                   "it sent a message of another length than it says");
                                 if (!whole) return readBody();
                                 messageDone();
                             });
}

void PeerConnection::messageDone() {
    got_ = 0;
    if (header_.carries == kFarewell) {
        owner_.gone(Rank{header_.from}, "it has ended");
    } else {
        Arrived message{header_, std::exchange(body_, {})};
        message.wireBytes =
            wireBytes(static_cast<std::int64_t>(message.body.bytes().size()), !traits_.dialled);
        early_ += message.weight();
        owner_.arrived(*this, std::move(message));
    }
    readHeader();
}

void PeerConnection::madeRoom(std::int64_t weight) {
    early_ -= weight;
    if (paused_ && early_ <= traits_.limits.early) {
        paused_ = false;
        readHeader();
    }
}

void PeerConnection::readFailed(const boost::system::error_code& error) {
    if (error == websocket::error::message_too_big)
        return end("it sent a message of more than " + std::to_string(traits_.limits.longestMessage) +
                   " bytes");
    if (error == websocket::error::closed) {
        const auto& reason = stream_->reason().reason;
        return end(reason.empty() ? "it closed the connection"
                                  : "it closed the connection: " + std::string(reason.data(), reason.size()));
    }
    if (error.category() == make_error_code(websocket::error::closed).category())
        return end("it broke the protocol: " + error.message());
    end("the connection broke: " + error.message());
}

// Writing.

void PeerConnection::send(LentMessage& message) {
    if (!open_) {
        message.state = LentMessage::State::Failed;
        return;
    }
    message.state = LentMessage::State::Waiting;
    queue_.push_back(&message);
    if (!writing_) writeNext();
}

void PeerConnection::writeNext() {
    if (queue_.empty() || !open_) return;
    LentMessage& message = *queue_.front();
    message.state = LentMessage::State::Writing;
    writing_ = true;
    const std::array<asio::const_buffer, 2> parts{
        asio::const_buffer(message.header.data(), message.header.size()),
        asio::const_buffer(message.body.data(), message.body.size())};
    stream_->next_layer().expectBody(message.body);
    stream_->async_write(parts, [this](const boost::system::error_code& error, std::size_t) {
        writing_ = false;
        if (!queue_.empty() && queue_.front()->state == LentMessage::State::Writing)
            release(error || stream_->next_layer().writeError() ? LentMessage::State::Failed
                                                                : LentMessage::State::Done);
        if (!open_ || error || stream_->next_layer().writeError()) return failAll();
        writeNext();
    });
}

void PeerConnection::release(LentMessage::State state) {
    LentMessage& message = *queue_.front();
    queue_.pop_front();
    message.state = state;
    owner_.released(message);
}

void PeerConnection::failAll() {
    if (writing_) return;  // that handler comes, and then this again
    while (!queue_.empty()) release(LentMessage::State::Failed);
}

void PeerConnection::takeBack(LentMessage& message) {
    if (message.state == LentMessage::State::Waiting) {
        std::erase(queue_, &message);
        message.state = LentMessage::State::Failed;
        owner_.released(message);
    } else if (message.state == LentMessage::State::Writing) {
        message.forsaken = true;
        message.body = {};
        end("a message was given up half-way");
    }
}

bool PeerConnection::drained() const {
    if (!open_ || !stream_->next_layer().socket().is_open()) return true;
    int waiting = 0;
    return ::ioctl(stream_->next_layer().socket().native_handle(), SIOCOUTQ, &waiting) != 0 || waiting == 0;
}

void PeerConnection::end(const std::string& why) {
    if (!std::exchange(open_, false)) return;
    body_ = {};
    stream_->next_layer().close();
    owner_.broken(*this, why);
    // Behind the handlers of writes that are done already: those went out.
    asio::post(context_, [this] { failAll(); });
}

void PeerConnection::refuse(std::uint16_t closeCode, const std::string& why) {
    if (!open_) return;
    if (writing_) return end(why);
    open_ = false;
    body_ = {};
    websocket::close_reason reason(static_cast<websocket::close_code>(closeCode), why.substr(0, 120));
    stream_->async_close(reason, [this](const boost::system::error_code&) { stream_->next_layer().close(); });
    owner_.broken(*this, why);
    asio::post(context_, [this] { failAll(); });
}

}  // namespace rondo::net
