#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "app/cli/bench/bench.h"
#include "app/cli/bench/loopback_world.h"
#include "app/cli/bench/plain_tcp.h"
#include "engine/comm/in_pieces.h"

namespace rondo::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kClients = 8;
constexpr int kRounds = 5;
constexpr Rank kHost{0};
constexpr std::array<std::int64_t, 2> kBytes{400'000, 8'000'000};
constexpr std::int64_t kPerRound = 640'000'000;  ///< bytes of updates
constexpr Tag kUpdate = 1, kAnswer = 2;

/// What the host sends back when the updates of all clients are in.
enum class Answer { Word, Model };

/// By how many samples it has trained on; unlike each other's, so that a sum without weights would be wrong.
float weightOf(int client) {
    return static_cast<float>(client + 1) / (kClients * (kClients + 1) / 2);
}
float valueOf(int client) {
    return static_cast<float>(kClients - client);
}

/// One rank's part in so many exchanges.
class Participant {
  public:
    Participant(RankNetwork& network, std::int64_t bytes)
        : comm_(network.communicator(Lane::Compute)),
          values_(static_cast<std::size_t>(bytes) / sizeof(float), valueOf(comm_.rank().value - 1)),
          weighted_(comm_.rank() == kHost ? values_.size() : 0) {}

    void exchange(int times, Answer answer) {
        for (int i = 0; i < times; ++i)
            if (comm_.rank() == kHost)
                host(answer);
            else
                client(answer);
    }
    /// The host's: what a fast way to a wrong mean would get wrong.
    void check() const {
        float mean = 0;
        for (int client = 0; client < kClients; ++client) mean += weightOf(client) * valueOf(client);
        if (std::any_of(weighted_.begin(), weighted_.end(),
                        [&](float value) { return std::abs(value - mean) > 1e-5f; }))
            throw std::logic_error("the mean of the updates is wrong");
    }

  private:
    void client(Answer answer) {
        send(comm_, kHost, parcelOf(values_, kUpdate));
        if (answer == Answer::Model)
            receiveInPlace(comm_, kHost, kAnswer, std::as_writable_bytes(std::span(model_)));
        else
            comm_.receive(kHost, kAnswer, [](ReceivedBytes) {});
    }
    void host(Answer answer) {
        // In the clients' order, so that the sum is the same to the last bit whoever is first.
        for (int client = 0; client < kClients; ++client)
            receiveInPieces(comm_, Rank{client + 1}, kUpdate, [&](const Piece& piece) {
                if (piece.whole != weighted_.size() * sizeof(float))
                    throw std::logic_error("an update of another size");
                const float weight = weightOf(client);
                const auto* from = reinterpret_cast<const float*>(piece.bytes.data());
                float* into = weighted_.data() + piece.at / sizeof(float);
                const std::size_t count = piece.bytes.size() / sizeof(float);
                if (client == 0)
                    for (std::size_t i = 0; i < count; ++i) into[i] = weight * from[i];
                else
                    for (std::size_t i = 0; i < count; ++i) into[i] += weight * from[i];
            });
        std::vector<SendTicket> tickets;
        const Parcel word{.tag = kAnswer, .traffic = Traffic::Control};
        for (int client = 0; client < kClients; ++client)
            tickets.push_back(comm_.beginSend(Rank{client + 1},
                                              answer == Answer::Model ? parcelOf(weighted_, kAnswer) : word));
        for (const SendTicket ticket : tickets) comm_.finishSend(ticket);
    }

    Communicator& comm_;
    std::vector<float> values_, weighted_;
    std::vector<float> model_ = std::vector<float>(comm_.rank() == kHost ? 0 : values_.size());
};

/// Updates a second.
double rateOf(std::vector<std::unique_ptr<Participant>>& participants, std::int64_t bytes, Answer answer) {
    const int times = std::max(1, static_cast<int>(kPerRound / bytes / kClients));
    const auto begin = Clock::now();
    onEveryRank(kClients + 1,
                [&](int rank) { participants[static_cast<std::size_t>(rank)]->exchange(times, answer); });
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    participants.front()->check();
    return times * kClients / seconds;
}

}  // namespace

boost::json::object benchUpdates() {
    const LoopbackWorld loopback(kClients + 1);
    std::vector<std::unique_ptr<RankNetwork>> networks(kClients + 1);
    onEveryRank(kClients + 1,
                [&](int rank) { networks[static_cast<std::size_t>(rank)] = loopback.connect(rank); });
    PlainTcp tcp;
    boost::json::array results;
    for (const std::int64_t bytes : kBytes) {
        std::fprintf(stderr, "updates of %lld bytes …\n", static_cast<long long>(bytes));
        std::vector<std::unique_ptr<Participant>> participants;
        for (const auto& network : networks)
            participants.push_back(std::make_unique<Participant>(*network, bytes));
        const std::vector<float> message(static_cast<std::size_t>(bytes) / sizeof(float));
        std::vector<float> received(message.size());
        onEveryRank(kClients + 1, [&](int rank) {
            participants[static_cast<std::size_t>(rank)]->exchange(2, Answer::Model);
        });
        std::vector<double> updates, answered, plain, ratios;
        for (int round = 0; round < kRounds; ++round) {  // in turns, so that all see the same machine
            plain.push_back(stream(
                kPerRound, bytes, [&] { tcp.send(message); }, [&] { tcp.receive(received); }));
            updates.push_back(rateOf(participants, bytes, Answer::Word));
            answered.push_back(rateOf(participants, bytes, Answer::Model));
            ratios.push_back(updates.back() * static_cast<double>(bytes) / 1e9 / plain.back());
        }
        const double size = static_cast<double>(bytes) / 1e9;
        results.push_back(boost::json::object{{"bytes", bytes},
                                              {"clients", kClients},
                                              {"updates_per_second", median(updates)},
                                              {"gb_per_s", median(updates) * size},
                                              {"with_model_back_updates_per_second", median(answered)},
                                              {"with_model_back_gb_per_s", 2 * median(answered) * size},
                                              {"tcp_gb_per_s", median(plain)},
                                              {"ratio_to_tcp", median(ratios)}});
    }
    return {
        {"cores", std::thread::hardware_concurrency()}, {"rounds", kRounds}, {"results", std::move(results)}};
}

std::string benchUpdatesText(const boost::json::object& r) {
    std::string text =
        "      bytes   updates/s     GB/s   of plain TCP   with the model back: updates/s   GB/s both ways\n";
    for (const auto& entry : r.at("results").as_array()) {
        const auto& o = entry.as_object();
        char line[160];
        std::snprintf(line, sizeof line, "%11lld %11.0f %8.2f %14.2f %32.0f %16.2f\n",
                      static_cast<long long>(o.at("bytes").as_int64()),
                      o.at("updates_per_second").to_number<double>(), o.at("gb_per_s").to_number<double>(),
                      o.at("ratio_to_tcp").to_number<double>(),
                      o.at("with_model_back_updates_per_second").to_number<double>(),
                      o.at("with_model_back_gb_per_s").to_number<double>());
        text += line;
    }
    return text +
           "An update: a client's weights have come over its WebSocket and are in the weighted mean. " +
           std::to_string(kClients) +
           " clients send one each, and the next once the host has told all that the mean is done (or has "
           "sent it). Clients and host are threads of this process, each with sockets of its own on "
           "loopback; "
           "TCP: one stream. Medians of " +
           std::to_string(kRounds) + ".";
}

}  // namespace rondo::cli
