// Many batches one after the other: what each stage does when, which weights it uses, and what becomes of the
// bubble where one step meets the next.
#include <QtTest>
#include <map>
#include <set>

#include "engine/algorithms/pipeline/play_schedule.h"
#include "engine/algorithms/pipeline/schedule_stream.h"

using namespace rondo;

namespace {

constexpr std::array kFlushed{ScheduleKind::Vanilla,     ScheduleKind::GPipe, ScheduleKind::OneFOneB,
                              ScheduleKind::Interleaved, ScheduleKind::ZbH1,  ScheduleKind::ZbH2};
constexpr std::array kContinuous{ScheduleKind::PipeDream, ScheduleKind::PipeDream2bw};
constexpr PassTimes kPaper{29.718, 29.444, 19.927, 0.527};

int chunksOf(ScheduleKind kind) {
    return kind == ScheduleKind::Interleaved ? 2 : 1;
}
PipelineSchedule schedule(ScheduleKind kind, int stages, int microBatches) {
    return *makeSchedule(kind, stages, microBatches, chunksOf(kind));
}
std::vector<StreamOp> opsOf(const PipelineSchedule& made, int stage, std::int64_t batches) {
    StageStream stream(made, stage, batches);
    std::vector<StreamOp> ops;
    while (const auto op = stream.next()) ops.push_back(*op);
    return ops;
}
bool makesGradients(const StreamOp& op) {
    return op.op.pass == Pass::Backward || op.op.pass == Pass::BackwardWeight;
}

/// What a stage's weights go through when it does its stream: versions are the updates they have seen.
struct Simulated {
    std::int64_t updates = 0;
    std::size_t mostKept = 0;  ///< versions at a time: the latest and all that micro-batches under way use
    std::map<std::pair<std::int64_t, int>, std::int64_t> used;  ///< by batch and micro-batch
    bool possible = true;  ///< no micro-batch needed weights that weren't made yet or were gone
};

Simulated simulate(const PipelineSchedule& made, int stage, std::int64_t batches) {
    Simulated result;
    std::map<std::pair<std::int64_t, int>, std::int64_t> underWay;
    std::set<std::int64_t> buffer{0};  // what 2BW keeps: the latest and the one before
    for (const StreamOp& op : opsOf(made, stage, batches)) {
        const std::pair key{op.batch, static_cast<int>(op.op.microBatch)};
        if (op.op.pass == Pass::Forward) {
            // PipeDream takes the latest weights there are; 2BW those from before the last update.
            const std::int64_t version = made.weights == WeightUse::Buffered
                                             ? std::max<std::int64_t>(0, op.batch - 1)
                                             : result.updates;
            underWay[key] = result.used[key] = version;
            if (made.weights == WeightUse::Buffered && !buffer.contains(version)) result.possible = false;
        }
        if (makesGradients(op)) {
            if (made.weights == WeightUse::Buffered && !buffer.contains(underWay.at(key)))
                result.possible = false;
            underWay.erase(key);
        }
        if (op.thenUpdate) {
            buffer = {result.updates, result.updates + 1};
            ++result.updates;
        }
        std::set<std::int64_t> kept{result.updates};
        for (const auto& [micro, version] : underWay) kept.insert(version);
        result.mostKept = std::max(result.mostKept, kept.size());
    }
    return result;
}

}  // namespace

class TestPipelineSteps : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void flushedStream_isTheListAgainAndAgain_withAnUpdateEach() {
        for (const ScheduleKind kind : kFlushed) {
            const PipelineSchedule made = schedule(kind, 4, 8);
            for (int stage = 0; stage < 4; ++stage) {
                const auto& list = made.stages[static_cast<std::size_t>(stage)];
                const auto ops = opsOf(made, stage, 3);
                QCOMPARE(ops.size(), 3 * list.size());
                for (std::size_t i = 0; i < ops.size(); ++i) {
                    QVERIFY(ops[i].op == list[i % list.size()]);
                    QCOMPARE(ops[i].batch, static_cast<std::int64_t>(i / list.size()));
                    QCOMPARE(ops[i].thenUpdate, (i + 1) % list.size() == 0);
                }
            }
        }
    }

    void continuousStream_fillsOnce_alternates_andDrainsOnce() {
        for (const ScheduleKind kind : kContinuous) {
            const int p = 4, m = 5, batches = 3;
            const PipelineSchedule made = schedule(kind, p, m);
            for (int stage = 0; stage < p; ++stage) {
                QString passes;
                std::array<int, 2> next{};
                for (const StreamOp& op : opsOf(made, stage, batches)) {
                    const bool forward = op.op.pass == Pass::Forward;
                    QVERIFY(forward || op.op.pass == Pass::Backward);
                    passes += forward ? 'F' : 'B';
                    QCOMPARE(op.batch * m + op.op.microBatch, next[forward]++);
                }
                const int first = p - stage - 1;
                QCOMPARE(passes, QString('F').repeated(first) + QString("FB").repeated(m * batches - first) +
                                     QString('B').repeated(first));
            }
        }
    }

    void aRunShorterThanThePipeline_isWholeToo() {
        const PipelineSchedule made = schedule(ScheduleKind::PipeDream, 6, 1);
        QCOMPARE(opsOf(made, 0, 2).size(), std::size_t{4});
        QVERIFY(playSteps(made, StageTimes::even(6, 1, {}), 2).ok());
    }

    void pipeDream_keepsAsManyVersionsAsMicroBatchesUnderWay_andItsDelayIsTheirs() {
        for (const int p : {1, 2, 4, 8})
            for (const int m : {1, 4, 16}) {
                const PipelineSchedule made = schedule(ScheduleKind::PipeDream, p, m);
                const std::int64_t batches = 40 / m + 1;
                for (int stage = 0; stage < p; ++stage) {
                    const Simulated seen = simulate(made, stage, batches);
                    QCOMPARE(seen.updates, batches * m);
                    QCOMPARE(static_cast<int>(seen.mostKept), p - stage);
                    QCOMPARE(weightVersions(made, stage, batches), p - stage);
                    for (const auto& [key, version] : seen.used) {
                        const auto& [batch, micro] = key;
                        QCOMPARE(weightVersion(made, stage, batch, micro), version);
                        const std::int64_t number = batch * m + micro;
                        QCOMPARE(weightDelay(made, stage, batch, micro), number - version);
                        QCOMPARE(number - version, std::min<std::int64_t>(number, p - stage - 1));
                    }
                }
            }
    }

    void doubleBuffering_keepsTwoVersions_andItsDelayIsOne() {
        for (const int p : {1, 2, 4, 8})
            for (const int m : {std::max(1, p - 1), p, 2 * p + 1}) {
                const PipelineSchedule made = schedule(ScheduleKind::PipeDream2bw, p, m);
                for (int stage = 0; stage < p; ++stage) {
                    const Simulated seen = simulate(made, stage, 6);
                    QVERIFY(seen.possible);
                    QCOMPARE(seen.updates, 6);
                    QCOMPARE(seen.mostKept, std::size_t{2});
                    QCOMPARE(weightVersions(made, stage, 6), 2);
                    for (const auto& [key, version] : seen.used) {
                        QCOMPARE(weightVersion(made, stage, key.first, key.second), version);
                        QCOMPARE(weightDelay(made, stage, key.first, key.second), key.first == 0 ? 0 : 1);
                    }
                }
            }
    }

    // Why makeSchedule refuses fewer micro-batches: the weights a batch begins with would not be there.
    void doubleBuffering_needsNearlyAsManyMicroBatchesAsStages() {
        PipelineSchedule made = schedule(ScheduleKind::PipeDream2bw, 8, 7);
        made.microBatches = 6;
        QVERIFY(!simulate(made, 0, 6).possible);
        QVERIFY(simulate(made, 1, 6).possible);
    }

    void flushedSchedules_useTheLatestWeightsAlways() {
        for (const ScheduleKind kind : kFlushed) {
            const PipelineSchedule made = schedule(kind, 4, 8);
            for (int stage = 0; stage < 4; ++stage) {
                const Simulated seen = simulate(made, stage, 5);
                QCOMPARE(seen.updates, 5);
                QCOMPARE(seen.mostKept, std::size_t{1});
                QCOMPARE(weightVersions(made, stage, 5), 1);
                for (const auto& [key, version] : seen.used) {
                    QCOMPARE(version, key.first);
                    QCOMPARE(weightVersion(made, stage, key.first, key.second), version);
                    QCOMPARE(weightDelay(made, stage, key.first, key.second), 0);
                }
            }
        }
    }

    void frozenStages_neverUpdate() {
        for (const ScheduleKind kind : {ScheduleKind::OneFOneB, ScheduleKind::PipeDream}) {
            const PipelineSchedule made = *makeSchedule(kind, 4, 4, 1, 2);
            for (int stage = 0; stage < 4; ++stage) {
                const std::int64_t each = kind == ScheduleKind::PipeDream ? 4 : 1;
                QCOMPARE(simulate(made, stage, 3).updates, stage < 2 ? 0 : 3 * each);
                for (const StreamOp& op : opsOf(made, stage, 3)) {
                    QVERIFY(stage >= 2 || op.op.pass == Pass::Forward);
                    QVERIFY(stage != 2 || op.op.pass != Pass::Backward);
                }
            }
            QCOMPARE(weightVersions(made, 0, 3), 1);
            QCOMPARE(weightVersion(made, 0, 2, 3), 0);
            QVERIFY(playSteps(made, StageTimes::even(4, 1, {}), 3).ok());
        }
    }

    // What happens at step borders, where stages are alike: each step has the bubble of one step alone.
    void everyFlushedStep_hasTheBubbleOfOneAlone_whereStagesAreAlike() {
        for (const ScheduleKind kind : kFlushed)
            for (const auto& [p, m] : {std::pair{4, 8}, {8, 24}, {4, 4}, {3, 6}})
                for (const PassTimes& times : {PassTimes{}, kPaper, PassTimes{1, 1.6, 0.7, 0.3}}) {
                    const PipelineSchedule made = schedule(kind, p, m);
                    const double alone = playSchedule(made, times)->bubbleRate;
                    const auto played = playSteps(made, StageTimes::even(p, made.chunks, times), 5);
                    QCOMPARE(played->bubbles.size(), std::size_t{5});
                    for (const double bubble : played->bubbles) QVERIFY(std::abs(bubble - alone) < 1e-9);
                    QVERIFY(std::abs(played->meanBubble() - alone) < 1e-9);
                }
    }

    // The stages' skew, which a barrier would pay for each time, is paid for once in all.
    void zeroBubbleSteps_goOnWithoutARest() {
        const int p = 4, m = 8, steps = 6;
        const PipelineSchedule made = schedule(ScheduleKind::ZbH2, p, m);
        const PlayedSteps played = *playSteps(made, StageTimes::even(p, 1, {}), steps);
        for (const double bubble : played.bubbles) QVERIFY(std::abs(bubble) < 1e-12);
        for (int s = 0; s < p; ++s) {
            const auto& spans = played.whole.stages[static_cast<std::size_t>(s)];
            QCOMPARE(spans.front().begin, static_cast<double>(s));
            QCOMPARE(spans.back().end - spans.front().begin, steps * m * 3.0);
        }
        QCOMPARE(played.whole.makespan, steps * m * 3.0 + p - 1);
        QVERIFY(played.whole.makespan < steps * playSchedule(made, PassTimes{})->makespan);
        // 1F1B's first stage waits for the last backward of every step: nothing is won.
        const PipelineSchedule one = schedule(ScheduleKind::OneFOneB, p, m);
        QCOMPARE(playSteps(one, StageTimes::even(p, 1, {}), steps)->whole.makespan,
                 steps * playSchedule(one, PassTimes{})->makespan);
    }

    // A lead over a slow stage is used up after a step or two; then all wait for it, inside their steps.
    void zeroBubbleSteps_waitForASlowStage_fromTheSecondOn() {
        const PipelineSchedule made = schedule(ScheduleKind::ZbH2, 3, 6);
        StageTimes times = StageTimes::even(3, 1, {});
        times.parts[2] = {2, 2, 2, 0};
        const PlayedSteps played = *playSteps(made, times, 5);
        QVERIFY(played.bubbles.back() > playSchedule(made, times)->bubbleRate + 0.1);
        QVERIFY(std::abs(played.bubbles.back() - 0.5) < 1e-9);
    }

    void continuousRuns_waitOnlyToFillAndDrain() {
        for (const ScheduleKind kind : kContinuous) {
            const int p = 4, m = 8, steps = 6;
            const PlayedSteps played = *playSteps(schedule(kind, p, m), StageTimes::even(p, 1, {}), steps);
            for (int step = 1; step + 1 < steps; ++step)
                QVERIFY(std::abs(played.bubbles[static_cast<std::size_t>(step)]) < 1e-12);
            QCOMPARE(played.whole.cost, (steps * m + p - 1) * 3.0);
            QVERIFY(std::abs(played.whole.bubbleRate - (p - 1.0) / (steps * m + p - 1)) < 1e-12);
            // One batch alone has to fill and drain, as 1F1B does each time.
            QCOMPARE(playSteps(schedule(kind, p, m), StageTimes::even(p, 1, {}), 1)->bubbles.front(),
                     playSchedule(schedule(ScheduleKind::OneFOneB, p, m), PassTimes{})->bubbleRate);
        }
    }

    void anUpdate_keepsItsStageFromGoingOn_butIsNoPartOfAStep() {
        const PipelineSchedule made = schedule(ScheduleKind::GPipe, 2, 2);
        StageTimes times = StageTimes::even(2, 1, {});
        times.updates = {5, 1};
        const PlayedSteps played = *playSteps(made, times, 2);
        const auto& spans = played.whole.stages[0];
        QCOMPARE(spans[4].begin, spans[3].end + 5);
        QVERIFY(std::abs(played.bubbles[0] - 1.0 / 3) < 1e-12);
        // PipeDream updates after every micro-batch.
        const PlayedSteps stashed =
            *playSteps(schedule(ScheduleKind::PipeDream, 1, 2), {{PassTimes{}}, {5}}, 2);
        QCOMPARE(stashed.whole.makespan, 4 * 3 + 3 * 5.0);
    }

    void recompute_isRepeatedInEveryStep() {
        PipelineSchedule made = schedule(ScheduleKind::OneFOneB, 4, 8);
        made.recompute = true;
        const PlayedSteps played = *playSteps(made, StageTimes::even(4, 1, {}), 3);
        for (const double busy : played.whole.busy) QCOMPARE(busy, 3 * 8 * 4.0);
    }
};

QTEST_APPLESS_MAIN(TestPipelineSteps)
#include "tst_pipeline_steps.moc"
