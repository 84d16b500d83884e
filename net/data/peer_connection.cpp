#include "net/data/peer_connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/beast/websocket/error.hpp>
#include <utility>

#include "net/wire/close_code.h"

namespace rondo::net {

namespace websocket = beast::websocket;

namespace {
constexpr std::int64_t kMostCounted = std::int64_t{1} << 50;

/// Of a long message so much is waited for before it is read on: waking up, reading and telling the sender so
/// cost less the more there is at a time, and so much still stays in a core's own cache until it is used.
constexpr std::size_t kBatch = std::size_t{256} << 10;
constexpr std::size_t kBatchedFrom = std::size_t{512} << 10;
constexpr std::size_t kAligned = 64;
/// At most so much of a message may lie in the stream's own buffer already, which nobody can ask for: the
/// socket will never have these bytes again.
constexpr std::size_t kBuffered = 4096;
}  // namespace

PeerConnection::PeerConnection(std::unique_ptr<PeerStream> stream, std::shared_ptr<IoThread> keeps,
                               asio::io_context& context, ConnectionOwner& owner, const Traits& traits)
    : keeps_(std::move(keeps)),
      stream_(std::move(stream)),
      context_(context),
      owner_(owner),
      traits_(traits),
      writer_(stream_->next_layer(), traits.dialled) {
    stream_->next_layer().attach(context);
    stream_->read_message_max(static_cast<std::size_t>(traits.limits.longestMessage) + FrameHeader::kBytes);
    stream_->next_layer().writeBy([this](std::span<const std::byte> frame) {
        answers_.insert(answers_.end(), frame.begin(), frame.end());
        write();
    });
}

PeerConnection::~PeerConnection() = default;

std::int64_t PeerConnection::wireBytes(std::int64_t body, bool masked) {
    const std::int64_t message = body + static_cast<std::int64_t>(FrameHeader::kBytes);
    return message + static_cast<std::int64_t>(
                         FrameWriter::frameHeaderBytes(static_cast<std::size_t>(message), masked));
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
    stream_->async_read_some(asio::buffer(head_.data() + headGot_, head_.size() - headGot_),
                             [this](const boost::system::error_code& error, std::size_t bytes) {
                                 if (!open_) return;
                                 if (error) return readFailed(error);
                                 headGot_ += bytes;
                                 if (headGot_ < head_.size() && !stream_->is_message_done())
                                     return readHeader();
                                 checkHeader();
                             });
}

void PeerConnection::checkHeader() {
    if (!stream_->got_binary())
        return refuse(static_cast<std::uint16_t>(CloseCode::WrongKind), "it sent text where data belongs");
    const auto header = decodeFrameHeader(std::span(head_).first(std::exchange(headGot_, 0)));
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
    Coming& coming = coming_.emplace();
    coming.header = *header;
    const bool empty = header->counted || header->payloadBytes == 0;
    if (empty != stream_->is_message_done()) return bad("a message of another length than it says");
    if (empty) return messageDone();
    coming.size = static_cast<std::size_t>(header->payloadBytes);
    if (const auto place = owner_.placeForPieces(*this, *header)) {
        coming.shown = true;
        coming.room = place->first(std::min(place->size(), coming.size));
    } else {
        // What the header says is not believed beyond what a connection may make us hold anyway: a little at
        // a time would mean copying, so the whole is taken, but nobody touches its pages before bytes come.
        coming.body = owner_.takeBuffer(coming.size);
        coming.room = coming.body.bytes();
    }
    readBody();
}

void PeerConnection::readBody() {
    const std::size_t left = coming_->room.size() - coming_->got;
    if (coming_->size < kBatchedFrom || left <= kBuffered || stream_->next_layer().tls()) return readSome();
    const std::size_t enough = std::min(left - kBuffered, kBatch);
    wakeFrom(enough);
    auto& socket = stream_->next_layer().socket();
    int here = 0;
    if (::ioctl(socket.native_handle(), SIOCINQ, &here) != 0 || static_cast<std::size_t>(here) >= enough)
        return readSome();
    socket.async_wait(PeerSocket::Socket::wait_read, [this](const boost::system::error_code&) {
        if (open_) readSome();  // what is wrong, if anything is, it says as well
    });
}

void PeerConnection::readSome() {
    const auto room = coming_->room.subspan(coming_->got);
    stream_->async_read_some(asio::buffer(room.data(), room.size()),
                             [this](const boost::system::error_code& error, std::size_t bytes) {
                                 if (!open_) return;
                                 if (error) return readFailed(error);
                                 coming_->got += bytes;
                                 if (coming_->whole() != stream_->is_message_done())
                                     return refuse(static_cast<std::uint16_t>(CloseCode::Unreadable),
                                                   "it sent a message of another length than it says");
                                 if (coming_->shown) showWhatCame();
                                 if (coming_->whole()) return messageDone();
                                 if (!coming_->place.empty()) moveToPlace();
                                 readBody();
                             });
}

bool PeerConnection::showPieces(Rank from, Tag tag, std::span<std::byte> place, bool whole) {
    if (!open_ || !coming_ || coming_->size == 0 || coming_->shown || coming_->header.from != from.value ||
        coming_->header.tag != tag || (whole && place.size() != coming_->size))
        return false;
    coming_->shown = true;
    coming_->place = place;
    showWhatCame();
    return true;
}

void PeerConnection::showWhatCame() {
    Coming& coming = *coming_;
    std::size_t fresh = coming.got - coming.shownTo;
    if (!coming.whole()) {
        const bool full = coming.got == coming.room.size();
        if (fresh < kBatch && !full && coming.place.empty()) return;
        fresh -= fresh % kAligned;
    }
    if (fresh > 0 || coming.whole())
        owner_.piece(coming.at + coming.shownTo, coming.size, coming.room.subspan(coming.shownTo, fresh));
    coming.shownTo += fresh;
    if (!coming.whole() && coming.got == coming.room.size()) {
        coming.at += coming.got;
        coming.got = coming.shownTo = 0;
        coming.room = coming.room.first(std::min(coming.room.size(), coming.size - coming.at));
    }
}

/// What has come is shown, but for a few bytes; the rest of the message comes where its taker wants it.
void PeerConnection::moveToPlace() {
    Coming& coming = *coming_;
    const auto kept = coming.room.subspan(coming.shownTo, coming.got - coming.shownTo);
    const bool ownPlace = coming.place.size() == coming.size;  // then the whole belongs there
    coming.at += ownPlace ? 0 : coming.shownTo;
    const std::size_t begin = ownPlace ? coming.shownTo : 0;
    coming.room = std::exchange(coming.place, {});
    coming.room = coming.room.first(std::min(coming.room.size(), coming.size - coming.at));
    std::copy(kept.begin(), kept.end(), coming.room.begin() + static_cast<std::ptrdiff_t>(begin));
    coming.shownTo = begin;
    coming.got = begin + kept.size();
}

/// The kernel wakes nobody before so many bytes are here, unless it can take no more or the connection ends.
void PeerConnection::wakeFrom(std::size_t bytes) {
    const int wanted = static_cast<int>(bytes);
    if (wanted == wakesFrom_) return;
    wakesFrom_ = wanted;
    ::setsockopt(stream_->next_layer().socket().native_handle(), SOL_SOCKET, SO_RCVLOWAT, &wanted,
                 sizeof wanted);
}

void PeerConnection::messageDone() {
    wakeFrom(1);
    Coming coming = std::move(*coming_);
    coming_.reset();
    if (coming.header.carries == kFarewell) {
        owner_.gone(Rank{coming.header.from}, "it has ended");
    } else {
        Arrived message{coming.header, std::move(coming.body)};
        message.wireBytes = wireBytes(static_cast<std::int64_t>(coming.size), !traits_.dialled);
        message.shown = coming.shown;
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
    if (!open_ || writeFailed_) {
        message.state = LentMessage::State::Failed;
        return;
    }
    message.state = LentMessage::State::Waiting;
    queue_.push_back(&message);
    write();
}

void PeerConnection::write() {
    using State = LentMessage::State;
    using Took = FrameWriter::Took;
    while (open_ && !waitsForRoom_ && !writeFailed_) {
        if (!writer_.within()) {
            if (!queue_.empty() && queue_.front()->state == State::Writing) release(State::Done);
            if (!answers_.empty()) {
                answering_ = std::exchange(answers_, {});
                writer_.beginFrame(answering_);
            } else if (!queue_.empty()) {
                LentMessage& message = *queue_.front();
                message.state = State::Writing;
                writer_.begin(message.header, message.body);
            } else {
                return;
            }
        }
        switch (writer_.write()) {
            case Took::All:
                break;
            case Took::SocketIsFull:
                return waitForRoom();
            case Took::Failed:
                writeFailed_ = true;
                // Behind what can still be read: why the peer has gone, perhaps.
                asio::post(context_, [this] { failAll(); });
        }
    }
}

void PeerConnection::waitForRoom() {
    waitsForRoom_ = true;
    stream_->next_layer().socket().async_wait(PeerSocket::Socket::wait_write,
                                              [this](const boost::system::error_code&) {
                                                  waitsForRoom_ = false;
                                                  write();  // and there it says what is wrong, if anything is
                                              });
}

void PeerConnection::release(LentMessage::State state) {
    LentMessage& message = *queue_.front();
    queue_.pop_front();
    message.state = state;
    owner_.released(message);
}

void PeerConnection::failAll() {
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
    coming_.reset();
    stream_->next_layer().close();
    owner_.broken(*this, why);
    // Behind the handlers of writes that are done already: those went out.
    asio::post(context_, [this] { failAll(); });
}

void PeerConnection::refuse(std::uint16_t closeCode, const std::string& why) {
    if (!open_) return;
    if (writer_.within()) return end(why);
    open_ = false;
    coming_.reset();
    websocket::close_reason reason(static_cast<websocket::close_code>(closeCode), why.substr(0, 120));
    stream_->async_close(reason, [this](const boost::system::error_code&) { stream_->next_layer().close(); });
    owner_.broken(*this, why);
    asio::post(context_, [this] { failAll(); });
}

}  // namespace rondo::net
