#include "net/wire/control_message.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <span>
#include <type_traits>

#include "engine/config/json_reader.h"
#include "engine/config/repeated_key.h"
#include "net/wire/plain_words.h"

namespace rondo::net {

namespace json = boost::json;

namespace {

constexpr std::uint32_t kMostDepth = 8;

// In the order of the variant.
constexpr std::string_view kTypes[] = {
    "challenge", "hello", "welcome",      "refused", "ready", "rename",     "leave",   "removed",
    "roster",    "clock", "clock_answer", "credit",  "want",  "blob_comes", "no_blob", "relayed"};
static_assert(std::size(kTypes) == std::variant_size_v<ControlMessage>);

constexpr std::string_view kRoles[] = {"worker", "viewer", "relay"};
constexpr std::string_view kLanes[] = {"compute", "communication"};

constexpr CloseCode kCodes[] = {
    CloseCode::Normal,     CloseCode::GoingAway, CloseCode::BadFrame,   CloseCode::WrongKind,
    CloseCode::BadText,    CloseCode::TooBig,    CloseCode::WrongProof, CloseCode::Version,
    CloseCode::Unreadable, CloseCode::OutOfTurn, CloseCode::TooSlow,    CloseCode::Overflow,
    CloseCode::Removed,    CloseCode::Full,      CloseCode::Replaced,   CloseCode::NotReachable};

constexpr auto kLargest = std::numeric_limits<std::int64_t>::max(),
               kLeast = std::numeric_limits<std::int64_t>::min();

class Writer {
  public:
    static constexpr bool reads = false;
    explicit Writer(std::string_view type) {
        if (!type.empty()) object_["type"] = json::string_view(type);
    }

    template <std::integral T>
    void integer(json::string_view key, T value, std::int64_t = 0, std::int64_t = 0) {
        object_[key] = value;
    }
    void rank(json::string_view key, Rank rank) { object_[key] = rank.value; }
    void amount(json::string_view key, double value) { object_[key] = value; }
    void code(json::string_view key, CloseCode code) { object_[key] = static_cast<int>(code); }
    template <std::size_t N>
    void bytes(json::string_view key, const std::array<std::uint8_t, N>& bytes) {
        constexpr char kDigits[] = "0123456789abcdef";
        std::string digits;
        for (const std::uint8_t byte : bytes) {
            digits += kDigits[byte >> 4];
            digits += kDigits[byte & 15];
        }
        object_[key] = digits;
    }
    void name(json::string_view key, const std::string& text, bool = false) { object_[key] = text; }
    void hash(json::string_view key, const std::string& text) { object_[key] = text; }
    void words(json::string_view key, const std::string& text) {
        object_[key] = plainWords(text, kMostWordsBytes);
    }
    template <class E, std::size_t N>
    void choice(json::string_view key, E value, const std::string_view (&names)[N]) {
        object_[key] = json::string_view(names[static_cast<std::size_t>(value)]);
    }
    template <class T>
    bool given(json::string_view, const std::optional<T>& part) {
        return part.has_value();
    }
    template <class T, class Fields>
    void list(json::string_view key, const std::vector<T>& items, Fields each) {
        json::array array;
        for (const T& item : items) {
            Writer inner("");
            each(inner, item);
            array.push_back(std::move(inner.object_));
        }
        object_[key] = std::move(array);
    }
    json::object take() { return std::move(object_); }

  private:
    json::object object_;
};

/// Reads the same fields; keeps the first thing that is wrong and reads nothing behind it.
class Reader {
  public:
    static constexpr bool reads = true;
    Reader(const json::object& object, std::string path, std::optional<Problem>& wrong)
        : object_(object), path_(std::move(path)), wrong_(wrong) {}

    template <std::integral T>
    void integer(json::string_view key, T& value, std::int64_t least = leastOf<T>(),
                 std::int64_t most = mostOf<T>()) {
        const json::value* found = find(key);
        if (!found) return;
        const bool fits = found->is_int64() && found->get_int64() >= least && found->get_int64() <= most;
        if (!fits)
            return refuse(key, *found,
                          "an integer from " + std::to_string(least) + " to " + std::to_string(most));
        value = static_cast<T>(found->get_int64());
    }
    void rank(json::string_view key, Rank& rank) { integer(key, rank.value, kNone); }
    void amount(json::string_view key, double& value) {
        const json::value* found = find(key);
        if (!found) return;
        const double number = found->is_number() ? found->to_number<double>() : -1;
        if (!std::isfinite(number) || number < 0) return refuse(key, *found, "a number, 0 or more");
        value = number;
    }
    void code(json::string_view key, CloseCode& code) {
        std::uint16_t number = 0;
        integer(key, number);
        if (wrong_) return;
        if (std::ranges::find(kCodes, CloseCode{number}) == std::end(kCodes))
            return refuse(key, number, "a code of the protocol");
        code = CloseCode{number};
    }
    template <std::size_t N>
    void bytes(json::string_view key, std::array<std::uint8_t, N>& bytes) {
        const json::value* found = find(key);
        if (!found) return;
        const json::string* digits = found->if_string();
        if (!digits || digits->size() != 2 * N || !areDigits(*digits))
            return refuse(key, *found, std::to_string(2 * N) + " hexadecimal digits, small letters");
        for (std::size_t i = 0; i < N; ++i)
            bytes[i] =
                static_cast<std::uint8_t>(valueOf((*digits)[2 * i]) << 4 | valueOf((*digits)[2 * i + 1]));
    }
    void name(json::string_view key, std::string& name, bool mayBeEmpty = false) {
        const std::string* text = readText(key, kMostNameBytes);
        if (!text) return;
        if (text->empty() && !mayBeEmpty) return refuse(key, json::value(""), "a name");
        name = *text;
    }
    void words(json::string_view key, std::string& words) {
        if (const std::string* text = readText(key, kMostWordsBytes)) words = *text;
    }
    void hash(json::string_view key, std::string& hash) {
        const json::value* found = find(key);
        if (!found) return;
        const json::string* digits = found->if_string();
        if (!digits || digits->size() != 64 || !areDigits(*digits))
            return refuse(key, *found, "64 hexadecimal digits, small letters");
        hash.assign(digits->data(), digits->size());
    }
    template <class E, std::size_t N>
    void choice(json::string_view key, E& value, const std::string_view (&names)[N]) {
        const json::value* found = find(key);
        if (!found) return;
        std::string expected;
        for (std::size_t i = 0; i < N; ++i) {
            if (found->is_string() && found->get_string() == json::string_view(names[i])) {
                value = static_cast<E>(i);
                return;
            }
            expected += (i == 0 ? "" : i + 1 < N ? ", " : " or ") + std::string(names[i]);
        }
        refuse(key, *found, expected);
    }
    template <class T>
    bool given(json::string_view key, std::optional<T>& part) {
        if (!object_.contains(key)) return false;
        part.emplace();
        return true;
    }
    template <class T, class Fields>
    void list(json::string_view key, std::vector<T>& items, Fields each) {
        const json::value* found = find(key);
        if (!found) return;
        const json::array* array = found->if_array();
        if (!array) return refuse(key, *found, "a list");
        for (const json::value& value : *array) {
            const std::string path = pathOf(key) + "[" + std::to_string(items.size()) + "]";
            const json::object* object = value.if_object();
            if (!object) {
                wrong_ = Problem{path, shown(value) + ", expected an object"};
                return;
            }
            Reader inner(*object, path, wrong_);
            each(inner, items.emplace_back());
            inner.end();
            if (wrong_) return;
        }
    }
    void known(json::string_view key) { known_.push_back(key); }
    /// Refuses what was there and nobody has asked for.
    void end() {
        if (wrong_ || known_.size() == object_.size()) return;
        for (const auto& field : object_)
            if (std::ranges::find(known_, field.key()) == known_.end()) {
                wrong_ = Problem{path_, "unknown field " + shown(json::value(field.key()))};
                return;
            }
    }

  private:
    template <class T>
    static constexpr std::int64_t leastOf() {
        return std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
    }
    template <class T>
    static constexpr std::int64_t mostOf() {
        return static_cast<std::int64_t>(std::numeric_limits<T>::max());
    }
    static constexpr int valueOf(char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }
    static bool areDigits(std::string_view text) {
        return std::ranges::all_of(text,
                                   [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    }
    std::string pathOf(json::string_view key) const { return path_ + "." + std::string(key); }
    const json::value* find(json::string_view key) {
        if (wrong_) return nullptr;
        known(key);
        const json::value* found = object_.if_contains(key);
        if (!found) wrong_ = Problem{pathOf(key), "is missing"};
        return found;
    }
    void refuse(json::string_view key, const json::value& found, const std::string& expected) {
        wrong_ = Problem{pathOf(key), shown(found) + ", expected " + expected};
    }
    const std::string* readText(json::string_view key, std::size_t mostBytes) {
        const json::value* found = find(key);
        if (!found) return nullptr;
        const json::string* text = found->if_string();
        if (!text || text->size() > mostBytes || !arePlainWords(*text)) {
            refuse(key, *found, "at most " + std::to_string(mostBytes) + " bytes of text in one line");
            return nullptr;
        }
        text_.assign(text->data(), text->size());
        return &text_;
    }

    const json::object& object_;
    std::string path_;
    std::optional<Problem>& wrong_;
    std::vector<json::string_view> known_;
    std::string text_;
};

/// What `fields` takes: a constant message to write from, or one to read into.
template <class Io, class T>
using In = std::conditional_t<Io::reads, T, const T>;

constexpr std::string_view kStates[] = {"joining", "ready", "training", "lost", "left", "removed"};

// The fields of every message: this list is what PROTOCOL.md speaks of, and it is used both ways.

template <class Io>
void fields(Io& io, In<Io, Challenge>& m) {
    io.integer("version", m.version, 1);
    io.bytes("salt", m.salt);
    io.integer("iterations", m.iterations, 1, kMostIterations);
    io.bytes("nonce", m.nonce);
}
template <class Io>
void fields(Io& io, In<Io, Hello>& m) {
    io.integer("version", m.version, 1);
    io.choice("role", m.role, kRoles);
    io.name("name", m.name, m.role == Role::Relay);
    io.bytes("nonce", m.nonce);
    io.bytes("proof", m.proof);
    if constexpr (Io::reads) {
        if (m.role == Role::Relay) {
            m.token.emplace();
            m.relay.emplace();
        } else {
            io.given("token", m.token);
        }
    }
    if (m.token) io.bytes("token", *m.token);
    if (!m.relay) return;
    io.integer("generation", m.relay->generation);
    io.integer("peer", m.relay->peer.value, 0);
    io.choice("lane", m.relay->lane, kLanes);
}
template <class Io>
void fields(Io& io, In<Io, Welcome>& m) {
    io.bytes("proof", m.proof);
    io.integer("member", m.member);
    io.name("name", m.name);
    if (io.given("token", m.token)) io.bytes("token", *m.token);
    io.words("software", m.software);
}
template <class Io>
void fields(Io& io, In<Io, Refused>& m) {
    io.code("code", m.code);
    io.words("why", m.why);
}
template <class Io>
void fields(Io& io, In<Io, Ready>& m) {
    io.integer("cores", m.cores, 1, 65535);
    io.amount("gflops", m.gflops);
    io.integer("peer_port", m.peerPort);
    io.words("software", m.software);
}
template <class Io>
void fields(Io& io, In<Io, Rename>& m) {
    io.name("name", m.name);
}
template <class Io>
void fields(Io& io, In<Io, Leave>& m) {
    io.words("why", m.why);
}
template <class Io>
void fields(Io& io, In<Io, Removed>& m) {
    io.words("why", m.why);
}
template <class Io>
void fields(Io& io, In<Io, RosterEntry>& m) {
    io.integer("member", m.member, 1);
    io.name("name", m.name);
    io.choice("state", m.state, kStates);
    io.rank("rank", m.rank);
    io.integer("cores", m.cores);
    io.amount("gflops", m.gflops);
}
template <class Io>
void fields(Io& io, In<Io, Roster>& m) {
    io.list("members", m.members, [](auto& inner, auto& entry) { fields(inner, entry); });
}
template <class Io>
void fields(Io& io, In<Io, ClockAsked>& m) {
    io.integer("id", m.id);
    io.integer("t0", m.t0);
    if (!io.given("offset", m.told)) return;
    io.integer("offset", m.told->offset);
    io.integer("uncertainty", m.told->uncertainty, 0);
}
template <class Io>
void fields(Io& io, In<Io, ClockAnswered>& m) {
    io.integer("id", m.id);
    io.integer("t0", m.t0);
    io.integer("t1", m.t1);
    io.integer("t2", m.t2);
}
template <class Io>
void fields(Io& io, In<Io, Credit>& m) {
    io.integer("bytes", m.bytes, 1);
}
template <class Io>
void fields(Io& io, In<Io, Want>& m) {
    io.hash("sha256", m.sha256);
}
template <class Io>
void fields(Io& io, In<Io, BlobComes>& m) {
    io.hash("sha256", m.sha256);
    io.integer("id", m.id);
    io.integer("bytes", m.bytes, 1);
}
template <class Io>
void fields(Io& io, In<Io, NoBlob>& m) {
    io.hash("sha256", m.sha256);
    io.words("why", m.why);
}
template <class Io>
void fields(Io& io, In<Io, Relayed>& m) {
    io.integer("generation", m.generation);
    io.integer("peer", m.peer.value, 0);
    io.choice("lane", m.lane, kLanes);
}
template <std::size_t Type = 0>
ControlMessage emptyMessage(std::size_t type) {
    if constexpr (Type + 1 < std::variant_size_v<ControlMessage>) {
        if (type != Type) return emptyMessage<Type + 1>(type);
    }
    return ControlMessage(std::in_place_index<Type>);
}

}  // namespace

std::string_view nameOf(Role role) {
    return kRoles[static_cast<std::size_t>(role)];
}

std::string_view nameOf(const ControlMessage& message) {
    return kTypes[message.index()];
}

std::string toText(const ControlMessage& message) {
    Writer writer(nameOf(message));
    std::visit([&](const auto& m) { fields(writer, m); }, message);
    return json::serialize(writer.take());
}

Result<ControlMessage> readControlMessage(std::string_view text, std::size_t mostBytes) {
    if (text.size() > mostBytes) {
        return Problem{"message",
                       std::to_string(text.size()) + " bytes, expected at most " + std::to_string(mostBytes)};
    }
    json::parse_options options;
    options.max_depth = kMostDepth;
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error) return Problem{"message", "not JSON: " + error.message()};
    const json::object* object = value.if_object();
    if (!object) return Problem{"message", "expected a JSON object"};
    if (const auto key = repeatedKey(text)) {
        return Problem{"message", "has " + shown(json::value(json::string_view(*key))) + " twice"};
    }
    const json::value* name = object->if_contains("type");
    if (!name) return Problem{"message.type", "is missing"};
    const auto* type = name->is_string() ? std::ranges::find(kTypes, std::string_view(name->get_string()))
                                         : std::end(kTypes);
    if (type == std::end(kTypes)) return Problem{"message.type", shown(*name) + " is unknown"};

    ControlMessage message = emptyMessage(static_cast<std::size_t>(type - std::begin(kTypes)));
    std::optional<Problem> wrong;
    Reader reader(*object, std::string(*type), wrong);
    reader.known("type");
    std::visit([&](auto& m) { fields(reader, m); }, message);
    reader.end();
    if (wrong) return *wrong;
    return message;
}

std::string tidyName(std::string_view typed) {
    std::string name = plainWords(typed, typed.size());
    const std::size_t first = name.find_first_not_of(' ');
    if (first == std::string::npos) return "worker";
    name = plainWords(std::string_view(name).substr(first), kMostNameBytes);
    name.erase(name.find_last_not_of(' ') + 1);
    return name;
}

}  // namespace rondo::net
