#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "app/cli/bench/bench.h"
#include "app/cli/bench/loopback_world.h"
#include "app/cli/bench/plain_tcp.h"

namespace rondo::cli {

namespace {

constexpr int kRounds = 9;
constexpr std::array<std::int64_t, 3> kBytes{64'000, 1'000'000, 8'000'000};
constexpr std::int64_t kPerRound = 200'000'000;

double streamOver(RankNetwork& from, RankNetwork& to, const std::vector<float>& message) {
    Communicator& sender = from.communicator(Lane::Compute);
    Communicator& receiver = to.communicator(Lane::Compute);
    return stream(
        kPerRound, static_cast<std::int64_t>(message.size() * sizeof(float)),
        [&] { send(sender, to.rank(), parcelOf(message, 1)); },
        [&] {
            receiver.receive(from.rank(), 1, [&](ReceivedBytes bytes) {
                if (bytes.size() != message.size() * sizeof(float)) throw std::logic_error("another size");
            });
        });
}

}  // namespace

boost::json::object benchStream() {
    const LoopbackWorld loopback(2);
    std::array<std::unique_ptr<RankNetwork>, 2> ranks;
    onEveryRank(2, [&](int rank) { ranks[static_cast<std::size_t>(rank)] = loopback.connect(rank); });
    PlainTcp tcp;
    boost::json::array results;
    for (const std::int64_t bytes : kBytes) {
        std::fprintf(stderr, "messages of %lld bytes …\n", static_cast<long long>(bytes));
        const std::vector<float> message(static_cast<std::size_t>(bytes) / sizeof(float), 1.0f);
        std::vector<float> received(message.size());
        std::vector<double> plain, unmasked, masked, unmaskedRatio, maskedRatio;
        for (int round = 0; round < kRounds; ++round) {
            plain.push_back(stream(
                kPerRound, bytes, [&] { tcp.send(message); }, [&] { tcp.receive(received); }));
            // Rank 1 has called rank 0: what it sends is masked.
            unmasked.push_back(streamOver(*ranks[0], *ranks[1], message));
            masked.push_back(streamOver(*ranks[1], *ranks[0], message));
            unmaskedRatio.push_back(unmasked.back() / plain.back());
            maskedRatio.push_back(masked.back() / plain.back());
        }
        results.push_back(boost::json::object{{"bytes", bytes},
                                              {"tcp_gb_per_s", median(plain)},
                                              {"unmasked_gb_per_s", median(unmasked)},
                                              {"masked_gb_per_s", median(masked)},
                                              {"unmasked_to_tcp", median(unmaskedRatio)},
                                              {"masked_to_tcp", median(maskedRatio)}});
    }
    return {
        {"cores", std::thread::hardware_concurrency()}, {"rounds", kRounds}, {"results", std::move(results)}};
}

std::string benchStreamText(const boost::json::object& r) {
    std::string text = "      bytes   TCP GB/s   unmasked     masked   to TCP: unmasked     masked\n";
    for (const auto& entry : r.at("results").as_array()) {
        const auto& o = entry.as_object();
        char line[160];
        std::snprintf(line, sizeof line, "%11lld %10.2f %10.2f %10.2f %18.2f %10.2f\n",
                      static_cast<long long>(o.at("bytes").as_int64()),
                      o.at("tcp_gb_per_s").to_number<double>(), o.at("unmasked_gb_per_s").to_number<double>(),
                      o.at("masked_gb_per_s").to_number<double>(),
                      o.at("unmasked_to_tcp").to_number<double>(), o.at("masked_to_tcp").to_number<double>());
        text += line;
    }
    return text + "One way on loopback, a rank's messages over its WebSocket against plain TCP; medians of " +
           std::to_string(kRounds) + " rounds, and of the ratios in each.";
}

}  // namespace rondo::cli
