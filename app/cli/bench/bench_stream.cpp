#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "app/cli/bench/bench.h"
#include "app/cli/bench/loopback_world.h"

namespace rondo::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 9;
constexpr std::array<std::int64_t, 3> kBytes{64'000, 1'000'000, 8'000'000};
constexpr std::int64_t kPerRound = 200'000'000;

/// Two ends of a TCP connection on loopback.
class PlainTcp {
  public:
    PlainTcp() {
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ends_[0] = ::socket(AF_INET, SOCK_STREAM, 0);
        const bool listens = ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                             ::listen(listener, 1) == 0 &&
                             ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
        if (!listens || ::connect(ends_[0], reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            (ends_[1] = ::accept(listener, nullptr, nullptr)) < 0)
            throw std::runtime_error(std::string("no TCP on loopback: ") + std::strerror(errno));
        ::close(listener);
    }
    ~PlainTcp() {
        for (const int end : ends_) ::close(end);
    }
    void send(const std::vector<float>& message) {
        move(message.size() * sizeof(float), [&](std::size_t done, std::size_t left) {
            return ::send(ends_[0], reinterpret_cast<const char*>(message.data()) + done, left, MSG_NOSIGNAL);
        });
    }
    void receive(std::vector<float>& message) {
        move(message.size() * sizeof(float), [&](std::size_t done, std::size_t left) {
            return ::recv(ends_[1], reinterpret_cast<char*>(message.data()) + done, left, 0);
        });
    }

  private:
    template <class Move>
    static void move(std::size_t size, Move&& some) {
        for (std::size_t done = 0; done < size;) {
            const ssize_t moved = some(done, size - done);
            if (moved <= 0) throw std::runtime_error(std::string("TCP: ") + std::strerror(errno));
            done += static_cast<std::size_t>(moved);
        }
    }
    std::array<int, 2> ends_{-1, -1};
};

double gigabytesPerSecond(std::int64_t bytes, Clock::time_point begin) {
    return static_cast<double>(bytes) / 1e9 / std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Sends so many messages from one thread to the other, and waits until they are all there.
template <class Send, class Receive>
double stream(std::int64_t bytes, Send&& send, Receive&& receive) {
    const auto count = static_cast<int>(kPerRound / bytes);
    const auto begin = Clock::now();
    onEveryRank(2, [&](int end) {
        for (int i = 0; i < count; ++i)
            if (end == 0)
                send();
            else
                receive();
    });
    return gigabytesPerSecond(bytes * count, begin);
}

double streamOver(RankNetwork& from, RankNetwork& to, const std::vector<float>& message) {
    Communicator& sender = from.communicator(Lane::Compute);
    Communicator& receiver = to.communicator(Lane::Compute);
    return stream(
        static_cast<std::int64_t>(message.size() * sizeof(float)),
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
                bytes, [&] { tcp.send(message); }, [&] { tcp.receive(received); }));
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
