#include "engine/events/event_codec.h"

#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <limits>
#include <type_traits>

namespace rondo {

namespace {

// The largest value of each enum that travels; a reader refuses more.
constexpr std::uint64_t lastOf(Phase) {
    return kPhases - 1;
}
constexpr std::uint64_t lastOf(Lane) {
    return static_cast<std::uint64_t>(Lane::Communication);
}
constexpr std::uint64_t lastOf(RunState) {
    return static_cast<std::uint64_t>(RunState::Failed);
}
constexpr std::uint64_t lastOf(FaultKind) {
    return static_cast<std::uint64_t>(FaultKind::Restart);
}
constexpr std::uint64_t lastOf(Carries) {
    return static_cast<std::uint64_t>(Carries::PartialSums);
}
constexpr std::uint64_t lastOf(Notice::Kind) {
    return static_cast<std::uint64_t>(Notice::Kind::Divergence);
}

constexpr std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}
// a − b without overflow being undefined: what a damaged stream says must not be able to do harm.
constexpr std::int64_t wrappingDifference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// Writes fields behind each other; small ones through a buffer on the stack, which is what makes it quick.
class Writer {
  public:
    static constexpr bool reads = false;
    static constexpr int version = kRecordingVersion;
    explicit Writer(std::vector<std::byte>& out) : out_(out) {}
    ~Writer() { flush(); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void varint(std::uint64_t v) {
        if (used_ + 10 > buffer_.size()) flush();
        while (v >= 0x80) {
            buffer_[used_++] = static_cast<std::byte>(v | 0x80);
            v >>= 7;
        }
        buffer_[used_++] = static_cast<std::byte>(v);
    }
    template <class T>
    requires std::unsigned_integral<T> || std::is_enum_v<T>
    void value(T v) { varint(static_cast<std::uint64_t>(v)); }
    void value(std::int32_t v) { varint(zigzag(v)); }
    void value(std::int64_t v) { varint(zigzag(v)); }
    void value(Rank r) { varint(zigzag(r.value)); }
    void value(Nanoseconds t) { varint(zigzag(t.count())); }
    template <std::floating_point T>
    void value(T v) {
        if (used_ + sizeof(T) > buffer_.size()) flush();
        const auto bits = std::bit_cast<BitsOf<T>>(v);
        for (std::size_t i = 0; i < sizeof(T); ++i)
            buffer_[used_++] = static_cast<std::byte>(bits >> (8 * i));
    }
    void value(const std::string& text) { bytes(text.data(), text.size()); }
    void value(const std::vector<std::uint8_t>& array) { bytes(array.data(), array.size()); }
    void value(const std::vector<float>& array) {
        varint(array.size());
        for (const float v : array) value(v);
    }
    void before(Nanoseconds begin, Nanoseconds end) {
        varint(zigzag(wrappingDifference(end.count(), begin.count())));
    }

  private:
    void bytes(const void* data, std::size_t size) {
        varint(size);
        flush();
        const auto* first = static_cast<const std::byte*>(data);
        out_.insert(out_.end(), first, first + size);
    }
    void flush() {
        out_.insert(out_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ = 0;
    }

    std::vector<std::byte>& out_;
    std::array<std::byte, 192> buffer_;
    std::size_t used_ = 0;
};

/// Reads fields in the same order. After the first thing wrong it reads no further and `wrong` says why.
class Reader {
  public:
    static constexpr bool reads = true;
    Reader(std::span<const std::byte> bytes, int formatVersion) : version(formatVersion), bytes_(bytes) {}
    const int version;
    std::span<const std::byte> rest() const { return bytes_; }
    const char* wrong = nullptr;

    std::uint64_t varint() {
        std::uint64_t v = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) return fail("it ends in the middle of a number");
            const auto byte = std::to_integer<std::uint64_t>(bytes_.front());
            bytes_ = bytes_.subspan(1);
            if (shift == 63 && byte > 1) break;
            v |= (byte & 0x7f) << shift;
            if (byte < 0x80) return v;
        }
        return fail("it holds a number of more than 64 bits");
    }
    template <class T>
    requires std::unsigned_integral<T> || std::is_enum_v<T>
    void value(T& v) {
        const std::uint64_t raw = varint();
        if (raw > mostOf<T>()) {
            fail("it holds a value outside of its field's range");
            return;
        }
        v = static_cast<T>(raw);
    }
    void value(std::int32_t& v) {
        const std::int64_t raw = unzigzag(varint());
        if (raw < std::numeric_limits<std::int32_t>::min() ||
            raw > std::numeric_limits<std::int32_t>::max()) {
            fail("it holds a value outside of its field's range");
            return;
        }
        v = static_cast<std::int32_t>(raw);
    }
    void value(std::int64_t& v) { v = unzigzag(varint()); }
    void value(Rank& r) { value(r.value); }
    void value(Nanoseconds& t) { t = Nanoseconds{unzigzag(varint())}; }
    template <std::floating_point T>
    void value(T& v) {
        if (bytes_.size() < sizeof(T)) {
            fail("it ends in the middle of a number");
            return;
        }
        BitsOf<T> bits = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) bits |= static_cast<BitsOf<T>>(bytes_[i]) << (8 * i);
        bytes_ = bytes_.subspan(sizeof(T));
        v = std::bit_cast<T>(bits);
    }
    void value(std::string& text) {
        const std::size_t n = length(1);
        text.assign(reinterpret_cast<const char*>(bytes_.data()), n);
        bytes_ = bytes_.subspan(n);
    }
    void value(std::vector<std::uint8_t>& array) {
        const std::size_t n = length(1);
        array.resize(n);
        if (n > 0) std::memcpy(array.data(), bytes_.data(), n);
        bytes_ = bytes_.subspan(n);
    }
    void value(std::vector<float>& array) {
        array.resize(length(sizeof(float)));
        for (float& v : array) value(v);
    }
    void before(Nanoseconds& begin, Nanoseconds end) {
        begin = Nanoseconds{wrappingDifference(end.count(), unzigzag(varint()))};
    }

  private:
    template <class T>
    static constexpr std::uint64_t mostOf() {
        if constexpr (std::is_enum_v<T>) {
            return lastOf(T{});
        } else if constexpr (std::same_as<T, bool>) {
            return 1;
        } else {
            return std::numeric_limits<T>::max();
        }
    }
    /// The length of a text or array, at most what the bytes that are left can hold; 0 when it is more.
    std::size_t length(std::size_t elementBytes) {
        const std::uint64_t n = varint();
        if (n > bytes_.size() / elementBytes) {
            return fail("it holds a text or array longer than what follows");
        }
        return static_cast<std::size_t>(n);
    }
    std::uint64_t fail(const char* why) {
        if (!wrong) wrong = why;
        bytes_ = {};
        return 0;
    }

    std::span<const std::byte> bytes_;
};

/// What `fields` takes: a constant event to write from, or one to read into.
template <class Io, class T>
using In = std::conditional_t<Io::reads, T, const T>;

template <class Io>
void all(Io& io, In<Io, Stamp>& s) {
    io.value(s.run);
    io.value(s.rank);
    io.value(s.sequence);
    io.value(s.at);
}
template <class Io, class... T>
void all(Io& io, In<Io, Stamp>& stamp, T&... values) {
    all(io, stamp);
    (io.value(values), ...);
}

// The fields of every event, in the order in which they travel: this list is what RECORDING.md speaks of, and
// it is used both ways.
template <class Io>
void fields(Io& io, In<Io, RunStarted>& e) {
    all(io, e.stamp, e.spec, e.prediction, e.workers, e.virtualTime, e.parameters, e.plannedSteps,
        e.unixMilliseconds);
}
template <class Io>
void fields(Io& io, In<Io, RunStateChanged>& e) {
    all(io, e.stamp, e.state, e.detail);
}
template <class Io>
void fields(Io& io, In<Io, RunEnded>& e) {
    all(io, e.stamp, e.state, e.report);
}
template <class Io>
void fields(Io& io, In<Io, Notice>& e) {
    all(io, e.stamp, e.kind, e.step, e.text);
}
template <class Io>
void fields(Io& io, In<Io, Evaluated>& e) {
    all(io, e.stamp, e.step, e.trainLoss, e.testLoss, e.testAccuracy, e.payloadBytes);
}
template <class Io>
void fields(Io& io, In<Io, DecisionBoundary>& e) {
    all(io, e.stamp, e.step, e.side, e.extent, e.cells);
}
template <class Io>
void fields(Io& io, In<Io, DataPreview>& e) {
    all(io, e.stamp, e.width, e.height, e.pixels, e.points, e.labels);
}
template <class Io>
void fields(Io& io, In<Io, Span>& e) {
    all(io, e.stamp, e.phase, e.lane, e.fused, e.step, e.bucket);
    io.before(e.begin, e.stamp.at);
    if (io.version < 2) return;
    io.value(e.microBatch);
    io.value(e.chunk);
    io.value(e.peer);
}
template <class Io>
void fields(Io& io, In<Io, Message>& e) {
    all(io, e.stamp, e.from, e.to, e.payloadBytes, e.wireBytes, e.step, e.bucket, e.chunk);
    io.before(e.begin, e.stamp.at);
    if (io.version < 2) return;
    io.value(e.microBatch);
    io.value(e.carries);
}
template <class Io>
void fields(Io& io, In<Io, StepCompleted>& e) {
    all(io, e.stamp, e.step, e.epoch, e.loss, e.samples, e.payloadBytes);
}
template <class Io>
void fields(Io& io, In<Io, EventsDropped>& e) {
    all(io, e.stamp, e.count);
}
template <class Io>
void fields(Io& io, In<Io, Throughput>& e) {
    all(io, e.stamp, e.samplesPerSecond);
}

template <class Io>
void fields(Io& io, In<Io, ConsensusMeasured>& e) {
    all(io, e.stamp, e.step, e.distance);
}
template <class Io>
void fields(Io& io, In<Io, GradientApplied>& e) {
    all(io, e.stamp, e.worker, e.staleness);
}
template <class Io>
void fields(Io& io, In<Io, CompressionMeasured>& e) {
    all(io, e.stamp, e.step, e.denseBytes, e.encodedBytes, e.error);
}
template <class Io>
void fields(Io& io, In<Io, FaultHappened>& e) {
    all(io, e.stamp, e.kind, e.peer, e.step, e.seconds, e.factor);
}

template <std::size_t Type = 0>
Event emptyEvent(std::size_t type) {
    if constexpr (Type + 1 < std::variant_size_v<Event>) {
        if (type != Type) return emptyEvent<Type + 1>(type);
    }
    return Event(std::in_place_index<Type>);
}

}  // namespace

void encode(const Event& event, std::vector<std::byte>& out) {
    Writer writer(out);
    writer.varint(event.index());
    std::visit([&](const auto& e) { fields(writer, e); }, event);
}

Result<Event> decode(std::span<const std::byte>& bytes, int version) {
    if (bytes.empty()) return Problem{"event", "nothing follows"};
    const auto type = std::to_integer<std::size_t>(bytes.front());
    if (type >= std::variant_size_v<Event>) {
        return Problem{"event", "type " + std::to_string(type) + " is unknown, expected 0 to " +
                                    std::to_string(std::variant_size_v<Event> - 1)};
    }
    Event event = emptyEvent(type);
    Reader reader(bytes.subspan(1), version);
    std::visit([&](auto& e) { fields(reader, e); }, event);
    if (reader.wrong) return Problem{"event of type " + std::to_string(type), reader.wrong};
    bytes = reader.rest();
    return event;
}

}  // namespace rondo
