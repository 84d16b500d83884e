#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>

#include "app/cli/bench/bench.h"
#include "app/cli/room/room.h"
#include "net/membership/member.h"

namespace rondo::cli {

namespace {

constexpr int kViewers = 200;
constexpr int kWorkers = 1;  // where it, the host and the viewers have to share two cores
constexpr int kRounds = 5;

class Nobody final : public EventSink {
  public:
    using EventSink::publish;
    bool wantsSamples() const override { return false; }
    void publish(std::span<Event>) override {}
};

/// Viewers that take in whatever comes and look at none of it, on a thread of their own.
class Audience {
  public:
    Audience(const net::HostPlace& place, int count) {
        net::MemberOptions options;
        const auto url = net::readUrl("ws://127.0.0.1:" + std::to_string(place.port));
        if (!url) throw BadInput(url.problems());
        options.url = *url;
        options.code = place.code;
        options.role = net::Role::Viewer;
        for (int i = 0; i < count; ++i) {
            options.name = "viewer " + std::to_string(i);
            net::MemberHandlers handlers;
            handlers.joined = [this](const net::Welcome&) { ++joined_; };
            handlers.binaryMessage = [this](const net::FrameHeader&, std::span<const std::byte> body) {
                bytes_ += static_cast<std::int64_t>(body.size());
            };
            viewers_.push_back(std::make_unique<net::Member>(io_, options, handlers));
        }
        const auto due = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (joined_ < count) {
            if (std::chrono::steady_clock::now() > due) throw std::runtime_error("viewers can't join");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    std::int64_t bytes() const { return bytes_; }

  private:
    net::IoThread io_;
    std::atomic<int> joined_ = 0;
    std::atomic<std::int64_t> bytes_ = 0;
    std::vector<std::unique_ptr<net::Member>> viewers_;
};

RunSpec specOf(std::int64_t steps) {
    RunSpec spec;
    spec.name = "bench";
    spec.runOn = RunOn::Processes;
    spec.workers = kWorkers;
    spec.batch = 32;
    spec.model = MlpModel{{200, 200}};
    spec.data = DigitsData{4096, 32};
    spec.algorithm = SingleAlgorithm{};
    spec.stop.steps = steps;
    return spec;
}

}  // namespace

boost::json::object benchViewers() {
    Nobody nobody;
    Room::Options options;
    options.host.address = "127.0.0.1";
    options.viewers = true;
    Room room(std::move(options), nobody);
    const net::HostPlace place = room.open();
    room.dismiss();
    if (!room.startLocal(kWorkers, {})) throw std::runtime_error("the worker did not join");
    std::uint32_t run = 0;
    const auto secondsAStep = [&](std::int64_t steps) {
        RunControl control(kWorkers, false);
        const TrainingResult result = room.train(specOf(steps), control, run++);
        if (result.report.status != RunState::Finished) throw std::runtime_error(result.report.error);
        return result.report.seconds / static_cast<double>(result.report.steps);
    };
    constexpr std::int64_t kSteps = 1500;  // about half a second's worth
    secondsAStep(kSteps / 5);
    std::vector<double> alone, watched, ratios;
    std::int64_t bytes = 0;
    for (int round = 0; round < kRounds; ++round) {
        std::fprintf(stderr, "round %d of %d …\n", round + 1, kRounds);
        // Unwatched, watched, watched, unwatched: a machine that grows slower meanwhile favours neither.
        double without = secondsAStep(kSteps), with = 0;
        {
            const Audience audience(place, kViewers);
            with = (secondsAStep(kSteps) + secondsAStep(kSteps)) / 2;
            bytes += audience.bytes();
        }
        without = (without + secondsAStep(kSteps)) / 2;
        alone.push_back(without);
        watched.push_back(with);
        ratios.push_back(with / without);
    }
    return {{"viewers", kViewers},
            {"workers", kWorkers},
            {"cores", std::thread::hardware_concurrency()},
            {"rounds", kRounds},
            {"microseconds_a_step", 1e6 * median(alone)},
            {"microseconds_a_step_watched", 1e6 * median(watched)},
            {"ratio", median(ratios)},
            {"kilobytes_a_viewer_and_run", static_cast<double>(bytes) / 1e3 / kRounds / 2 / kViewers}};
}

std::string benchViewersText(const boost::json::object& r) {
    char text[320];
    std::snprintf(text, sizeof text,
                  "A step takes %.0f µs with %lld viewers, %.0f µs with none: ratio %.3f\n"
                  "Each viewer took in %.0f kB a run. Medians of %lld, on %lld cores.",
                  r.at("microseconds_a_step_watched").to_number<double>(),
                  static_cast<long long>(r.at("viewers").as_int64()),
                  r.at("microseconds_a_step").to_number<double>(), r.at("ratio").to_number<double>(),
                  r.at("kilobytes_a_viewer_and_run").to_number<double>(),
                  static_cast<long long>(r.at("rounds").as_int64()),
                  static_cast<long long>(r.at("cores").to_number<std::int64_t>()));
    return text;
}

}  // namespace rondo::cli
