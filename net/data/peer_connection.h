#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/data/buffer_pool.h"
#include "net/data/frame_writer.h"
#include "net/data/inbox.h"
#include "net/data/peer_socket.h"
#include "net/data/ws_network.h"
#include "net/wire/frame.h"

namespace rondo::net {

class IoThread;

/// `carries` of a frame that is no message: the rank `from` has ended, and nothing of it follows.
inline constexpr std::uint8_t kFarewell = 255;

/// A message on its way out. Whoever sends it keeps it until it is done; what lies at `body` is lent.
struct LentMessage {
    std::array<std::byte, FrameHeader::kBytes> header{};
    std::span<const std::byte> body;
    enum class State : std::uint8_t { Waiting, Writing, Done, Failed } state = State::Waiting;
    std::uint64_t id = 0;
    Rank to;
    Nanoseconds freed{0};   ///< when its sender's card has sent it, by the model
    bool forsaken = false;  ///< its sender no longer cares: free it once it isn't being written any more
};

/// What a connection tells its lane.
class ConnectionOwner {
  public:
    /// The rank at the other end.
    virtual bool mayComeFrom(Rank from, const class PeerConnection& by) const = 0;
    virtual MessageBuffer takeBuffer(std::size_t size) = 0;
    /// Somebody waits for this message and takes it in pieces as they come. They come in one place, which
    /// stays until the message is here.
    virtual std::optional<std::span<std::byte>> placeForPieces(PeerConnection& by,
                                                               const FrameHeader& header) = 0;
    /// Part of such a message: what begins at byte `at` of the `whole`. Multiples of 64 but for the last one.
    virtual void piece(std::size_t at, std::size_t whole, std::span<const std::byte> bytes) = 0;
    virtual void arrived(PeerConnection& by, Arrived message) = 0;
    /// That rank is gone; its messages are all here.
    virtual void gone(Rank rank, const std::string& why) = 0;
    /// All ranks at the other end are gone.
    virtual void broken(PeerConnection& connection, const std::string& why) = 0;
    /// Written or failed; it may be used again.
    virtual void released(LentMessage& message) = 0;

  protected:
    ~ConnectionOwner() = default;
};

/// One WebSocket connection of a lane: writes messages one after the other, reads them as long as there is
/// room for early ones. What it is told it takes as it comes only after checking.
///
/// Thread: the lane's; handlers run inside the lane's io_context.
class PeerConnection {
  public:
    struct Traits {
        Rank self;
        std::uint32_t generation = 0;
        Lane lane = Lane::Compute;
        bool dialled = false;  ///< then what it sends is masked
        DataLimits limits;
    };
    /// `stream` as WorldSetup leaves it: detached. `keeps` what it was made on must stay as long as it.
    PeerConnection(std::unique_ptr<PeerStream> stream, std::shared_ptr<IoThread> keeps,
                   asio::io_context& context, ConnectionOwner& owner, const Traits& traits);
    ~PeerConnection();

    void start();
    void send(LentMessage& message);
    /// Its memory is not touched any more after this. Where part of it is in the kernel the connection ends.
    void takeBack(LentMessage& message);
    /// A message of that weight was taken out of the inbox.
    void madeRoom(std::int64_t weight);
    /// The message that is being read, if it is of that sender and tag: from now on as it is for one for
    /// which there is a place. `whole`: it must be as large as that.
    bool showPieces(Rank from, Tag tag, std::span<std::byte> place, bool whole);

    bool open() const { return open_; }
    /// It isn't being read, for want of room.
    bool paused() const { return paused_; }
    bool idle() const { return queue_.empty(); }
    /// Nothing of what was written waits in the kernel.
    bool drained() const;
    /// Bytes of a message of so many with everything around them, as this side sends it.
    std::int64_t wireBytes(std::int64_t body) const { return wireBytes(body, traits_.dialled); }
    static std::int64_t wireBytes(std::int64_t body, bool masked);

    /// Ends it: whoever is at the other end is gone for `why`.
    void end(const std::string& why);
    /// Ends it because the peer does what it must not.
    void refuse(std::uint16_t closeCode, const std::string& why);

  private:
    /// The message that is being read. It comes into `room`, whole, or one piece after the other.
    struct Coming {
        FrameHeader header;
        MessageBuffer body;  ///< none where it comes into a place for pieces
        std::span<std::byte> room;
        std::size_t size = 0, at = 0, got = 0;  ///< of the whole; where `room` begins in it; bytes in there
        bool shown = false;                     ///< in pieces,
        std::size_t shownTo = 0;                ///< of which `room` has shown so much
        std::span<std::byte> place;             ///< for the rest of it, once what is under way is here
        bool whole() const { return at + got == size; }
    };
    void readHeader();
    void checkHeader();
    void readBody();
    void readSome();
    void showWhatCame();
    void moveToPlace();
    void wakeFrom(std::size_t bytes);
    void messageDone();
    void readFailed(const boost::system::error_code& error);
    void write();
    void waitForRoom();
    void release(LentMessage::State state);
    void failAll();

    std::shared_ptr<IoThread> keeps_;
    std::unique_ptr<PeerStream> stream_;
    asio::io_context& context_;
    ConnectionOwner& owner_;
    const Traits traits_;
    bool open_ = true, paused_ = false;

    std::array<std::byte, FrameHeader::kBytes> head_{};
    std::size_t headGot_ = 0;
    std::optional<Coming> coming_;
    int wakesFrom_ = 1;  ///< bytes that must be here for the kernel to say so
    std::int64_t early_ = 0;

    std::deque<LentMessage*> queue_;  // the first is being written, if its state says so
    FrameWriter writer_;
    std::vector<std::byte> answers_, answering_;  // frames of Beast's own: waiting, being written
    bool waitsForRoom_ = false, writeFailed_ = false;
};

}  // namespace rondo::net
