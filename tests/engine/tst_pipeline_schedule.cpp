// Schedules against published figures and closed forms, and what is said of impossible ones.
#include <QtTest>
#include <cmath>

#include "engine/algorithms/pipeline/play_schedule.h"

using namespace rondo;

namespace {

PipelineSchedule schedule(ScheduleKind kind, int stages, int microBatches, int chunks = 1) {
    return *makeSchedule(kind, stages, microBatches, chunks);
}
PlayedSchedule play(ScheduleKind kind, int stages, int microBatches, const PassTimes& times = {},
                    int chunks = 1) {
    return *playSchedule(schedule(kind, stages, microBatches, chunks), times);
}
double toFour(double value) {
    return std::round(value * 1e4) / 1e4;
}
constexpr std::array kAll{ScheduleKind::Vanilla,      ScheduleKind::GPipe,      ScheduleKind::OneFOneB,
                          ScheduleKind::ZbH1,         ScheduleKind::ZbH2,       ScheduleKind::PipeDream,
                          ScheduleKind::PipeDream2bw, ScheduleKind::Interleaved};

}  // namespace

class TestPipelineSchedule : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    // Qi et al. 2023, tables 5 and 9.
    void zeroBubblePaper_isReproducedToFourDecimals_data() {
        QTest::addColumn<int>("stages");
        QTest::addColumn<int>("microBatches");
        QTest::addColumn<QList<double>>("times");
        QTest::addColumn<QList<double>>("rates");
        const auto row = [](int p, int m, QList<double> times, QList<double> rates) {
            QTest::addRow("p=%d m=%d", p, m) << p << m << times << rates;
        };
        row(8, 24, {29.718, 29.444, 19.927, 0.527}, {0.2347, 0.1323, 0.0698});
        row(8, 32, {29.802, 29.428, 19.530, 0.577}, {0.1898, 0.1045, 0.0559});
        row(8, 64, {29.935, 29.621, 19.388, 0.535}, {0.1091, 0.0554, 0.0294});
        row(16, 48, {11.347, 11.248, 8.132, 0.377}, {0.2552, 0.1397, 0.0672});
        row(16, 64, {11.307, 11.254, 8.101, 0.379}, {0.2082, 0.1088, 0.0516});
        row(16, 128, {11.325, 11.308, 8.109, 0.378}, {0.1251, 0.0576, 0.0266});
    }
    void zeroBubblePaper_isReproducedToFourDecimals() {
        QFETCH(int, stages);
        QFETCH(int, microBatches);
        QFETCH(QList<double>, times);
        QFETCH(QList<double>, rates);
        const PassTimes t{times[0], times[1], times[2], times[3]};
        QCOMPARE(toFour(play(ScheduleKind::OneFOneB, stages, microBatches, t).bubbleRate), rates[0]);
        QCOMPARE(toFour(play(ScheduleKind::ZbH1, stages, microBatches, t).bubbleRate), rates[1]);
        QCOMPARE(toFour(play(ScheduleKind::ZbH2, stages, microBatches, t).bubbleRate), rates[2]);
    }

    void interleavedRates_areWithinTheirDistance() {
        const double eight =
            play(ScheduleKind::Interleaved, 8, 24, {29.718, 29.444, 19.927, 0.527}, 4).bubbleRate;
        const double sixteen =
            play(ScheduleKind::Interleaved, 16, 48, {11.347, 11.248, 8.132, 0.377}, 3).bubbleRate;
        QVERIFY2(std::abs(eight - 0.0808) < 0.004, qPrintable(QString::number(eight)));
        QVERIFY2(std::abs(sixteen - 0.1104) < 0.004, qPrintable(QString::number(sixteen)));
    }

    void unitCosts_areExact() {
        const auto costs = [](int p, int m) {
            return QList<double>{play(ScheduleKind::GPipe, p, m).cost,
                                 play(ScheduleKind::OneFOneB, p, m).cost, play(ScheduleKind::ZbH1, p, m).cost,
                                 play(ScheduleKind::ZbH2, p, m).cost};
        };
        QCOMPARE(costs(4, 8), (QList<double>{33, 33, 27, 24}));
        QCOMPARE(costs(8, 32), (QList<double>{117, 117, 103, 96}));
    }

    void gpipeAnd1f1bBubbles_areTheFormula() {
        for (const int k : {1, 2, 4, 8, 16})
            for (const int m : {1, 4, 8, 16, 32}) {
                const double expected = (k - 1.0) / (m + k - 1);
                QVERIFY(std::abs(play(ScheduleKind::GPipe, k, m).bubbleRate - expected) < 1e-12);
                if (m >= k)
                    QVERIFY(std::abs(play(ScheduleKind::OneFOneB, k, m).bubbleRate - expected) < 1e-12);
            }
        QCOMPARE(toFour(play(ScheduleKind::GPipe, 4, 4).bubbleRate), 0.4286);
        QCOMPARE(toFour(play(ScheduleKind::GPipe, 8, 32).bubbleRate), 0.1795);
    }

    void interleavedBubble_isAPartOfTheIdealTime() {
        // (p−1)/(v·m) of ideal time, when messages take none.
        for (const int v : {1, 2, 4}) {
            const PlayedSchedule played = play(ScheduleKind::Interleaved, 4, 8, {1, 1, 1, 0}, v);
            QVERIFY(std::abs((played.cost - 24) / 24 - 3.0 / (v * 8)) < 1e-12);
        }
    }

    void vanilla_usesOneStageAtATime() {
        const PlayedSchedule played = play(ScheduleKind::Vanilla, 4, 3);
        QCOMPARE(played.makespan, 4 * 3 * 3.0);
        QVERIFY(std::abs(played.bubbleRate - 0.75) < 1e-12);
    }

    void peakActivations_areAsPublished() {
        for (const int p : {1, 2, 4, 8})
            for (const int m : {p, 2 * p, 4 * p}) {
                const auto gpipe = schedule(ScheduleKind::GPipe, p, m).peakActivations();
                const auto one = schedule(ScheduleKind::OneFOneB, p, m).peakActivations();
                const auto h1 = schedule(ScheduleKind::ZbH1, p, m).peakActivations();
                const auto h2 = schedule(ScheduleKind::ZbH2, p, m).peakActivations();
                for (int s = 0; s < p; ++s) {
                    const auto i = static_cast<std::size_t>(s);
                    QCOMPARE(gpipe[i], static_cast<double>(m));
                    QCOMPARE(one[i], static_cast<double>(p - s));
                    QVERIFY(h1[i] <= p);
                    QVERIFY(h2[i] <= 2 * p - 1);
                }
            }
        QCOMPARE(schedule(ScheduleKind::ZbH2, 4, 16).peakActivations().front(), 7.0);
    }

    void everySchedule_isComplete_andReadsBackAsWritten() {
        for (const ScheduleKind kind : kAll) {
            const PipelineSchedule made = schedule(kind, 4, 8, kind == ScheduleKind::Interleaved ? 2 : 1);
            const auto read = parseSchedule(toText(made));
            QVERIFY2(read.ok(), read ? "" : read.error().c_str());
            QVERIFY(read->stages == made.stages);
            QCOMPARE(read->microBatches, 8);
            QCOMPARE(scheduleKindOf(nameOf(kind)), std::optional(kind));
        }
    }

    void largeSchedules_areMadeAndPlayed() {
        for (const ScheduleKind kind : kAll) {
            const int chunks = kind == ScheduleKind::Interleaved ? 4 : 1;
            const PlayedSchedule played = play(kind, 64, 1024, {1, 1, 1, 0.1}, chunks);
            std::size_t spans = 0;
            for (const auto& stage : played.stages) spans += stage.size();
            const std::size_t each = kind == ScheduleKind::ZbH1 || kind == ScheduleKind::ZbH2 ? 3 : 2;
            QCOMPARE(spans, each * 64 * 1024 * static_cast<std::size_t>(chunks));
        }
    }

    void impossibleNumbers_areNamed() {
        QCOMPARE(makeSchedule(ScheduleKind::GPipe, 0, 4).error(),
                 std::string("stages: 0, expected 1 or more"));
        QCOMPARE(makeSchedule(ScheduleKind::ZbH1, 4, 4, 2).error(),
                 std::string("chunks: 2, expected 1 with zb_h1"));
        QCOMPARE(
            makeSchedule(ScheduleKind::Interleaved, 4, 6, 2).error(),
            std::string("micro_batches: 6, expected a multiple of the 4 stages with interleaved, such as 4"));
        QCOMPARE(
            makeSchedule(ScheduleKind::Interleaved, 4, 2, 2).error(),
            std::string("micro_batches: 2, expected a multiple of the 4 stages with interleaved, such as 4"));
        QCOMPARE(makeSchedule(ScheduleKind::PipeDream2bw, 8, 6).error(),
                 std::string("micro_batches: 6, expected 7 or more with pipedream_2bw and 8 stages: a batch "
                             "begins with the weights of one update before"));
        QVERIFY(makeSchedule(ScheduleKind::PipeDream2bw, 8, 7).ok());
    }

    void handWrittenProblems_nameLineAndOperation_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("message");
        QTest::newRow("nothing") << "# nothing\n\n"
                                 << "schedule: no stage, expected a line for each, or \"/\" between stages";
        QTest::newRow("no operation")
            << "F0 X0"
            << "line 1, stage 0: X0, expected an operation such as F0, B0, W0, BW0 or F0.1";
        QTest::newRow("too large a number") << "F99999999999 BW0"
                                            << "line 1, stage 0: F99999999999, expected an operation";
        QTest::newRow("negative") << "F-1 BW0"
                                  << "line 1, stage 0: F-1, expected an operation";
        QTest::newRow("missing") << "F0 BW0\n\nF0 B0"
                                 << "line 3, stage 1: W0 is missing";
        QTest::newRow("twice") << "F0 F0 BW0"
                               << "line 1, stage 0: F0 twice, expected once";
        QTest::newRow("whole and part") << "F0 BW0 W0"
                                        << "line 1, stage 0: BW0 beside its parts, expected either";
        QTest::newRow("other micro-batches") << "F0 BW0\nF0 F1 BW0 BW1"
                                             << "line 1, stage 0: F1 is missing";
        QTest::newRow("between slashes") << "F0 BW0 / F0 W0"
                                         << "line 1, stage 1: B0 is missing";
    }
    void handWrittenProblems_nameLineAndOperation() {
        QFETCH(QString, text);
        QFETCH(QString, message);
        const auto read = parseSchedule(text.toStdString());
        QVERIFY(!read.ok());
        QVERIFY2(read.error().starts_with(message.toStdString()), read.error().c_str());
    }

    void handWrittenStages_standOnLinesOrBetweenSlashes() {
        const auto lines = parseSchedule("F0 F1 BW0 BW1  # first\n\nF0 BW0 F1 BW1\n");
        const auto slashes = parseSchedule("F0, F1, BW0, BW1 / F0 BW0 F1 BW1 /");
        QVERIFY(lines.ok() && slashes.ok());
        QCOMPARE(lines->stageCount(), 2);
        QVERIFY(lines->stages == slashes->stages);
    }

    void deadlock_namesTheFirstImpossibleOperation_andTheCircle() {
        const auto errorOf = [](const char* text) {
            const auto played = playSchedule(*parseSchedule(text), PassTimes{});
            return played ? std::string() : played.error();
        };
        QCOMPARE(
            errorOf("F0 BW0\nF0 W0 B0"),
            std::string("stage 1: W0 can never begin: it waits for B0 of stage 1, which comes after W0"));
        QCOMPARE(
            errorOf("F0 BW0 F1 BW1\nF1 BW1 F0 BW0"),
            std::string("stage 1: F1 can never begin: it waits for F1 of stage 0, which comes after BW0, "
                        "which waits for BW0 of stage 1, which comes after F1"));
        // Stage 0 is stuck as well, but it is stage 1's order that is wrong.
        QCOMPARE(
            errorOf("F0 BW0 / BW0 F0 / F0 BW0"),
            std::string("stage 1: BW0 can never begin: it waits for F0 of stage 1, which comes after BW0"));
        QCOMPARE(errorOf("F0 F1 BW1 BW0\nF0 BW0 F1 BW1"), std::string());
    }

    void anOperationNobodyDoes_isNamed() {
        PipelineSchedule made = schedule(ScheduleKind::GPipe, 2, 2);
        std::erase(made.stages[0], PipelineOp{Pass::Forward, 1});
        QCOMPARE(playSchedule(made, PassTimes{}).error(),
                 std::string("stage 1: F1 can never begin: it waits for F1 of stage 0, which is missing"));
    }

    // 98 % of the work in the last stage: the others wait nearly all the time.
    void unevenStages_takeEachItsOwnTime() {
        const PipelineSchedule made = schedule(ScheduleKind::GPipe, 3, 4);
        StageTimes times = StageTimes::even(3, 1, {1, 1, 1, 0.5});
        times.parts[2] = {98, 98, 98, 0};
        const PlayedSchedule played = *playSchedule(made, times);
        // Stage 0 is there from the first forward to the last backward; stage 2 never waits once it has
        // begun.
        QCOMPARE(played.cost, 1 + 0.5 + 1 + 0.5 + 4 * 294 + 0.5 + 2 + 0.5 + 2);
        QCOMPARE(played.busy, (std::vector<double>{12, 12, 4 * 294}));
        QCOMPARE(played.bubbleRate, (played.cost - 12) / played.cost);
    }

    void messages_takeAsLongAsTheirPartSays() {
        StageTimes times = StageTimes::even(3, 1, {1, 1, 1, 0});
        times.parts[0].message = 5;
        times.parts[1].message = 0.25;
        const PlayedSchedule played = *playSchedule(schedule(ScheduleKind::GPipe, 3, 1), times);
        QCOMPARE(played.stages[1][0].begin, 6.0);
        QCOMPARE(played.stages[2][0].begin, 7.25);
        QCOMPARE(played.makespan, 3 + 6 + 2 * 5.25);
    }

    void oneStage_sendsItselfNothing() {
        QCOMPARE(play(ScheduleKind::GPipe, 1, 4, {1, 1, 1, 9}).makespan, 12.0);
        QCOMPARE(play(ScheduleKind::Interleaved, 1, 4, {1, 1, 1, 9}, 2).makespan, 12.0);
    }

    void recompute_costsOneForwardAMicroBatch_andKeepsInputsOnly() {
        for (const ScheduleKind kind : kAll) {
            const int chunks = kind == ScheduleKind::Interleaved ? 2 : 1;
            const PipelineSchedule plain = schedule(kind, 4, 8, chunks);
            PipelineSchedule made = plain;
            made.recompute = true;
            const PlayedSchedule played = *playSchedule(made, PassTimes{});
            for (const double busy : played.busy) QCOMPARE(busy, 8 * 4.0);
            for (const auto& spans : played.stages)
                for (const PipelineSpan& span : spans) {
                    const bool backward =
                        span.op.pass == Pass::Backward || span.op.pass == Pass::BackwardInput;
                    QCOMPARE(span.recomputed, backward ? 1.0 / chunks : 0.0);
                }
            QCOMPARE(plain.peakInputs(), std::vector<int>(4, 0));
        }
        PipelineSchedule gpipe = schedule(ScheduleKind::GPipe, 4, 8);
        gpipe.recompute = true;
        QCOMPARE(gpipe.peakActivations(), std::vector<double>(4, 1));
        QCOMPARE(gpipe.peakInputs(), std::vector<int>(4, 8));
        QCOMPARE(playSchedule(gpipe, PassTimes{})->cost, (8 + 3) * 4.0);
        PipelineSchedule one = schedule(ScheduleKind::OneFOneB, 4, 8);
        one.recompute = true;
        QCOMPARE(one.peakActivations(), std::vector<double>(4, 1));
        QCOMPARE(one.peakInputs(), (std::vector<int>{4, 3, 2, 1}));
        // Where weight gradients wait, what they need waits with them.
        PipelineSchedule zero = schedule(ScheduleKind::ZbH1, 4, 8);
        zero.recompute = true;
        QCOMPARE(zero.peakActivations(), (std::vector<double>{1, 2, 3, 4}));
        QCOMPARE(zero.peakInputs(), (std::vector<int>{4, 3, 2, 1}));
    }

    void frozenParts_doForwardsOnly_andTheScheduleShortens() {
        for (const ScheduleKind kind : kAll) {
            const int chunks = kind == ScheduleKind::Interleaved ? 2 : 1;
            double before = playSchedule(schedule(kind, 4, 8, chunks), PassTimes{})->makespan;
            for (int frozen = 1; frozen < 4 * chunks; ++frozen) {
                const PipelineSchedule made = *makeSchedule(kind, 4, 8, chunks, frozen);
                std::array<int, 4> counts{};
                for (int stage = 0; stage < 4; ++stage)
                    for (const PipelineOp& op : made.stages[static_cast<std::size_t>(stage)]) {
                        const int part = made.partOf(op, stage);
                        ++counts[static_cast<std::size_t>(op.pass)];
                        QVERIFY(op.pass == Pass::Forward || part >= frozen);
                        QVERIFY(op.pass == Pass::Forward || op.pass == Pass::BackwardWeight || part > frozen);
                    }
                const int learning = 4 * chunks - frozen;
                QCOMPARE(counts[0], 8 * 4 * chunks);
                QCOMPARE(counts[1] + counts[3], 8 * (learning - 1));
                QCOMPARE(counts[2] + counts[3], 8 * learning);
                const auto played = playSchedule(made, PassTimes{});
                QVERIFY2(played.ok(), played ? "" : played.error().c_str());
                // Zero bubble: the last stage has nothing to wait for either way, until it is the only one.
                const bool full = kind == ScheduleKind::ZbH1 || kind == ScheduleKind::ZbH2;
                QVERIFY2(full && frozen < 3 ? played->makespan <= before : played->makespan < before,
                         nameOf(kind).data());
                before = played->makespan;
            }
        }
    }

    void frozenParts_keepNoActivations() {
        QCOMPARE(makeSchedule(ScheduleKind::OneFOneB, 4, 8, 1, 2)->peakActivations(),
                 (std::vector<double>{0, 0, 2, 1}));
        QCOMPARE(makeSchedule(ScheduleKind::GPipe, 3, 5, 1, 1)->peakActivations(),
                 (std::vector<double>{0, 5, 5}));
        PipelineSchedule again = *makeSchedule(ScheduleKind::OneFOneB, 4, 8, 1, 2);
        again.recompute = true;
        QCOMPARE(again.peakActivations(), (std::vector<double>{0, 0, 1, 1}));
        QCOMPARE(again.peakInputs(), (std::vector<int>{0, 0, 2, 1}));
    }

    void freezingAll_isNamed() {
        QCOMPARE(makeSchedule(ScheduleKind::GPipe, 4, 4, 1, 4).error(),
                 std::string("frozen: 4, expected 0 to 3: at least one of the 4 parts learns"));
    }
};

QTEST_APPLESS_MAIN(TestPipelineSchedule)
#include "tst_pipeline_schedule.moc"
