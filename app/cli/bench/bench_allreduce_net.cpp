#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "app/cli/bench/bench.h"
#include "app/cli/bench/loopback_world.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/training/gloo/gloo_network.h"

namespace rondo::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 9;
constexpr std::array<std::int64_t, 6> kBytes{4'000, 64'000, 1'000'000, 4'000'000, 16'000'000, 64'000'000};

struct Way {
    const char* name;
    void (*sum)(Communicator& comm, Values values);
};
constexpr std::array kWays{
    Way{"ring", [](Communicator& comm, Values v) { ringAllReduce(comm, v); }},
    Way{"halving_doubling", [](Communicator& comm, Values v) { halvingDoublingAllReduce(comm, v); }},
};
void glooSum(Communicator& comm, Values values) {
    if (!comm.sumOverAll(values, kNone)) throw std::logic_error("Gloo has no all-reduce");
}

int repetitionsOf(std::int64_t bytes) {
    return static_cast<int>(std::clamp<std::int64_t>(8'000'000 / bytes, 1, 300));
}

double secondsSince(Clock::time_point begin, Clock::time_point end = Clock::now()) {
    return std::chrono::duration<double>(end - begin).count();
}

/// One world by one network, and how all its ranks do one all-reduce after the other.
class Contender {
  public:
    Contender(int ranks, const std::function<std::unique_ptr<RankNetwork>(int)>& connect)
        : networks_(static_cast<std::size_t>(ranks)) {
        onEveryRank(ranks, [&](int rank) { networks_[static_cast<std::size_t>(rank)] = connect(rank); });
    }
    /// A fast way to a wrong sum is no measurement.
    void check(void (*sum)(Communicator&, Values), std::int64_t bytes) {
        const int n = static_cast<int>(networks_.size());
        onEveryRank(n, [&](int rank) {
            std::vector<float> values(static_cast<std::size_t>(bytes) / sizeof(float),
                                      static_cast<float>(rank + 1));
            sum(comm(rank), values);
            const auto expected = static_cast<float>(n * (n + 1) / 2);
            if (std::any_of(values.begin(), values.end(), [&](float value) { return value != expected; }))
                throw std::logic_error("it doesn't add up");
        });
    }
    /// Seconds of one all-reduce, from when all have begun to when the last has ended.
    double round(void (*sum)(Communicator&, Values), std::vector<std::vector<float>>& values,
                 int repetitions) {
        const int n = static_cast<int>(networks_.size());
        std::vector<Clock::time_point> began(networks_.size()), ended(networks_.size());
        onEveryRank(n, [&](int rank) {
            const auto index = static_cast<std::size_t>(rank);
            sum(comm(rank), values[index]);  // together, and with warm buffers
            barrier(comm(rank));
            began[index] = Clock::now();
            for (int i = 0; i < repetitions; ++i) sum(comm(rank), values[index]);
            ended[index] = Clock::now();
        });
        return secondsSince(*std::min_element(began.begin(), began.end()),
                            *std::max_element(ended.begin(), ended.end())) /
               repetitions;
    }

  private:
    Communicator& comm(int rank) {
        return networks_[static_cast<std::size_t>(rank)]->communicator(Lane::Compute);
    }
    std::vector<std::unique_ptr<RankNetwork>> networks_;
};

}  // namespace

boost::json::object benchAllReduceOverWs() {
    boost::json::array results;
    for (const int ranks : {2, 4}) {
        LoopbackWorld loopback(ranks);
        Contender ws(ranks, [&](int rank) { return loopback.connect(rank); });
        const GlooStore store;
        Contender gloo(ranks, [&](int rank) {
            return makeGlooNetwork({.storePort = store.port(), .rank = Rank{rank}, .worldSize = ranks},
                                   loopbackNow);
        });
        for (const std::int64_t bytes : kBytes) {
            std::fprintf(stderr, "%d ranks, %lld bytes …\n", ranks, static_cast<long long>(bytes));
            for (const Way& way : kWays) ws.check(way.sum, bytes);
            gloo.check(glooSum, bytes);
            std::vector<std::vector<float>> values(
                static_cast<std::size_t>(ranks),
                std::vector<float>(static_cast<std::size_t>(bytes) / sizeof(float)));
            const int repetitions = repetitionsOf(bytes);
            std::array<std::vector<double>, kWays.size()> own;
            std::vector<double> glooSeconds;
            for (int round = 0; round < kRounds; ++round) {  // in turns, so that all see the same machine
                glooSeconds.push_back(gloo.round(glooSum, values, repetitions));
                for (std::size_t i = 0; i < kWays.size(); ++i)
                    own[i].push_back(ws.round(kWays[i].sum, values, repetitions));
            }
            const double share = 2.0 * (ranks - 1) / ranks * static_cast<double>(bytes) / 1e9;
            const double gloosBest = median(glooSeconds);
            for (std::size_t i = 0; i < kWays.size(); ++i) {
                const double seconds = median(own[i]);
                results.push_back(boost::json::object{{"collective", kWays[i].name},
                                                      {"ranks", ranks},
                                                      {"bytes", bytes},
                                                      {"latency_us", seconds * 1e6},
                                                      {"gloo_latency_us", gloosBest * 1e6},
                                                      {"bus_gb_per_s", share / seconds},
                                                      {"gloo_bus_gb_per_s", share / gloosBest},
                                                      {"latency_to_gloo", seconds / gloosBest},
                                                      {"bandwidth_to_gloo", gloosBest / seconds}});
            }
        }
    }
    return {{"over", "ws"},
            {"cores", std::thread::hardware_concurrency()},
            {"rounds", kRounds},
            {"results", std::move(results)}};
}

std::string benchAllReduceOverWsText(const boost::json::object& r) {
    std::string text =
        "ranks       bytes  collective           ws µs     Gloo µs    ws GB/s  Gloo GB/s  bandwidth to "
        "Gloo\n";
    for (const auto& entry : r.at("results").as_array()) {
        const auto& o = entry.as_object();
        char line[160];
        std::snprintf(line, sizeof line, "%5lld %11lld  %-16s %11.1f %11.1f %10.3f %10.3f %18.2f\n",
                      static_cast<long long>(o.at("ranks").as_int64()),
                      static_cast<long long>(o.at("bytes").as_int64()),
                      o.at("collective").as_string().c_str(), o.at("latency_us").to_number<double>(),
                      o.at("gloo_latency_us").to_number<double>(), o.at("bus_gb_per_s").to_number<double>(),
                      o.at("gloo_bus_gb_per_s").to_number<double>(),
                      o.at("bandwidth_to_gloo").to_number<double>());
        text += line;
    }
    return text + "Ranks are threads of this process with sockets on loopback; medians of " +
           std::to_string(kRounds) +
           " rounds, in turns with Gloo's own all-reduce; bus GB/s is 2(N−1)/N·S/t.";
}

}  // namespace rondo::cli
