#include "engine/training/ranks_of_run.h"

#include <algorithm>
#include <cmath>

#include "engine/run/consensus.h"
#include "engine/run/sha256.h"

namespace rondo {

double RanksOfRun::seconds(std::int64_t steps) const {
    if (steps == 0) return 0;
    Picoseconds begin = workers[0]->firstStepBegan(), end{0};
    for (const auto& worker : workers) {
        begin = std::min(begin, worker->firstStepBegan());
        end = std::max(end, worker->lastStepEnded());
    }
    return secondsOf(end - begin);
}

void collectWeights(RanksOfRun& ranks) {
    auto whole = ranks.workers[0]->weights().floats();
    for (const auto& server : ranks.servers) {
        const auto shard = server->weights().floats();
        std::copy(shard.begin(), shard.end(), whole.begin());
        whole = whole.subspan(shard.size());
    }
}

std::optional<double> collectMean(RanksOfRun& ranks) {
    ConsensusMeter meter(static_cast<int>(ranks.workers.size()));
    std::optional<Consensus> consensus;
    for (const auto& worker : ranks.workers) consensus = meter.add(0, worker->weights().floats());
    std::copy(consensus->mean.begin(), consensus->mean.end(), ranks.workers[0]->weights().floats().begin());
    return consensus->distance;
}

std::vector<float> collectParts(RanksOfRun& ranks, std::int64_t parameters) {
    std::vector<float> whole(static_cast<std::size_t>(parameters));
    for (const auto& worker : ranks.workers) worker->stage()->put(whole);
    return whole;
}

namespace {

void measureStages(Report& report, const RanksOfRun& ranks) {
    if (!cutsModel(report.spec)) return;
    StagesReport& stages = report.stages.emplace();
    for (const auto& worker : ranks.workers) {
        if (!worker) continue;
        TorchStage& stage = *worker->stage();
        // Replicas and ranks that share a layer have the same.
        if (stage.place().data > 0 || stage.place().tensor > 0) continue;
        stages.peakActivations.push_back(stage.peakActivations());
        stages.weightVersions.push_back(stage.weightVersions());
        stages.weightDelay.push_back(stage.weightDelay());
    }
}

void measureStaleness(Report& report, const RanksOfRun& ranks) {
    if (ranks.servers.empty()) return;
    auto& histogram = report.staleness.emplace();
    for (const auto& server : ranks.servers) {
        if (!server) continue;
        const auto& own = server->staleness();
        report.clockSpreadMax = std::max(report.clockSpreadMax, server->clockSpread());
        histogram.resize(std::max(histogram.size(), own.size()));
        for (std::size_t i = 0; i < own.size(); ++i) histogram[i] += own[i];
    }
}

void measureCompression(Report& report, const RanksOfRun& ranks) {
    if (std::holds_alternative<NoCompression>(report.spec.compression)) return;
    CompressionReport& compression = report.compression.emplace();
    double errors = 0;
    std::int64_t steps = 0;  // of all workers: not each makes as many
    for (const auto& worker : ranks.workers) {
        if (!worker || !worker->compressor()) continue;
        compression.denseBytes += worker->compressor()->tally().denseBytes;
        compression.encodedBytes += worker->compressor()->tally().encodedBytes;
        const auto [sum, count] = worker->compressionErrors();
        errors += sum;
        steps += count;
    }
    if (steps > 0 && !report.spec.weights.modelled) compression.error = errors / static_cast<double>(steps);
}

void addPhases(std::map<Phase, double>& phases, const LaneRecorder& lane) {
    for (int p = 0; p < kPhases; ++p)
        if (const double seconds = lane.seconds()[static_cast<std::size_t>(p)]; seconds > 0)
            phases[static_cast<Phase>(p)] += seconds;
}

void measurePhases(Report& report, const RanksOfRun& ranks) {
    for (const auto& worker : ranks.workers) {
        auto& phases = report.phases.emplace_back();
        if (!worker) continue;
        worker->flush();
        addPhases(phases, worker->computeLane());
        addPhases(phases, worker->communicationLane());
    }
    for (const auto& server : ranks.servers) {
        auto& phases = report.phases.emplace_back();
        if (!server) continue;
        server->lane().flush();
        addPhases(phases, server->lane());
    }
}

void measureTraffic(Report& report, const RanksOfRun& ranks, const Runtime& runtime) {
    const auto all = static_cast<int>(ranks.workers.size() + ranks.servers.size());
    for (int rank = 0; rank < all; ++rank) {
        std::map<Rank, LinkTraffic> sent;
        for (const Lane lane : {Lane::Compute, Lane::Communication})
            for (const auto& [to, traffic] : runtime.meter(Rank{rank}, lane).sentTo()) sent[to] += traffic;
        for (const auto& [to, traffic] : sent) report.links.push_back({Rank{rank}, to, traffic});
    }
}

}  // namespace

void measureInto(Report& report, const RanksOfRun& ranks, const Runtime& runtime) {
    measurePhases(report, ranks);
    measureTraffic(report, ranks, runtime);
    measureStaleness(report, ranks);
    measureCompression(report, ranks);
    measureStages(report, ranks);
    for (const auto& worker : ranks.workers)
        if (worker)
            report.faults.insert(report.faults.end(), worker->faults().begin(), worker->faults().end());
}

void measureWeights(Report& report, std::span<const float> weights, std::span<const float> initial) {
    report.weightsSha256 = sha256(std::as_bytes(weights));
    double norm = 0, moved = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        norm += static_cast<double>(weights[i]) * weights[i];
        const double change = static_cast<double>(weights[i]) - initial[i];
        moved += change * change;
    }
    report.weightsL2 = std::sqrt(norm);
    report.updateL2 = std::sqrt(moved);
}

}  // namespace rondo
