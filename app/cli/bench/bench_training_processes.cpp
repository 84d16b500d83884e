#include <cstdio>
#include <stdexcept>
#include <thread>

#include "app/cli/bench/bench.h"
#include "app/cli/bench/ddp_peer.h"
#include "app/cli/room/room.h"

namespace rondo::cli {

namespace {

constexpr int kWorkers = 2;
constexpr int kRounds = 7;

class Nobody final : public EventSink {
  public:
    using EventSink::publish;
    bool wantsSamples() const override { return false; }
    void publish(std::span<Event>) override {}
};

/// Two worker processes of this computer, and the runs they carry out one after the other: as the peer's,
/// their start isn't part of the rate.
class Processes {
  public:
    Processes() : room_(options(), nobody_) {
        room_.open();
        room_.dismiss();
        if (!room_.startLocal(kWorkers, {})) throw std::runtime_error("the workers did not join");
    }
    double samplesPerSecond(const BenchModel& model, std::int64_t steps) {
        RunSpec spec = specOf(model, kWorkers, steps);
        spec.runOn = RunOn::Processes;
        RunControl control(kWorkers, false);
        const TrainingResult result = room_.train(spec, control, run_++);
        if (result.report.status != RunState::Finished) throw std::runtime_error(result.report.error);
        return result.report.samplesPerSecond;
    }

  private:
    static Room::Options options() {
        Room::Options options;
        options.host.address = "127.0.0.1";
        return options;
    }
    Nobody nobody_;
    Room room_;
    std::uint32_t run_ = 0;
};

boost::json::object measure(Processes& processes, const BenchModel& model, const std::string& script) {
    processes.samplesPerSecond(model, model.steps / 5);
    std::vector<double> rates, peers, ratios;
    for (int round = 0; round < kRounds; ++round) {
        // The peer between two halves: a machine that grows slower meanwhile favours neither.
        double rate = processes.samplesPerSecond(model, model.steps);
        const double peer =
            script.empty() ? 0
                           : ddpRate(script, model, kWorkers, std::max<std::int64_t>(model.steps / 3, 10));
        rate = (rate + processes.samplesPerSecond(model, model.steps)) / 2;
        rates.push_back(rate);
        if (peer <= 0) continue;
        peers.push_back(peer);
        ratios.push_back(rate / peer);
    }
    boost::json::object result{{"model", model.name},
                               {"workers", kWorkers},
                               {"batch", kBenchBatch},
                               {"samples_per_second", median(rates)}};
    if (!peers.empty()) {
        result["ddp_gloo_samples_per_second"] = median(peers);
        result["ratio_to_ddp_gloo"] = median(ratios);
    }
    return result;
}

}  // namespace

boost::json::object benchTrainingOverProcesses() {
    const std::string script = ddpScript();
    Processes processes;
    boost::json::array results;
    for (const BenchModel& model : benchModels()) {
        std::fprintf(stderr, "%s, %d processes …\n", model.name, kWorkers);
        results.push_back(measure(processes, model, script));
    }
    return {{"over", "processes"},
            {"cores", std::thread::hardware_concurrency()},
            {"rounds", kRounds},
            {"peer", ddpWords(script)},
            {"results", std::move(results)}};
}

std::string benchTrainingOverProcessesText(const boost::json::object& r) {
    std::string text = "model processes   samples/s   DDP/Gloo's   of DDP/Gloo\n";
    for (const auto& entry : r.at("results").as_array()) {
        const auto& o = entry.as_object();
        char line[160], peer[64] = "           -             -";
        if (const auto* ratio = o.if_contains("ratio_to_ddp_gloo"))
            std::snprintf(peer, sizeof peer, "%12.0f %13.2f",
                          o.at("ddp_gloo_samples_per_second").to_number<double>(),
                          ratio->to_number<double>());
        std::snprintf(line, sizeof line, "%-5s %9lld %11.0f %s\n", o.at("model").as_string().c_str(),
                      static_cast<long long>(o.at("workers").as_int64()),
                      o.at("samples_per_second").to_number<double>(), peer);
        text += line;
    }
    return text + "Ring all-reduce over WebSockets on loopback, one process a worker; medians of " +
           std::to_string(kRounds) + " rounds in turns. Peer: " + std::string(r.at("peer").as_string());
}

}  // namespace rondo::cli
