#include "ui/draw/pass_words.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/phase_words.h"
#include "ui/draw/rank_words.h"

namespace rondo::ui {

namespace {

// How far ahead of a wait its pass is looked for: between them lie a load or a sum at most.
constexpr int kAhead = 16;

QString tr(const char* words) {
    return QCoreApplication::translate("rondo", words);
}

const LaneSpan* passAfter(const SpanLane& lane, const LaneSpan& wait) {
    const auto spans = lane.spans();
    auto span = std::partition_point(spans.begin(), spans.end(),
                                     [&](const LaneSpan& one) { return one.begin < wait.end; });
    for (int left = kAhead; span != spans.end() && left > 0; ++span, --left)
        if (isPass(span->phase) && span->microBatch == wait.microBatch) return &*span;
    return nullptr;
}

}  // namespace

QString bubbleText(double share) {
    return QString::number(std::max(0.0, share) * 100, 'f', 1) + QStringLiteral(" %");
}

QString passName(const LaneSpan& span) {
    QString name = phaseName(span.phase, span.fused || span.phase != Phase::BackwardInput);
    if (span.microBatch != kNone) name = tr("%1 of micro-batch %2").arg(name).arg(span.microBatch);
    if (span.chunk != kNone) name += tr(", chunk %1").arg(span.chunk);
    return name;
}

QString waitWords(const SpanLane& lane, const LaneSpan& wait, int workers) {
    QString words = tr("waits %1").arg(durationText(wait.seconds()));
    const LaneSpan* pass = wait.microBatch != kNone ? passAfter(lane, wait) : nullptr;
    if (pass) {
        const QString what = pass->phase == Phase::Forward ? tr("activations") : tr("gradients");
        words += tr(" for the %1 of micro-batch %2").arg(what).arg(wait.microBatch);
    } else if (wait.microBatch != kNone) {
        words += tr(" for micro-batch %1").arg(wait.microBatch);
    } else if (wait.peer != kNone) {
        words += tr(" for a message");
    }
    if (wait.peer != kNone) words += tr(" from %1").arg(rankName(wait.peer, workers).toLower());
    return words;
}

QString bubbleWords(double measured, std::optional<double> ideal) {
    return ideal ? tr("Bubble %1, ideal %2").arg(bubbleText(measured), bubbleText(*ideal))
                 : tr("Bubble %1").arg(bubbleText(measured));
}

QString idealWords(const StageHistory& stages) {
    return stages.idealIsMeasured()
               ? tr("Ideal: the schedule with the mean passes measured in this run (the first step left "
                    "out), and no other waiting")
               : tr("Ideal: the schedule with the passes and messages of the cost model, and no other "
                    "waiting");
}

QString activationsWords(double microBatches) {
    const QString number = numberText(microBatches, microBatches == std::floor(microBatches) ? 1 : 0.01);
    return microBatches == 1 ? tr("1 micro-batch") : tr("%1 micro-batches").arg(number);
}

QString stageSummary(const StageHistory& stages, const BubbleShares& bubbles, int rank) {
    QString words = tr("Stage %1 of %2").arg(stages.stageOf(rank)).arg(stages.plan().mesh.pipeline);
    if (static_cast<std::size_t>(rank) < bubbles.ranks.size()) {
        const auto& own = bubbles.ranks[static_cast<std::size_t>(rank)];
        words += QLatin1Char('\n') + bubbleWords(own.measured, own.ideal) +
                 (bubbles.steps == 1 ? tr(" of the step in sight")
                                     : tr(" of %1 steps in sight").arg(bubbles.steps)) +
                 tr(", from its first pass to its last");
    }
    if (stages.plan().mesh.tensor > 1)
        words += tr("\nSums over ranks that share its layers count as bubble, as in the report");
    const StageMemory& memory = stages.memoryOf(rank);
    words += tr("\nKeeps the activations of %1 at most").arg(activationsWords(memory.share(memory.peak())));
    if (memory.hasVersions())
        words += memory.peak().versions == 1 ? tr(", one version of its weights")
                                             : tr(", %1 versions of its weights").arg(memory.peak().versions);
    return words;
}

}  // namespace rondo::ui
