#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <thread>

#include "app/cli/bench/bench.h"
#include "app/cli/bench/ddp_peer.h"
#include "app/cli/event_stream.h"
#include "engine/training/blas.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

namespace {

constexpr int kRounds = 5;
class Nobody final : public EventSink {
  public:
    using EventSink::publish;
    bool wantsSamples() const override { return false; }
    void publish(std::span<Event>) override {}
};

double rateOf(const RunSpec& spec, const std::shared_ptr<const Dataset>& data, EventSink& sink) {
    RunControl control(static_cast<int>(spec.workers), false);
    const auto source = [&](const RunSpec&, const std::stop_token&) { return data; };
    return runTraining(spec, control, sink, {.source = source}).report.samplesPerSecond;
}

/// The ceiling: as many workers at the same time, none of which ever waits for another.
double independentRate(const BenchModel& model, int workers, std::int64_t steps,
                       const std::shared_ptr<const Dataset>& data) {
    std::vector<double> rates(static_cast<std::size_t>(workers));
    std::vector<std::thread> threads;
    for (auto& rate : rates)
        threads.emplace_back([&] {
            Nobody nobody;
            rate = rateOf(specOf(model, 1, steps), data, nobody);
        });
    for (auto& thread : threads) thread.join();
    double sum = 0;
    for (const double rate : rates) sum += rate;
    return sum;
}

/// The same run with its events packed and written as to a window.
double watchedRate(const RunSpec& spec, const std::shared_ptr<const Dataset>& data) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    double rate = 0;
    {
        EventStream stream(nowhere);
        rate = rateOf(spec, data, stream);
    }
    close(nowhere);
    return rate;
}

boost::json::object measure(const BenchModel& model, int workers, const std::shared_ptr<const Dataset>& data,
                            const std::string& script) {
    std::vector<double> rates, ratios, watchedRatios, peers, peerRatios;
    Nobody nobody;
    rateOf(specOf(model, workers, model.steps / 5), data, nobody);
    for (int round = 0; round < kRounds; ++round) {
        const std::int64_t steps = workers > 2 ? model.steps / 2 : model.steps;
        const double ceiling = independentRate(model, workers, steps, data);
        const RunSpec spec = specOf(model, workers, steps);
        // Unwatched, watched, watched, unwatched: a machine that grows slower meanwhile favours neither.
        const double rate = rateOf(spec, data, nobody);
        const double watched = watchedRate(spec, data) + watchedRate(spec, data);
        const double again = rateOf(spec, data, nobody);
        rates.push_back(rate);
        ratios.push_back(rate / ceiling);
        watchedRatios.push_back(watched / (rate + again));
        if (script.empty() || workers == 1) continue;
        const double peer = ddpRate(script, model, workers, std::max<std::int64_t>(steps / 4, 10));
        if (peer <= 0) continue;
        peers.push_back(peer);
        peerRatios.push_back(rate / peer);
    }
    boost::json::object result{{"model", model.name},
                               {"workers", workers},
                               {"batch", kBenchBatch},
                               {"samples_per_second", median(rates)},
                               {"ratio_to_independent", median(ratios)},
                               {"watched_ratio", median(watchedRatios)}};
    if (!peers.empty()) {
        result["ddp_gloo_samples_per_second"] = median(peers);
        result["ratio_to_ddp_gloo"] = median(peerRatios);
    }
    return result;
}

}  // namespace

boost::json::object benchTraining() {
    useOneTorchThread();
    const auto data = std::make_shared<const Dataset>(loadDataset(DigitsData{4096, 32}, 1, 2));
    const std::string script = ddpScript();
    boost::json::array results;
    for (const BenchModel& model : benchModels())
        for (const int workers : {1, 2, 4}) {
            std::fprintf(stderr, "%s, %d %s …\n", model.name, workers, workers == 1 ? "worker" : "workers");
            results.push_back(measure(model, workers, data, script));
        }
    return {{"cores", std::thread::hardware_concurrency()},
            {"openblas", blasInfo().openblas},
            {"rounds", kRounds},
            {"peer", ddpWords(script)},
            {"results", std::move(results)}};
}

std::string benchTrainingText(const boost::json::object& r) {
    std::string text = "model workers   samples/s   of independent   watched   of DDP/Gloo\n";
    for (const auto& entry : r.at("results").as_array()) {
        const auto& o = entry.as_object();
        char line[160], peer[32] = "-";
        if (const auto* ratio = o.if_contains("ratio_to_ddp_gloo"))
            std::snprintf(peer, sizeof peer, "%.2f", ratio->to_number<double>());
        std::snprintf(line, sizeof line, "%-5s %7lld %11.0f %16.3f %9.3f %13s\n",
                      o.at("model").as_string().c_str(), static_cast<long long>(o.at("workers").as_int64()),
                      o.at("samples_per_second").to_number<double>(),
                      o.at("ratio_to_independent").to_number<double>(),
                      o.at("watched_ratio").to_number<double>(), peer);
        text += line;
    }
    return text + "Medians of five; peer: " + std::string(r.at("peer").as_string());
}

}  // namespace rondo::cli
