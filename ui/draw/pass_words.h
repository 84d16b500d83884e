#pragma once

#include <QString>

#include "ui/store/stage_history.h"

namespace rondo::ui {

/// "27.3 %".
QString bubbleText(double share);
/// "Forward of micro-batch 3, chunk 1"; just the phase of what has no micro-batch.
QString passName(const LaneSpan& span);
/// "waits 3.2 ms for the activations of micro-batch 3 from worker 1": the pass that a wait stands in front of
/// tells what it waits for.
QString waitWords(const SpanLane& lane, const LaneSpan& wait, int workers);
/// "Bubble 27.3 %, ideal 25.0 %".
QString bubbleWords(double measured, std::optional<double> ideal);
/// What the ideal schedule of a run is.
QString idealWords(const StageHistory& stages);
/// Of a stage as a whole: its place, bubble and memory.
QString stageSummary(const StageHistory& stages, const BubbleShares& bubbles, int rank);
/// "3 micro-batches", "1 micro-batch", "2.5 micro-batches".
QString activationsWords(double microBatches);

}  // namespace rondo::ui
