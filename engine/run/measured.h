#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/run/rank_figures.h"
#include "engine/run/report.h"

namespace rondo {

/// What each rank has measured, by rank: workers first, then servers. None for one that was never made.
using FiguresOfRanks = std::vector<std::optional<RankFigures>>;

/// From the first step's begin of all to the last one's end.
double secondsOfSteps(const FiguresOfRanks& workers);

/// Adds what a world of ranks has measured to the report: traffic, phases, staleness, compression, stages and
/// faults; also of a run that failed. The first `workers` train, the others serve. A run that went through
/// several worlds is measured once for each.
void measureInto(Report& report, const FiguresOfRanks& ranks, int workers);

/// Checksum and norms of the final weights, against those at the start.
void measureWeights(Report& report, std::span<const float> weights, std::span<const float> initial);

}  // namespace rondo
