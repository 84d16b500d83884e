#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "app/cli/bench/bench.h"
#include "app/cli/room/room.h"

namespace rondo::cli {

namespace {

constexpr int kWorkers = 40;
constexpr int kRounds = 2;

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

class Nobody final : public EventSink {
  public:
    using EventSink::publish;
    bool wantsSamples() const override { return false; }
    void publish(std::span<Event>) override {}
};

/// The limit: as many processes of this program, all at once, that load what it needs and end.
double secondsToStart(int count) {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    const auto begin = Clock::now();
    std::vector<pid_t> processes;
    for (int i = 0; i < count; ++i) {
        const pid_t process = ::fork();
        if (process < 0) throw std::runtime_error("this computer starts no more processes");
        if (process == 0) {
            if (!std::freopen("/dev/null", "w", stdout)) ::_exit(126);
            ::execl(program.c_str(), "rondo-trainer", "--version", nullptr);
            ::_exit(127);
        }
        processes.push_back(process);
    }
    bool well = true;
    for (const pid_t process : processes) {
        int status = 0;
        well = ::waitpid(process, &status, 0) == process && status == 0 && well;
    }
    if (!well) throw std::runtime_error("rondo-trainer does not start");
    return since(begin);
}

/// Memory that is a process's own, and its share of what it has with others; MB.
std::optional<double> megabytesOf(pid_t process) {
    std::ifstream rollup("/proc/" + std::to_string(process) + "/smaps_rollup");
    for (std::string line; std::getline(rollup, line);) {
        if (!line.starts_with("Pss:")) continue;
        double kilobytes = 0;
        std::istringstream(line.substr(4)) >> kilobytes;
        return kilobytes * 1024 / 1e6;
    }
    return std::nullopt;
}

struct Joined {
    double seconds = 0;
    std::vector<double> megabytes;  ///< of each worker
};

Joined join(int count) {
    Nobody nobody;
    Room::Options options;
    options.host.address = "127.0.0.1";
    Room room(std::move(options), nobody);
    room.open();
    room.dismiss();
    Joined joined;
    const auto begin = Clock::now();
    if (!room.startLocal(count, {})) throw std::runtime_error("the workers did not join");
    joined.seconds = since(begin);
    for (const pid_t process : room.localProcesses())
        if (const auto megabytes = megabytesOf(process)) joined.megabytes.push_back(*megabytes);
    return joined;
}

}  // namespace

boost::json::object benchJoin() {
    std::vector<double> starts, joins, ratios, megabytes;
    for (int round = 0; round < kRounds; ++round) {
        std::fprintf(stderr, "round %d of %d …\n", round + 1, kRounds);
        const double start = secondsToStart(kWorkers);
        const Joined joined = join(kWorkers);
        starts.push_back(start);
        joins.push_back(joined.seconds);
        ratios.push_back(joined.seconds / start);
        megabytes.insert(megabytes.end(), joined.megabytes.begin(), joined.megabytes.end());
    }
    return {{"workers", kWorkers},
            {"rounds", kRounds},
            {"seconds_until_ready", median(joins)},
            {"seconds_to_start_empty", median(starts)},
            {"ratio_to_start", median(ratios)},
            {"megabytes_per_worker", median(megabytes)}};
}

std::string benchJoinText(const boost::json::object& r) {
    char text[320];
    std::snprintf(
        text, sizeof text,
        "%lld workers joined and ready after %.2f s; as many that only load LibTorch and end: %.2f s; "
        "ratio %.2f\n%.0f MB a worker (its own and its share of what they have together)\n"
        "Medians of %lld.",
        static_cast<long long>(r.at("workers").as_int64()), r.at("seconds_until_ready").to_number<double>(),
        r.at("seconds_to_start_empty").to_number<double>(), r.at("ratio_to_start").to_number<double>(),
        r.at("megabytes_per_worker").to_number<double>(), static_cast<long long>(r.at("rounds").as_int64()));
    return text;
}

}  // namespace rondo::cli
