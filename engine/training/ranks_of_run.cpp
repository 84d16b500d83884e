#include "engine/training/ranks_of_run.h"

#include <algorithm>
#include <tuple>

#include "engine/run/consensus.h"

namespace rondo {

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

void addTraffic(RankFigures& figures, const Runtime& runtime, Rank rank) {
    for (const Lane lane : {Lane::Compute, Lane::Communication})
        for (const auto& [to, traffic] : runtime.meter(rank, lane).sentTo()) figures.sentTo[to] += traffic;
}

void addPhases(RankFigures& figures, const LaneRecorder& lane) {
    for (std::size_t p = 0; p < kPhases; ++p) figures.phaseSeconds[p] += lane.seconds()[p];
}

}  // namespace

RankFigures figuresOf(TorchWorker& worker, const Runtime& runtime) {
    worker.flush();
    const RankFigures& before = worker.before();
    RankFigures figures;
    figures.sentTo = before.sentTo;
    figures.firstStepBegan = worker.firstStepBegan();
    figures.lastStepEnded = worker.lastStepEnded();
    addPhases(figures, worker.computeLane());
    addPhases(figures, worker.communicationLane());
    addTraffic(figures, runtime, worker.rank());
    figures.faults = worker.faults();
    if (const Compressor* compressor = worker.compressor()) {
        figures.compression = compressor->tally();
        std::tie(figures.compressionErrorSum, figures.compressionSteps) = worker.compressionErrors();
    }
    if (const TorchStage* stage = worker.stage()) {
        figures.peakActivations = std::max(before.peakActivations, stage->peakActivations());
        figures.weightVersions = std::max(before.weightVersions, stage->weightVersions());
        figures.weightDelay = std::max(before.weightDelay, stage->weightDelay());
    }
    return figures;
}

RankFigures figuresOf(TorchServer& server) {
    server.lane().flush();
    return server.figures();
}

FiguresOfRanks figuresOf(const RanksOfRun& ranks, const Runtime& runtime) {
    FiguresOfRanks figures;
    for (const auto& worker : ranks.workers)
        figures.push_back(worker ? std::optional(figuresOf(*worker, runtime)) : std::nullopt);
    for (const auto& server : ranks.servers) {
        figures.push_back(server ? std::optional(figuresOf(*server)) : std::nullopt);
    }
    return figures;
}

}  // namespace rondo
