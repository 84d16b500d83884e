#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/function_ref.h"
#include "engine/core/result.h"
#include "engine/events/event_sink.h"

namespace rondo {

// A recording is the stream of a run's events in blocks that can each be read alone, so that a file cut
// anywhere keeps all blocks before the cut. The same bytes travel from the training process to the window.
// RECORDING.md specifies it.

inline constexpr std::size_t kMostPackedBytes = 4u << 20;     ///< of a block; a reader refuses more
inline constexpr std::size_t kMostUnpackedBytes = 16u << 20;  ///< of a block; a reader refuses more

/// Packs events into blocks. Cost of a span or message: about 0.2 µs, encoded and packed. Thread: one.
class BlockWriter {
  public:
    BlockWriter();
    ~BlockWriter();
    BlockWriter(BlockWriter&&) noexcept;
    BlockWriter& operator=(BlockWriter&&) noexcept;

    static std::string header();  ///< first bytes of every stream
    /// Instead of an event too big for any block (16 MiB, 4 MiB packed) a Notice is written; a RunEnded
    /// stays, with an empty report.
    void add(const Event& event);
    /// Bytes of events, not yet packed, that wait for takeBlock.
    std::size_t pendingBytes() const { return pending_.size(); }
    /// Everything added since the last call as one finished block (in the rare case of many megabytes:
    /// several, one behind the other); empty if nothing was added.
    std::string takeBlock();

  private:
    struct Deflater;
    void close();
    bool pack(std::span<const std::byte> events);

    std::vector<std::byte> pending_;
    std::string closed_;
    std::unique_ptr<Deflater> deflater_;
};

/// Unpacks a stream fed piece by piece, in pieces of any size. Thread: one.
class BlockReader {
  public:
    BlockReader();
    ~BlockReader();
    BlockReader(BlockReader&&) noexcept;
    BlockReader& operator=(BlockReader&&) noexcept;

    /// Appends the events of all blocks that are complete by now. A damaged stream gives one problem (`where`
    /// names the byte position) and stays damaged; events before the damage have been appended.
    std::optional<Problem> feed(std::span<const char> bytes, std::vector<Event>& events);
    /// True when the stream may end here: header read and no block begun.
    bool atBoundary() const;
    /// Bytes of the header and of all blocks unpacked so far: where the next block begins.
    std::uint64_t consumed() const { return consumed_; }

  private:
    struct Inflater;
    std::optional<Problem> takeHeader(std::span<const char>& bytes);
    std::optional<Problem> takeBlock(std::span<const char>& bytes, bool& complete,
                                     std::vector<Event>& events);

    std::string buffer_;  ///< what was fed and isn't a whole block yet
    std::uint64_t consumed_ = 0;
    bool headerSeen_ = false;
    int version_ = 0;  ///< of the format, once the header was seen
    std::optional<Problem> damage_;
    std::unique_ptr<Inflater> inflater_;
};

/// Writes a recording on a thread of its own. At most one second of events waits in memory, and each block
/// goes to the kernel in one write: a killed program loses that second at most. A full disk or lost file is
/// told by `error()` and ends the recording, never the run. When it can't follow, samples are dropped and the
/// recording says how many.
class Recorder final : public EventSink {
  public:
    /// Fails when the file can't be made. An existing file is replaced.
    static Result<std::unique_ptr<Recorder>> create(const std::string& file);
    ~Recorder() override;  ///< writes what waits and closes
    using EventSink::publish;
    std::uint64_t dropped() const override;
    void publish(std::span<Event> batch) override;
    /// Writes what waits, syncs the disk and closes; later events are ignored. Thread: one.
    void finish();
    /// Empty while all is well. Thread: any.
    std::string error() const;

  private:
    struct Impl;
    explicit Recorder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Why reading ended before the last event of the file, if it did.
struct RecordingEnd {
    std::optional<Problem> cut;
};
/// Reads a recording piece by piece: `take` gets the events of a few blocks at a time, may keep what it
/// moves from them, and returns false when it wants no more. Fails only when nothing can be read: no file, or
/// not a recording at all. Memory: a few blocks.
Result<RecordingEnd> readEvents(const std::string& file, FunctionRef<bool(std::vector<Event>&)> take);

/// A recording whole in memory, about 130 bytes an event; `cut` also when it has more events than `most`.
struct Recording {
    std::vector<Event> events;
    std::optional<Problem> cut;
};
inline constexpr std::size_t kMostEventsInMemory = 8'000'000;
Result<Recording> readRecording(const std::string& file, std::size_t most = kMostEventsInMemory);

}  // namespace rondo
