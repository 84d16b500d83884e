#include <QtTest>
#include <cmath>

#include "engine/algorithms/pipeline/schedule_stream.h"
#include "tests/support/pipeline_run.h"
#include "ui/draw/pass_words.h"
#include "ui/draw/stage_levels.h"
#include "ui/store/lookup.h"
#include "ui/store/stage_history.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::PipelineRun;

namespace {

void rowsOf(std::initializer_list<ScheduleChoice> schedules) {
    QTest::addColumn<int>("schedule");
    for (const ScheduleChoice schedule : schedules)
        QTest::addRow("schedule=%d", static_cast<int>(schedule)) << static_cast<int>(schedule);
}

}  // namespace

class tst_stage_history : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void bubbles_areWhatTheScheduleSays_data() {
        rowsOf({ScheduleChoice::Vanilla, ScheduleChoice::GPipe, ScheduleChoice::OneFOneB,
                ScheduleChoice::Interleaved, ScheduleChoice::ZbH1});
    }
    void bubbles_areWhatTheScheduleSays() {
        QFETCH(int, schedule);
        PipelineRun run(static_cast<ScheduleChoice>(schedule));
        RunStore store;
        StageHistory stages(store);
        store.apply(run.all(6));
        stages.reset();
        QVERIFY(stages.any());
        const BubbleShares all = stages.bubbles(-1, 6 * run.length + 1);
        QCOMPARE(all.steps, 6);
        QVERIFY(std::abs(all.measured - run.played.bubbleRate) < 1e-9);
        QVERIFY(all.ideal && std::abs(*all.ideal - run.played.bubbleRate) < 1e-9);
        for (int rank = 0; rank < 4; ++rank) {
            const auto& list = run.played.stages[static_cast<std::size_t>(rank)];
            double busy = 0;
            for (const PipelineSpan& span : list) busy += span.end - span.begin;
            const double idle = 1 - busy / (list.back().end - list.front().begin);
            QVERIFY(std::abs(all.ranks[static_cast<std::size_t>(rank)].measured - idle) < 1e-9);
        }
        // Within one step it is that step's.
        QCOMPARE(stages.bubbles(run.length / 4, run.length / 2).steps, 1);
    }

    void idealSchedule_liesOnTheMeasuredSpansOfTypedInTimes_data() {
        rowsOf({ScheduleChoice::Vanilla, ScheduleChoice::GPipe, ScheduleChoice::OneFOneB,
                ScheduleChoice::Interleaved, ScheduleChoice::ZbH1});
    }
    void idealSchedule_liesOnTheMeasuredSpansOfTypedInTimes() {
        QFETCH(int, schedule);
        PipelineRun run(static_cast<ScheduleChoice>(schedule));
        RunStore store;
        StageHistory stages(store);
        store.apply(run.all(5));
        stages.reset();
        QVERIFY(stages.ideal() && !stages.idealIsMeasured());
        for (int rank = 0; rank < 4; ++rank) {
            std::size_t compared = 0;
            const auto begin = stages.beginOf(3, rank).value();
            const auto& ideal = stages.ideal()->step(3).stages[static_cast<std::size_t>(rank)].spans;
            for (const LaneSpan& span : laneOf(store, rank, Lane::Compute)->spans()) {
                if (span.step != 3 || !isPass(span.phase)) continue;
                QVERIFY(compared < ideal.size());
                const LaneSpan& should = ideal[compared++];
                QVERIFY(std::abs(should.begin + begin - span.begin) <= 1);
                QVERIFY(std::abs(should.end + begin - span.end) <= 1);
                QCOMPARE(should.phase, span.phase);
                QCOMPARE(should.fused, span.fused);
                QCOMPARE(should.microBatch, span.microBatch);
                QCOMPARE(should.chunk, span.chunk);
            }
            QCOMPARE(compared, ideal.size());
        }
    }

    void idealOfThreads_isPlayedWithTheMeanPassesThatWereMeasured() {
        PipelineRun run(ScheduleChoice::GPipe, 2, 2, false);
        auto events = run.start();
        // The first step is slow for once; then a forward takes 3, a backward 5 and 7.
        std::int64_t now = 0;
        for (int step = 0; step < 3; ++step) {
            const std::int64_t slow = step == 0 ? 10 : 1;
            for (int rank = 0; rank < 2; ++rank) {
                std::int64_t at = now;
                for (int i = 0; i < 4; ++i) {
                    Span span;
                    span.phase = i < 2 ? Phase::Forward : Phase::BackwardInput;
                    span.fused = i >= 2;
                    span.step = step;
                    span.microBatch = i % 2;
                    span.begin = Nanoseconds{at};
                    at += slow * 1'000'000 * (i < 2 ? 3 : i == 2 ? 5 : 7);
                    span.stamp = {1, Rank{rank}, 0, Nanoseconds{at}};
                    events.push_back(span);
                }
            }
            now += slow * 20'000'000;
            StepCompleted done;
            done.step = step;
            done.stamp.at = Nanoseconds{now};
            events.push_back(done);
        }
        RunStore store;
        StageHistory stages(store);
        store.apply(std::span(events).first(2));
        stages.reset();
        QVERIFY(stages.any() && stages.idealIsMeasured());
        QVERIFY(!stages.ideal());  // nothing is measured yet
        store.apply(std::span(events).subspan(2));
        stages.follow();
        QVERIFY(stages.ideal());
        const auto& step = stages.ideal()->step(2);
        QCOMPARE(step.stages[0].spans[0].end - step.stages[0].spans[0].begin, std::int64_t{3'000'000});
        QCOMPARE(step.stages[0].spans[2].end - step.stages[0].spans[2].begin, std::int64_t{6'000'000});
        // p stages, m micro-batches alike: (m + p − 1)(F + B).
        QCOMPARE(step.length, std::int64_t{3 * 9'000'000});
        QVERIFY(std::abs(step.bubble - 1.0 / 3) < 1e-9);
    }

    void idealOfAStream_hasItsFirstItsUsualAndItsLastSteps() {
        PipelineRun run(ScheduleChoice::PipeDream, 4, 4);
        run.spec.stop.steps = 40;
        RunStore store;
        StageHistory stages(store);
        store.apply(run.start());
        stages.reset();
        QVERIFY(stages.ideal());
        const IdealSchedule& ideal = *stages.ideal();
        QVERIFY(ideal.step(0).bubble > ideal.step(20).bubble + 0.05);
        QVERIFY(ideal.step(39).bubble > ideal.step(20).bubble + 0.05);
        QCOMPARE(ideal.step(20).bubble, ideal.step(25).bubble);
        for (const int step : {0, 1, 20, 38, 39, 100}) {
            std::size_t passes = 0;
            for (const auto& stage : ideal.step(step).stages) passes += stage.spans.size();
            QCOMPARE(passes, std::size_t{4 * 4 * 2});
        }
    }

    void peaks_areThoseOfTheSchedule_data() {
        rowsOf({ScheduleChoice::Vanilla, ScheduleChoice::GPipe, ScheduleChoice::OneFOneB,
                ScheduleChoice::Interleaved, ScheduleChoice::ZbH1, ScheduleChoice::ZbH2});
    }
    void peaks_areThoseOfTheSchedule() {
        QFETCH(int, schedule);
        for (const bool recompute : {false, true}) {
            PipelineRun run(static_cast<ScheduleChoice>(schedule), 4, 8, true, recompute);
            RunStore store;
            StageHistory stages(store);
            store.apply(run.all(3));
            stages.reset();
            const auto peaks = run.plan->schedule.peakActivations();
            for (int rank = 0; rank < 4; ++rank) {
                const StageMemory& memory = stages.memoryOf(rank);
                QCOMPARE(memory.share(memory.peak()), peaks[static_cast<std::size_t>(rank)]);
                QVERIFY(!memory.hasVersions());
            }
        }
    }

    void versions_areThoseOfTheSchedule_data() {
        rowsOf({ScheduleChoice::PipeDream, ScheduleChoice::PipeDream2bw});
    }
    void versions_areThoseOfTheSchedule() {
        QFETCH(int, schedule);
        PipelineRun run(static_cast<ScheduleChoice>(schedule), 4, 4);
        auto events = run.start();
        constexpr int steps = 5;
        const auto played = playSteps(run.plan->schedule, *run.times, steps);
        for (std::size_t stage = 0; stage < 4; ++stage) {
            for (const PipelineSpan& pass : played->whole.stages[stage]) {
                Span span;
                span.stamp = {1, Rank{static_cast<int>(stage)}, 0, Nanoseconds{PipelineRun::nsOf(pass.end)}};
                span.begin = Nanoseconds{PipelineRun::nsOf(pass.begin)};
                span.phase = pass.op.pass == Pass::Forward ? Phase::Forward : Phase::BackwardInput;
                span.fused = pass.op.pass == Pass::Backward;
                span.step = pass.op.microBatch / 4;
                span.microBatch = pass.op.microBatch % 4;
                events.push_back(span);
            }
        }
        RunStore store;
        StageHistory stages(store);
        store.apply(events);
        stages.reset();
        for (int rank = 0; rank < 4; ++rank) {
            const StageMemory& memory = stages.memoryOf(rank);
            QVERIFY(memory.hasVersions());
            QCOMPARE(memory.peak().versions, weightVersions(run.plan->schedule, rank, steps));
            QCOMPARE(memory.peak().activations, 4 - rank);
        }
    }

    void passWithSumsInIt_isOnePass() {
        // Forward and fused backward of two micro-batches, each in two pieces with a sum between them.
        SpanLane lane(0, Lane::Compute);
        std::int64_t now = 0;
        const auto add = [&](Phase phase, int microBatch, std::int64_t lasts) {
            LaneSpan span;
            span.begin = now;
            span.end = now += lasts;
            span.phase = phase;
            span.fused = phase == Phase::BackwardInput;
            span.step = 0;
            span.microBatch = static_cast<std::int16_t>(microBatch);
            lane.add(span);
        };
        for (const Phase phase : {Phase::Forward, Phase::BackwardInput}) {
            for (const int microBatch : {0, 1}) {
                add(phase, microBatch, 1'000'000'000);
                add(Phase::Synchronise, microBatch, 3'000'000'000);
                add(phase, microBatch, 2'000'000'000);
            }
        }
        StageLedger ledger;
        ledger.follow(lane);
        QCOMPARE(ledger.means(0).forward, 6.0);
        QCOMPARE(ledger.means(0).backward, 6.0);
        QCOMPARE(ledger.computingShare(), 0.5);
        QCOMPARE(ledger.steps().at(0).bubble(), 0.5);  // as the report counts
        StageMemory memory(StageMemory::Rules{});
        memory.follow(lane);
        QCOMPARE(memory.peak().activations, 2);
        memory.each(lane, 11, 12, [&](const LaneSpan&, const StageLevel&, const StageLevel& after) {
            QCOMPARE(after.activations, 0);
        });
    }

    void lostSpans_leaveNothingBehindInTheNextStep() {
        PipelineRun run;
        auto events = run.start();
        for (int step = 0; step < 4; ++step)
            for (const Event& event : run.step(step)) {
                const auto* span = std::get_if<Span>(&event);
                // Of the first step no backward is told.
                if (span && step == 0 && span->phase == Phase::BackwardInput) continue;
                events.push_back(event);
            }
        RunStore store;
        StageHistory stages(store);
        store.apply(events);
        stages.reset();
        const SpanLane& lane = *laneOf(store, 3, Lane::Compute);
        StageLevel last;
        stages.memoryOf(3).each(
            lane, lane.spans().size() - 1, lane.spans().size(),
            [&](const LaneSpan&, const StageLevel&, const StageLevel& after) { last = after; });
        QCOMPARE(last.activations, 0);
    }

    void levels_areTheSameHoweverTheyAreAskedFor() {
        PipelineRun run(ScheduleChoice::GPipe, 4, 8);
        RunStore store;
        StageHistory stages(store);
        store.apply(run.all(300));
        stages.reset();
        const SpanLane& lane = *laneOf(store, 0, Lane::Compute);
        const StageMemory& memory = stages.memoryOf(0);
        std::vector<int> all;
        memory.each(lane, 0, lane.spans().size(),
                    [&](const LaneSpan&, const StageLevel& during, const StageLevel&) {
                        all.push_back(during.activations);
                    });
        QCOMPARE(all.size(), lane.spans().size());
        for (std::size_t first = 0; first + 40 < all.size(); first += 37) {
            int most = 0;
            for (std::size_t i = first; i < first + 40; ++i) most = std::max(most, all[i]);
            QCOMPARE(memory.most(lane, first, first + 40).activations, most);
        }
        // Far out every cell has the peak of a step in it; close up the steps go up to it one by one.
        std::vector<LevelBox> boxes;
        levelBoxes(memory, lane, {0, store.duration()}, 60, boxes);
        int most = 0;
        for (const LevelBox& box : boxes) most = std::max(most, box.level.activations);
        QCOMPARE(most, 8);
        levelBoxes(memory, lane, {0, static_cast<double>(run.length) * 1e-9}, 2000, boxes);
        QCOMPARE(boxes.front().level.activations, 1);
        for (std::size_t i = 1; i < boxes.size(); ++i) {
            QVERIFY(boxes[i].left >= boxes[i - 1].right - 1e-6);
            QVERIFY(std::abs(boxes[i].level.activations - boxes[i - 1].level.activations) == 1);
        }
    }

    void forgottenSpans_takeTheirStepsWithThem() {
        PipelineRun run;
        RunStore store(nullptr, Remembered{.spans = 2000});
        StageHistory stages(store);
        store.apply(run.start());
        stages.reset();
        for (int step = 0; step < 200; ++step) {
            store.apply(run.step(step));
            stages.follow();
        }
        const auto& steps = stages.ledgerOf(0).steps();
        QVERIFY(!steps.empty() && steps.size() < 200);
        QCOMPARE(steps.back().step, 199);
        for (const StageStep& step : steps) {
            QVERIFY(std::abs(step.bubble() - steps.back().bubble()) < 1e-9);
            QCOMPARE(stages.ledgerOf(0).step(step.step)->begin, step.begin);
        }
        QVERIFY(!stages.ledgerOf(0).step(0));
    }

    void otherRuns_haveNoStages() {
        RunStore store;
        StageHistory stages(store);
        RunStarted started;
        started.spec = toText(RunSpec{});
        store.apply(std::vector<Event>{started});
        stages.reset();
        QVERIFY(!stages.any());
        QVERIFY(!stages.isStage(0));
        QCOMPARE(stages.bubbles(0, 100).steps, 0);
    }

    void wait_tellsWhatItWaitsForAndFromWhom() {
        PipelineRun run(ScheduleChoice::GPipe, 4, 4);
        RunStore store;
        store.apply(run.all(1));
        QStringList told;
        const SpanLane& lane = *laneOf(store, 1, Lane::Compute);
        for (const LaneSpan& span : lane.spans())
            if (span.phase == Phase::Wait) told << waitWords(lane, span, 4);
        QVERIFY(told.size() >= 2);
        QCOMPARE(told.front(),
                 QStringLiteral("waits 2.10\u00a0ms for the activations of micro-batch 0 from worker 0"));
        QVERIFY2(told[told.size() - 1].contains(QStringLiteral("for the gradients of micro-batch")) &&
                     told[told.size() - 1].endsWith(QStringLiteral("from worker 2")),
                 qPrintable(told.join(QLatin1Char('\n'))));
    }
};

QTEST_GUILESS_MAIN(tst_stage_history)
#include "tst_stage_history.moc"
