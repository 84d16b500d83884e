#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "app/cli/bench/bench.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/comm/local/local_runtime.h"

namespace rondo::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 7;
constexpr int kGroup = 2;
constexpr std::array<std::int64_t, 6> kBytes{1'000, 16'000, 256'000, 4'000'000, 32'000'000, 100'000'000};

struct Way {
    const char* name;
    void (*sum)(Communicator& comm, Values values);
    bool grouped = false;
};
constexpr std::array kWays{
    Way{"ring", [](Communicator& comm, Values v) { ringAllReduce(comm, v); }},
    Way{"naive", [](Communicator& comm, Values v) { naiveAllReduce(comm, v); }},
    Way{"tree", [](Communicator& comm, Values v) { treeAllReduce(comm, v); }},
    Way{"halving_doubling", [](Communicator& comm, Values v) { halvingDoublingAllReduce(comm, v); }},
    Way{"hierarchical", [](Communicator& comm, Values v) { hierarchicalAllReduce(comm, v, kGroup); }, true},
};

/// Enough of them in a row that reading the clock and starting together cost nothing beside them.
int repetitionsOf(std::int64_t bytes) {
    return static_cast<int>(std::clamp<std::int64_t>(16'000'000 / bytes, 1, 500));
}

double secondsSince(Clock::time_point begin, Clock::time_point end = Clock::now()) {
    return std::chrono::duration<double>(end - begin).count();
}

/// Seconds of one plain copy, on this thread.
double copySeconds(const std::vector<float>& from, std::vector<float>& to, int repetitions) {
    const auto begin = Clock::now();
    for (int i = 0; i < repetitions; ++i) {
        std::memcpy(to.data(), from.data(), from.size() * sizeof(float));
        asm volatile("" : : "r"(to.data()) : "memory");  // or the compiler would leave out all but the last
    }
    return secondsSince(begin) / repetitions;
}

/// A fast way to a wrong sum is no measurement.
void check(const Way& way, Communicator& comm, std::vector<float>& values) {
    const int n = comm.worldSize();
    std::fill(values.begin(), values.end(), static_cast<float>(comm.rank().value + 1));
    way.sum(comm, values);
    const auto expected = static_cast<float>(n * (n + 1) / 2);
    if (std::any_of(values.begin(), values.end(), [&](float value) { return value != expected; }))
        throw std::logic_error(std::string(way.name) + " doesn't add up");
    std::fill(values.begin(), values.end(), 0.0f);  // sums of sums of anything else would grow
}

struct Measured {
    double seconds = 0, least = 0, copySeconds = 0;
};

Measured measure(const Way& way, int ranks, std::int64_t bytes) {
    const int repetitions = repetitionsOf(bytes);
    RunControl control(ranks, false);
    const auto runtime = makeLocalRuntime(ranks, control);
    std::vector<Clock::time_point> ended(static_cast<std::size_t>(ranks));
    std::vector<double> rounds, copies;
    runtime->run([&](Rank rank) {
        Communicator& comm = runtime->communicator(rank, Lane::Compute);
        std::vector<float> values(static_cast<std::size_t>(bytes) / sizeof(float));
        std::vector<float> other(rank.value == 0 ? values.size() : 0);
        check(way, comm, values);
        for (int round = 0; round < kRounds; ++round) {
            // The peer has the machine for itself, on the same thread and at the same time.
            if (rank.value == 0) copies.push_back(copySeconds(values, other, repetitions));
            barrier(comm);
            const auto begin = Clock::now();
            for (int i = 0; i < repetitions; ++i) way.sum(comm, values);
            ended[rank.index()] = Clock::now();
            barrier(comm);
            if (rank.value == 0)
                rounds.push_back(secondsSince(begin, *std::max_element(ended.begin(), ended.end())) /
                                 repetitions);
            barrier(comm);  // nobody ends the next round before this one is read
        }
    });
    return {median(rounds), *std::min_element(rounds.begin(), rounds.end()), median(copies)};
}

}  // namespace

boost::json::object benchAllReduce() {
    boost::json::array results;
    for (const int ranks : {2, 4})
        for (const std::int64_t bytes : kBytes) {
            std::fprintf(stderr, "%d ranks, %lld bytes …\n", ranks, static_cast<long long>(bytes));
            for (const Way& way : kWays) {
                if (way.grouped && ranks <= kGroup) continue;
                const Measured measured = measure(way, ranks, bytes);
                const double size = static_cast<double>(bytes) / 1e9;
                const double bus = 2.0 * (ranks - 1) / ranks * size / measured.seconds;
                const double copy = size / measured.copySeconds;
                results.push_back(boost::json::object{{"collective", way.name},
                                                      {"ranks", ranks},
                                                      {"bytes", bytes},
                                                      {"latency_us", measured.seconds * 1e6},
                                                      {"least_latency_us", measured.least * 1e6},
                                                      {"bus_gb_per_s", bus},
                                                      {"memcpy_gb_per_s", copy},
                                                      {"ratio_to_memcpy", bus / copy}});
            }
        }
    return {{"cores", std::thread::hardware_concurrency()},
            {"rounds", kRounds},
            {"group_size", kGroup},
            {"results", std::move(results)}};
}

std::string benchAllReduceText(const boost::json::object& r) {
    std::string text =
        "ranks       bytes  collective        latency µs    least µs   bus GB/s   memcpy GB/s   ratio\n";
    for (const auto& entry : r.at("results").as_array()) {
        const auto& o = entry.as_object();
        char line[160];
        std::snprintf(line, sizeof line, "%5lld %11lld  %-16s %11.1f %11.1f %10.3f %13.2f %7.3f\n",
                      static_cast<long long>(o.at("ranks").as_int64()),
                      static_cast<long long>(o.at("bytes").as_int64()),
                      o.at("collective").as_string().c_str(), o.at("latency_us").to_number<double>(),
                      o.at("least_latency_us").to_number<double>(), o.at("bus_gb_per_s").to_number<double>(),
                      o.at("memcpy_gb_per_s").to_number<double>(),
                      o.at("ratio_to_memcpy").to_number<double>());
        text += line;
    }
    return text + "Medians of " + std::to_string(kRounds) +
           ", and the quickest; bus GB/s is 2(N−1)/N·S/t; memcpy: a plain copy of S on one thread, between "
           "the rounds.";
}

}  // namespace rondo::cli
