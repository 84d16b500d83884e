#include "engine/events/event_codec.h"

#include "engine/core/byte_fields.h"

namespace rondo {

// The largest value of each enum that travels; a reader refuses more. Found by their type from the reader.
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
constexpr std::uint64_t lastOf(MemberChanged::State) {
    return static_cast<std::uint64_t>(MemberChanged::State::Removed);
}
constexpr std::uint64_t lastOf(Notice::Kind) {
    return static_cast<std::uint64_t>(Notice::Kind::Divergence);
}

namespace {

/// Reads fields of a format's version.
class EventReader : public FieldReader {
  public:
    EventReader(std::span<const std::byte> bytes, int formatVersion)
        : FieldReader(bytes), version(formatVersion) {}
    const int version;
};
class EventWriter : public FieldWriter {
  public:
    using FieldWriter::FieldWriter;
    static constexpr int version = kRecordingVersion;
};

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

template <class Io>
void fields(Io& io, In<Io, MemberChanged>& e) {
    all(io, e.stamp, e.state, e.member, e.name, e.rank, e.cores, e.gflops, e.roundTrip, e.clockOffset,
        e.clockUncertainty, e.address, e.detail);
}
template <class Io>
void fields(Io& io, In<Io, WorldChanged>& e) {
    all(io, e.stamp, e.generation, e.firstStep, e.workers, e.why);
}
template <class Io>
void fields(Io& io, In<Io, RouteChosen>& e) {
    all(io, e.stamp, e.peer, e.relayed);
}
template <class Io>
void fields(Io& io, In<Io, RoomChanged>& e) {
    all(io, e.stamp, e.open, e.url, e.others, e.code, e.joinLine, e.fingerprint, e.detail);
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
    EventWriter writer(out);
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
    EventReader reader(bytes.subspan(1), version);
    std::visit([&](auto& e) { fields(reader, e); }, event);
    if (reader.wrong) return Problem{"event of type " + std::to_string(type), reader.wrong};
    bytes = reader.rest();
    return event;
}

}  // namespace rondo
