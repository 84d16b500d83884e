#include "engine/run/checkpoint_json.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <limits>

#include "engine/config/json_reader.h"
#include "engine/config/run_spec_json.h"
#include "engine/core/byte_fields.h"
#include "engine/data/batch_plan.h"

namespace rondo {

namespace json = boost::json;

namespace {

// Names and values are listed once, as templates over the two ways.

constexpr std::int64_t kMostCount = std::int64_t{1} << 62;

[[noreturn]] void refuse(const std::string& where, const json::value& value, const std::string& expected) {
    throw BadInput(Problem{where, shown(value) + ", expected " + expected});
}

class Out {
  public:
    static constexpr bool reads = false;
    explicit Out(json::object& object) : object_(object) {}
    template <class T>
    void operator()(const char* name, const T& value) {
        object_[name] = made(value);
    }

  private:
    static json::value made(bool v) { return v; }
    static json::value made(std::int64_t v) { return v; }
    static json::value made(std::int32_t v) { return v; }
    static json::value made(std::uint32_t v) { return v; }
    static json::value made(std::uint64_t v) { return v; }
    static json::value made(double v) {
        char text[32];
        return json::string(text, std::to_chars(text, text + sizeof text, v).ptr);
    }
    static json::value made(FaultKind kind) { return json::string(nameOf(kind)); }
    template <class Tag>
    static json::value made(Id<Tag> id) {
        return id.value;
    }
    template <class Period>
    static json::value made(std::chrono::duration<std::int64_t, Period> t) {
        return t.count();
    }
    template <class T>
    static json::value made(const std::optional<T>& v) {
        return v ? made(*v) : json::value(nullptr);
    }
    template <class T>
    static json::value listed(const T& values) {
        json::array array;
        for (const auto& value : values) array.push_back(made(value));
        return array;
    }
    template <class T>
    static json::value made(const std::vector<T>& values) {
        return listed(values);
    }
    template <class T, std::size_t N>
    static json::value made(const std::array<T, N>& values) {
        return listed(values);
    }
    static json::value made(const std::map<Rank, LinkTraffic>& links) {
        json::array array;
        for (const auto& [to, traffic] : links)
            array.push_back(json::array{to.value, traffic.payloadBytes, traffic.wireBytes, traffic.messages});
        return array;
    }
    template <class T>
    static json::value made(const T& value) {
        json::object object;
        Out out(object);
        fields(out, value);
        return object;
    }
    json::object& object_;
};

class ReadFrom {
  public:
    static constexpr bool reads = true;
    ReadFrom(const json::object& object, std::string path) : object_(object), path_(std::move(path)) {}
    template <class T>
    void operator()(const char* name, T& value) {
        const json::value* found = object_.if_contains(name);
        const std::string place = path_.empty() ? name : path_ + "." + name;
        if (!found) throw BadInput(Problem{place, "missing"});
        read(*found, place, value);
    }

  private:
    static void integer(const json::value& from, const std::string& place, std::int64_t low,
                        std::int64_t high, auto& value) {
        const std::int64_t* number = from.if_int64();
        if (!number || *number < low || *number > high)
            refuse(place, from, std::to_string(low) + " to " + std::to_string(high));
        value = static_cast<std::remove_reference_t<decltype(value)>>(*number);
    }
    static void read(const json::value& from, const std::string& place, std::int64_t& v) {
        integer(from, place, 0, kMostCount, v);
    }
    static void read(const json::value& from, const std::string& place, std::int32_t& v) {
        integer(from, place, kNone, std::numeric_limits<std::int32_t>::max(), v);
    }
    static void read(const json::value& from, const std::string& place, std::uint32_t& v) {
        integer(from, place, 0, std::numeric_limits<std::uint32_t>::max(), v);
    }
    static void read(const json::value& from, const std::string& place, std::uint64_t& v) {
        integer(from, place, 0, kMostCount, v);
    }
    static void read(const json::value& from, const std::string& place, double& v) {
        const json::string* text = from.if_string();
        const char* const end = text ? text->data() + text->size() : nullptr;
        if (!text || std::from_chars(text->data(), end, v).ptr != end || text->empty())
            refuse(place, from, "a number as a text");
    }
    static void read(const json::value& from, const std::string& place, FaultKind& kind) {
        for (int i = 0; from.is_string() && i <= static_cast<int>(FaultKind::Restart); ++i)
            if (from.get_string() == json::string_view(nameOf(kind = static_cast<FaultKind>(i)))) return;
        refuse(place, from, "a kind of fault");
    }
    template <class Tag>
    static void read(const json::value& from, const std::string& place, Id<Tag>& id) {
        read(from, place, id.value);
    }
    template <class Period>
    static void read(const json::value& from, const std::string& place,
                     std::chrono::duration<std::int64_t, Period>& t) {
        std::int64_t count = 0;
        integer(from, place, 0, kLongestRun.count(), count);
        t = std::chrono::duration<std::int64_t, Period>{count};
    }
    template <class T>
    static void read(const json::value& from, const std::string& place, std::optional<T>& v) {
        if (from.is_null()) return v.reset();
        read(from, place, v.emplace());
    }
    static const json::array& arrayOf(const json::value& from, const std::string& place) {
        const json::array* array = from.if_array();
        if (!array) refuse(place, from, "a list");
        return *array;
    }
    template <class T>
    static void read(const json::value& from, const std::string& place, std::vector<T>& values) {
        values.clear();
        for (const json::value& each : arrayOf(from, place)) {
            const std::string itsPlace = place + "." + std::to_string(values.size());
            read(each, itsPlace, values.emplace_back());
        }
    }
    template <class T, std::size_t N>
    static void read(const json::value& from, const std::string& place, std::array<T, N>& values) {
        const json::array& array = arrayOf(from, place);
        if (array.size() != N) refuse(place, from, "a list of " + std::to_string(N));
        for (std::size_t i = 0; i < N; ++i) read(array[i], place + "." + std::to_string(i), values[i]);
    }
    static void read(const json::value& from, const std::string& place, std::map<Rank, LinkTraffic>& links) {
        links.clear();
        for (const json::value& each : arrayOf(from, place)) {
            std::array<std::int64_t, 4> link;
            read(each, place + "." + std::to_string(links.size()), link);
            if (link[0] > std::numeric_limits<std::int32_t>::max()) refuse(place, each, "a rank first");
            const Rank to{static_cast<std::int32_t>(link[0])};
            if (!links.empty() && to <= links.rbegin()->first) refuse(place, each, "links in order of rank");
            links[to] = {link[1], link[2], link[3]};
        }
    }
    template <class T>
    static void read(const json::value& from, const std::string& place, T& value) {
        const json::object* object = from.if_object();
        if (!object) refuse(place, from, "an object");
        ReadFrom in(*object, place);
        fields(in, value);
    }
    const json::object& object_;
    const std::string path_;
};

// Each list takes its struct apart: who adds a field there is stopped here.

template <class Io>
void fields(Io& io, In<Io, HistoryEntry>& entry) {
    auto& [step, round, payloadBytes, seconds, trainLoss, testAccuracy, testLoss, consensusDistance] = entry;
    io("step", step);
    io("round", round);
    io("payload_bytes", payloadBytes);
    io("seconds", seconds);
    io("train_loss", trainLoss);
    io("test_accuracy", testAccuracy);
    io("test_loss", testLoss);
    io("consensus_distance", consensusDistance);
}
template <class Io>
void fields(Io& io, In<Io, FaultHappened>& fault) {
    auto& [stamp, kind, peer, step, seconds, factor] = fault;
    auto& [run, rank, sequence, at] = stamp;
    io("run", run);
    io("worker", rank);
    io("sequence", sequence);
    io("at_ns", at);
    io("kind", kind);
    io("peer", peer);
    io("step", step);
    io("for_seconds", seconds);
    io("factor", factor);
}
template <class Io>
void fields(Io& io, In<Io, CompressionTally>& tally) {
    auto& [denseBytes, encodedBytes, error] = tally;
    io("dense_bytes", denseBytes);
    io("encoded_bytes", encodedBytes);
    io("error", error);
}
template <class Io>
void fields(Io& io, In<Io, RankFigures>& figures) {
    auto& [firstStepBegan, lastStepEnded, phaseSeconds, sentTo, faults, compression, errorSum, errorSteps,
           peakActivations, weightVersions, weightDelay, staleness, clockSpread] = figures;
    io("first_step_began_ps", firstStepBegan);
    io("last_step_ended_ps", lastStepEnded);
    io("phase_seconds", phaseSeconds);
    io("sent_to", sentTo);
    io("faults", faults);
    io("compression", compression);
    io("compression_error_sum", errorSum);
    io("compression_steps", errorSteps);
    io("peak_activations", peakActivations);
    io("weight_versions", weightVersions);
    io("weight_delay", weightDelay);
    io("staleness", staleness);
    io("clock_spread", clockSpread);
}
template <class Io>
void fields(Io& io, In<Io, WorldFigures>& world) {
    auto& [workers, ranks] = world;
    io("workers", workers);
    io("ranks", ranks);
}
template <class Io>
void fields(Io& io, In<Io, CheckpointBooks>& books) {
    auto& [history, payloadBytes, samples, seconds, wallSeconds, bubbleSum, bubbleSteps, worlds] = books;
    io("history", history);
    io("payload_bytes", payloadBytes);
    io("samples", samples);
    io("seconds", seconds);
    io("wall_seconds", wallSeconds);
    io("bubble_sum", bubbleSum);
    io("bubble_steps", bubbleSteps);
    io("worlds", worlds);
}
template <class Io>
void fields(Io& io, In<Io, DataPlace>& place) {
    auto& [epoch, used] = place;
    io("epoch", epoch);
    io("used", used);
}

/// Counts may be anything: random numbers are among them.
json::object stateToJson(const RankState& state) {
    json::object counts;
    for (const auto& [name, value] : state.counts) counts[name] = value;
    return {{"steps_done", state.stepsDone}, {"counts", std::move(counts)}};
}

const json::object& objectOf(const json::value& value, const std::string& where) {
    const json::object* object = value.if_object();
    if (!object) refuse(where, value, "an object");
    return *object;
}

const json::value& valueOf(const json::object& object, const char* name, const std::string& path = "") {
    const json::value* value = object.if_contains(name);
    if (!value) throw BadInput(Problem{path + name, "missing"});
    return *value;
}

RankState stateFromJson(const json::value& value, const std::string& path) {
    const json::object& object = objectOf(value, path);
    RankState state;
    ReadFrom(object, path)("steps_done", state.stepsDone);
    const std::string where = path + ".counts";
    for (const auto& [name, count] : objectOf(valueOf(object, "counts", path + "."), where)) {
        if (!count.is_int64()) refuse(where + "." + std::string(name), count, "a whole number");
        state.counts.emplace_back(name, count.get_int64());
    }
    return state;
}

void require(bool right, const std::string& where, const std::string& what) {
    if (!right) throw BadInput(Problem{where, what});
}

/// All that a report may add up.
double sumOfCounts(const RankFigures& figures) {
    double sum = static_cast<double>(figures.compressionSteps);
    const auto add = [&](std::int64_t count) { sum += static_cast<double>(count); };
    for (const auto& [to, traffic] : figures.sentTo)
        for (const auto count : {traffic.payloadBytes, traffic.wireBytes, traffic.messages}) add(count);
    if (figures.compression)
        for (const auto count : {figures.compression->denseBytes, figures.compression->encodedBytes})
            add(count);
    for (const std::int64_t count : figures.staleness) add(count);
    return sum;
}

/// What a report is made of must not reach beyond its ranks, and its sums must not overflow.
void checkBooks(const CheckpointBooks& books) {
    double sum = static_cast<double>(books.payloadBytes) + static_cast<double>(books.samples);
    for (std::size_t i = 0; i < books.worlds.size(); ++i) {
        const WorldFigures& world = books.worlds[i];
        const std::string where = "books.worlds." + std::to_string(i);
        const auto ranks = static_cast<std::int64_t>(world.ranks.size());
        require(world.workers >= 0 && world.workers <= ranks, where + ".workers",
                std::to_string(world.workers) + ", expected at most " + std::to_string(ranks));
        for (const auto& figures : world.ranks) {
            if (!figures) continue;
            sum += sumOfCounts(*figures);
            if (figures->sentTo.empty()) continue;
            const std::int32_t to = figures->sentTo.rbegin()->first.value;
            require(to < ranks, where,
                    "a message to rank " + std::to_string(to) + " of " + std::to_string(ranks));
        }
    }
    require(sum < static_cast<double>(kMostCount), "books", "counts that no run reaches");
}

}  // namespace

json::object plainToJson(const Checkpoint& checkpoint) {
    json::object all{{"spec", toJson(checkpoint.spec)}};
    Out out(all);
    out("steps_done", checkpoint.stepsDone);
    out("place", checkpoint.place);
    out("workers", checkpoint.states.workers);
    all["common"] = stateToJson(checkpoint.states.common);
    json::array own;
    for (const RankState& state : checkpoint.states.own) own.push_back(stateToJson(state));
    all["ranks"] = std::move(own);
    out("books", checkpoint.books);
    return all;
}

Checkpoint plainFromJson(const json::object& all) {
    Checkpoint checkpoint;
    auto spec = runSpecFrom(valueOf(all, "spec"));
    if (!spec) {
        Problems problems = spec.problems();
        for (Problem& problem : problems)
            problem.where = problem.where.empty() ? "spec" : "spec." + problem.where;
        throw BadInput(std::move(problems));
    }
    checkpoint.spec = std::move(*spec);
    ReadFrom in(all, "");
    in("steps_done", checkpoint.stepsDone);
    require(checkpoint.stepsDone <= kMostSteps, "steps_done", "more than any run has");
    in("place", checkpoint.place);
    require(checkpoint.place.epoch <= std::numeric_limits<std::int32_t>::max(), "place.epoch",
            "more than any run has");
    in("workers", checkpoint.states.workers);
    checkpoint.states.common = stateFromJson(valueOf(all, "common"), "common");
    const json::value& ranks = valueOf(all, "ranks");
    if (!ranks.is_array()) refuse("ranks", ranks, "a list");
    for (const json::value& state : ranks.get_array())
        checkpoint.states.own.push_back(
            stateFromJson(state, "ranks." + std::to_string(checkpoint.states.own.size())));
    require(checkpoint.states.workers >= 0 &&
                static_cast<std::size_t>(checkpoint.states.workers) <= checkpoint.states.own.size(),
            "workers", std::to_string(checkpoint.states.workers) + ", expected as many as ranks at most");
    in("books", checkpoint.books);
    checkBooks(checkpoint.books);
    return checkpoint;
}

}  // namespace rondo
