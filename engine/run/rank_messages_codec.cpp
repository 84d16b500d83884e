#include "engine/run/rank_messages_codec.h"

#include "engine/core/byte_fields.h"
#include "engine/events/event_codec.h"

namespace rondo {

// The largest value of the enum that travels; found by its type from the reader.
constexpr std::uint64_t lastOf(CommError::Kind) {
    return static_cast<std::uint64_t>(CommError::Kind::TimeOver);
}

namespace {

constexpr std::size_t kKeyBytes = 32;
/// Items that are much larger in memory than on their way: more of them than any run has are refused, or a
/// short message could take a lot of memory.
constexpr std::size_t kMostNames = 10'000, kMostLinks = 65'536, kMostCounts = 1'000'000;

template <class Io, class... T>
void all(Io& io, T&... values) {
    (io.value(values), ...);
}

/// A byte that says whether it is there, then the value by `each`.
template <class Io, class T, class Each>
void optional(Io& io, T& part, Each each) {
    bool there = false;
    if constexpr (!Io::reads) there = part.has_value();
    io.value(there);
    if constexpr (Io::reads) {
        if (there) part.emplace();
    }
    if (part) each(*part);
}

/// A number of items of at least `itemBytes` each, then the items by `each`.
template <class Io, class T, class Each>
void list(Io& io, T& items, std::size_t itemBytes, std::size_t most, Each each) {
    if constexpr (Io::reads) {
        std::size_t n = io.length(itemBytes);
        if (n > most) n = io.fail("it holds a list of more items than a run can have");
        // Memory grows with what is really read: items may be much larger here than on their way.
        for (; n > 0 && !io.wrong; --n) each(items.emplace_back());
    } else {
        io.varint(items.size());
        for (auto& item : items) each(item);
    }
}

void faults(FieldWriter& io, const std::vector<FaultHappened>& all) {
    io.varint(all.size());
    std::vector<std::uint8_t> asBytes;
    std::vector<std::byte> event;
    for (const FaultHappened& fault : all) {
        event.clear();
        encode(Event(fault), event);
        asBytes.clear();
        for (const std::byte byte : event) asBytes.push_back(std::to_integer<std::uint8_t>(byte));
        io.value(asBytes);
    }
}
void faults(FieldReader& io, std::vector<FaultHappened>& all) {
    std::vector<std::uint8_t> asBytes;
    for (std::size_t n = io.length(1); n > 0 && !io.wrong; --n) {
        io.value(asBytes);
        if (io.wrong) return;
        std::span<const std::byte> rest = std::as_bytes(std::span(asBytes));
        const Result<Event> event = decode(rest);
        const auto* fault = event.ok() ? std::get_if<FaultHappened>(&*event) : nullptr;
        if (!fault || !rest.empty()) {
            io.fail("it holds a fault that is none");
            return;
        }
        all.push_back(*fault);
    }
}

void sentTo(FieldWriter& io, const std::map<Rank, LinkTraffic>& links) {
    io.varint(links.size());
    for (const auto& [to, traffic] : links)
        all(io, to, traffic.payloadBytes, traffic.wireBytes, traffic.messages);
}
void sentTo(FieldReader& io, std::map<Rank, LinkTraffic>& links) {
    std::size_t n = io.length(4);
    if (n > kMostLinks) n = io.fail("it holds more links than a run can have");
    for (; n > 0 && !io.wrong; --n) {
        Rank to;
        LinkTraffic traffic;
        all(io, to, traffic.payloadBytes, traffic.wireBytes, traffic.messages);
        if (io.wrong) return;
        if (!links.empty() && to <= links.rbegin()->first) {
            io.fail("its links are not in order");
            return;
        }
        links.emplace_hint(links.end(), to, traffic);
    }
}

// The fields of every message and of its parts, in the order in which they travel, used both ways. Each list
// takes its struct apart: who adds a field there is stopped here.

template <class Io>
void fields(Io& io, In<Io, RankFigures>& f) {
    auto& [firstStepBegan, lastStepEnded, phaseSeconds, sent, struck, compression, errorSum, errorSteps,
           peakActivations, weightVersions, weightDelay, staleness, clockSpread] = f;
    all(io, firstStepBegan, lastStepEnded);
    for (auto& seconds : phaseSeconds) io.value(seconds);
    sentTo(io, sent);
    faults(io, struck);
    optional(io, compression, [&](auto& tally) {
        auto& [denseBytes, encodedBytes, error] = tally;
        all(io, denseBytes, encodedBytes, error);
    });
    all(io, errorSum, errorSteps, peakActivations, weightVersions, weightDelay);
    list(io, staleness, 1, kMostCounts, [&](auto& count) { io.value(count); });
    io.value(clockSpread);
}
template <class Io>
void fields(Io& io, In<Io, RankState>& s) {
    auto& [stepsDone, floats, counts] = s;
    io.value(stepsDone);
    list(io, floats, 2, kMostNames, [&](auto& named) { all(io, named.first, named.second); });
    list(io, counts, 2, kMostNames, [&](auto& named) { all(io, named.first, named.second); });
}
template <class Io>
void fields(Io& io, In<Io, DataPlace>& d) {
    auto& [epoch, used] = d;
    all(io, epoch, used);
}
template <class Io>
void fields(Io& io, In<Io, PeerPlace>& p) {
    auto& [rank, host, port, key, dial] = p;
    all(io, rank, host, port, key, dial);
    if constexpr (Io::reads) {
        if (!io.wrong && key.size() != kKeyBytes) io.fail("it holds a key that isn't 32 bytes long");
    }
}

template <class Io>
void fields(Io& io, In<Io, StepTold>& m) {
    auto& [step, lossSum, samples, payloadBytes, firstBegan, ended, share] = m;
    all(io, step, lossSum, samples, payloadBytes, firstBegan, ended);
    optional(io, share, [&](auto& part) {
        auto& [time, busy] = part;
        all(io, time, busy);
    });
}
template <class Io>
void fields(Io& io, In<Io, StepsSkipped>& m) {
    auto& [first, next] = m;
    all(io, first, next);
}
template <class Io>
void fields(Io& io, In<Io, KilledByPlan>& m) {
    auto& [first] = m;
    io.value(first);
}
template <class Io>
void fields(Io& io, In<Io, StandsBefore>& m) {
    auto& [step] = m;
    io.value(step);
}
template <class Io>
void fields(Io& io, In<Io, AtMeeting>& m) {
    auto& [stepsDone, weights] = m;
    all(io, stepsDone, weights);
}
template <class Io>
void fields(Io& io, In<Io, RankEnded>& m) {
    auto& [figures, weights] = m;
    fields(io, figures);
    io.value(weights);
}
template <class Io>
void fields(Io& io, In<Io, RankFailed>& m) {
    auto& [lost, why, figures] = m;
    optional(io, lost, [&](auto& kind) { io.value(kind); });
    io.value(why);
    fields(io, figures);
}
template <class Io>
void fields(Io& io, In<Io, StateTold>& m) {
    auto& [generation, state, figures] = m;
    io.value(generation);
    fields(io, state);
    fields(io, figures);
}

template <class Io>
void fields(Io& io, In<Io, BeginWorld>& m) {
    auto& [run, generation, rank, spec, ranksHere, runBegan, stoodStill, firstStep, plannedSteps, data,
           dataSha256, peers, glooStore, wantsSamples, keepsState, state] = m;
    all(io, run, generation, rank, spec, ranksHere, runBegan, stoodStill, firstStep, plannedSteps);
    fields(io, data);
    io.value(dataSha256);
    // Rank, two texts, port and dial; the key alone is longer than that.
    list(io, peers, 5 + kKeyBytes, kMostLinks, [&](auto& peer) { fields(io, peer); });
    all(io, glooStore, wantsSamples, keepsState);
    optional(io, state, [&](auto& given) { fields(io, given); });
}
template <class Io>
void fields(Io& io, In<Io, GoOn>& m) {
    auto& [upTo, end, stoodStill] = m;
    all(io, upTo, end, stoodStill);
}
template <class Io>
void fields(Io& io, In<Io, MeetingOver>& m) {
    auto& [stoodStill] = m;
    io.value(stoodStill);
}
template <class Io>
void fields(Io& io, In<Io, Strike>& m) {
    auto& [command] = m;
    io.value(command);
}
template <class Io>
void fields(Io& io, In<Io, EndWorld>& m) {
    auto& [generation, wantsFloats, why] = m;
    all(io, generation, wantsFloats, why);
}

/// Bytes of all float arrays: what makes a message long.
std::size_t floatBytes(const std::vector<float>& floats) {
    return floats.size() * sizeof(float);
}
std::size_t floatBytes(const RankState& state) {
    std::size_t bytes = 0;
    for (const auto& [name, floats] : state.floats) bytes += floatBytes(floats);
    return bytes;
}
template <class Message>
std::size_t floatBytes(const Message& m) {
    if constexpr (requires { m.weights; }) {
        return floatBytes(m.weights);
    } else if constexpr (std::same_as<Message, StateTold>) {
        return floatBytes(m.state);
    } else if constexpr (std::same_as<Message, BeginWorld>) {
        return m.state ? floatBytes(*m.state) : 0;
    } else {
        return 0;
    }
}

template <class Variant>
void encodeAny(const Variant& message, std::vector<std::byte>& out) {
    constexpr std::size_t kRest = 4096;  // of the other fields: nearly always less
    const std::size_t floats = std::visit([](const auto& m) { return floatBytes(m); }, message);
    if (floats > 0) out.reserve(out.size() + floats + kRest);
    FieldWriter writer(out);
    writer.varint(message.index());
    std::visit([&](const auto& m) { fields(writer, m); }, message);
}

template <class Variant, std::size_t Type = 0>
Variant emptyOf(std::size_t type) {
    if constexpr (Type + 1 < std::variant_size_v<Variant>) {
        if (type != Type) return emptyOf<Variant, Type + 1>(type);
    }
    return Variant(std::in_place_index<Type>);
}

template <class Variant>
Result<Variant> decodeAny(std::span<const std::byte> bytes, const char* where) {
    if (bytes.empty()) return Problem{where, "is empty"};
    const auto type = std::to_integer<std::size_t>(bytes.front());
    if (type >= std::variant_size_v<Variant>) {
        return Problem{where, "type " + std::to_string(type) + " is unknown, expected 0 to " +
                                  std::to_string(std::variant_size_v<Variant> - 1)};
    }
    Variant message = emptyOf<Variant>(type);
    FieldReader reader(bytes.subspan(1));
    std::visit([&](auto& m) { fields(reader, m); }, message);
    if (!reader.wrong && !reader.rest().empty()) reader.fail("it holds more than its fields");
    if (reader.wrong) return Problem{std::string(where) + " of type " + std::to_string(type), reader.wrong};
    return message;
}

}  // namespace

void encode(const RankTold& message, std::vector<std::byte>& out) {
    encodeAny(message, out);
}
void encode(const RankOrder& message, std::vector<std::byte>& out) {
    encodeAny(message, out);
}
Result<RankTold> decodeRankTold(std::span<const std::byte> bytes) {
    return decodeAny<RankTold>(bytes, "rank message");
}
Result<RankOrder> decodeRankOrder(std::span<const std::byte> bytes) {
    return decodeAny<RankOrder>(bytes, "order to a rank");
}

}  // namespace rondo
