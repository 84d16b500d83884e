#pragma once

#include <array>
#include <optional>
#include <span>

#include "ui/store/run_store.h"

namespace rondo::ui {

/// Place in `steps` of the step that was under way at a moment (the last one after the end); empty without
/// steps. O(log steps).
std::optional<std::size_t> stepIndexAt(std::span<const StepPoint> steps, double seconds);
/// Place of a step by its number, O(log steps).
std::optional<std::size_t> indexOfStep(std::span<const StepPoint> steps, int step);
/// Run seconds at which a step began: the end of the one before, 0 for the first of a run.
double beginOf(std::span<const StepPoint> steps, std::size_t index);
/// Seconds the step at `index` took.
double secondsOfStep(std::span<const StepPoint> steps, std::size_t index);

/// Steps of an epoch, from where the first one that is seen ends; before that what the settings say of the
/// data, else the steps there are. At least 1. O(log steps).
double stepsPerEpoch(const RunStore& store);

/// A lane of a rank; nullptr when it has no spans yet. O(log lanes).
const SpanLane* laneOf(const RunStore& store, int rank, Lane lane);

/// Share of each phase in the time of the spans that belong to one step; they sum to 1, or are all 0 when
/// there is no such span. Looks at the latest `kMostSpans` before `until` (ns) only.
struct PhaseShares {
    static constexpr std::size_t kMostSpans = 256;
    std::array<double, kPhases> of{};
    double total = 0;  ///< seconds
};
PhaseShares sharesOfStep(const SpanLane& lane, int step, std::int64_t until);

}  // namespace rondo::ui
