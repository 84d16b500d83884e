#include "engine/run/measured.h"

#include <algorithm>
#include <cmath>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/run/sha256.h"

namespace rondo {

namespace {

void measureStages(Report& report, const FiguresOfRanks& ranks, std::size_t workers) {
    if (!cutsModel(report.spec)) return;
    StagesReport stages;
    if (report.stages) stages.bubbleFraction = report.stages->bubbleFraction;
    const MeshShape mesh = meshOf(report.spec);
    for (std::size_t rank = 0; rank < workers; ++rank) {
        const MeshPlace place = placeOf(mesh, Rank{static_cast<std::int32_t>(rank)});
        // Replicas and ranks that share a layer have the same.
        if (!ranks[rank] || place.data > 0 || place.tensor > 0) continue;
        stages.peakActivations.push_back(ranks[rank]->peakActivations);
        stages.weightVersions.push_back(ranks[rank]->weightVersions);
        stages.weightDelay.push_back(ranks[rank]->weightDelay);
    }
    report.stages = std::move(stages);
}

void measureStaleness(Report& report, const FiguresOfRanks& ranks, std::size_t workers) {
    if (serversOf(report.spec) == 0) return;
    if (!report.staleness) report.staleness.emplace();
    for (std::size_t rank = workers; rank < ranks.size(); ++rank) {
        if (!ranks[rank]) continue;
        const auto& own = ranks[rank]->staleness;
        report.clockSpreadMax = std::max(report.clockSpreadMax, ranks[rank]->clockSpread);
        report.staleness->resize(std::max(report.staleness->size(), own.size()));
        for (std::size_t i = 0; i < own.size(); ++i) (*report.staleness)[i] += own[i];
    }
}

void measureCompression(Report& report, const FiguresOfRanks& ranks) {
    if (std::holds_alternative<NoCompression>(report.spec.compression)) return;
    if (!report.compression) report.compression.emplace();
    double errors = 0;
    std::int64_t steps = 0;  // of all workers: not each makes as many
    for (const auto& rank : ranks) {
        if (!rank || !rank->compression) continue;
        report.compression->denseBytes += rank->compression->denseBytes;
        report.compression->encodedBytes += rank->compression->encodedBytes;
        errors += rank->compressionErrorSum;
        steps += rank->compressionSteps;
    }
    if (steps > 0 && !report.spec.weights.modelled)
        report.compression->error = errors / static_cast<double>(steps);
}

void measurePhases(Report& report, const FiguresOfRanks& ranks) {
    report.phases.resize(std::max(report.phases.size(), ranks.size()));
    for (std::size_t rank = 0; rank < ranks.size(); ++rank)
        for (std::size_t p = 0; ranks[rank] && p < kPhases; ++p)
            if (const double seconds = ranks[rank]->phaseSeconds[p]; seconds > 0)
                report.phases[rank][static_cast<Phase>(p)] += seconds;
}

void measureTraffic(Report& report, const FiguresOfRanks& ranks) {
    std::map<std::pair<Rank, Rank>, LinkTraffic> links;
    for (const LinkReport& link : report.links) links[{link.from, link.to}] = link.traffic;
    for (std::size_t rank = 0; rank < ranks.size(); ++rank)
        if (ranks[rank])
            for (const auto& [to, traffic] : ranks[rank]->sentTo)
                links[{Rank{static_cast<std::int32_t>(rank)}, to}] += traffic;
    report.links.clear();
    for (const auto& [ends, traffic] : links) report.links.push_back({ends.first, ends.second, traffic});
}

}  // namespace

double secondsOfSteps(const FiguresOfRanks& workers) {
    std::optional<Picoseconds> begin;
    Picoseconds end{0};
    for (const auto& worker : workers) {
        if (!worker || worker->lastStepEnded.count() == 0) continue;
        begin = std::min(begin.value_or(worker->firstStepBegan), worker->firstStepBegan);
        end = std::max(end, worker->lastStepEnded);
    }
    return begin ? secondsOf(end - *begin) : 0;
}

void measureInto(Report& report, const FiguresOfRanks& ranks, int workers) {
    const auto training = std::min(static_cast<std::size_t>(workers), ranks.size());
    measurePhases(report, ranks);
    measureTraffic(report, ranks);
    measureStaleness(report, ranks, training);
    measureCompression(report, ranks);
    measureStages(report, ranks, training);
    for (const auto& rank : ranks)
        if (rank) report.faults.insert(report.faults.end(), rank->faults.begin(), rank->faults.end());
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
