// What is raced, and what has come of it at any moment.
#include <QtTest>

#include "engine/config/validate.h"
#include "ui/draw/schedule_words.h"
#include "ui/store/race.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

RaceSettings settings(std::vector<ScheduleChoice> racers, int stages = 4, int microBatches = 8) {
    RaceSettings made;
    made.racers = std::move(racers);
    made.stages = stages;
    made.microBatches = microBatches;
    return made;
}

std::vector<Racer> race(const RaceSettings& settings) {
    std::vector<Racer> racers;
    for (const ScheduleChoice choice : settings.racers) racers.push_back(Racer::of(choice, settings));
    return racers;
}

RunSpec pipelineSpec(int stages, int microBatches, int layers) {
    RunSpec spec;
    spec.workers = stages;
    spec.batch = 2 * microBatches;
    spec.model = MlpModel{std::vector<std::int64_t>(static_cast<std::size_t>(layers - 1), 16)};
    PipelineAlgorithm pipeline;
    pipeline.stages.microBatches = microBatches;
    spec.algorithm = pipeline;
    spec.stop.steps = 4;
    return spec;
}

}  // namespace

class tst_schedule_race : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void unitTimes_costWhatPapersSay_data() {
        QTest::addColumn<int>("choice");
        QTest::addColumn<int>("stages");
        QTest::addColumn<int>("microBatches");
        QTest::addColumn<double>("cost");
        const auto row = [](ScheduleChoice choice, int p, int m, double cost) {
            QTest::newRow(qPrintable(QStringLiteral("%1 p=%2 m=%3").arg(raceName(choice)).arg(p).arg(m)))
                << static_cast<int>(choice) << p << m << cost;
        };
        row(ScheduleChoice::GPipe, 4, 8, 33);
        row(ScheduleChoice::OneFOneB, 4, 8, 33);
        row(ScheduleChoice::ZbH1, 4, 8, 27);
        row(ScheduleChoice::ZbH2, 4, 8, 24);
        row(ScheduleChoice::GPipe, 8, 32, 117);
        row(ScheduleChoice::ZbH2, 8, 32, 96);
        row(ScheduleChoice::Vanilla, 4, 2, 24);
    }
    void unitTimes_costWhatPapersSay() {
        QFETCH(int, choice);
        QFETCH(int, stages);
        QFETCH(int, microBatches);
        QFETCH(double, cost);
        const Racer racer =
            Racer::of(static_cast<ScheduleChoice>(choice), settings({}, stages, microBatches));
        QVERIFY2(racer.ok(), qPrintable(racer.problem));
        const StageMoment end = racer.track.total(racer.track.end());
        QCOMPARE(end.busy + end.waited, cost * 1e-3);
        QCOMPARE(end.bubble(), racer.played.bubbleRate);
    }

    void endOfEveryStage_agreesWithTheSchedule_data() {
        QTest::addColumn<int>("choice");
        QTest::addColumn<bool>("recompute");
        for (int choice = 0; choice < static_cast<int>(ScheduleChoice::Hand); ++choice)
            for (const bool recompute : {false, true})
                QTest::newRow(qPrintable(raceName(static_cast<ScheduleChoice>(choice)) +
                                         (recompute ? " recompute" : "")))
                    << choice << recompute;
    }
    void endOfEveryStage_agreesWithTheSchedule() {
        QFETCH(int, choice);
        RaceSettings made = settings({}, 4, 12);
        QFETCH(bool, recompute);
        made.recompute = recompute;
        made.messageMs = 0.3;
        const Racer racer = Racer::of(static_cast<ScheduleChoice>(choice), made);
        QVERIFY2(racer.ok(), qPrintable(racer.problem));
        double busy = 0;
        for (int stage = 0; stage < 4; ++stage) {
            const StageMoment end = racer.track.at(stage, racer.track.end());
            QCOMPARE(end.peak, racer.schedule.peakActivations()[static_cast<std::size_t>(stage)]);
            QVERIFY(std::abs(end.held) < 1e-12);
            QVERIFY(end.over);
            QCOMPARE(end.busy, racer.played.busy[static_cast<std::size_t>(stage)] * 1e-3);
            busy += end.busy;
        }
        QCOMPARE(busy, 4 * 12 * (recompute ? 4 : 3) * 1e-3);
        QCOMPARE(racer.track.total(racer.track.end()).bubble(), racer.played.bubbleRate);
        QCOMPARE(racer.track.end(), racer.played.makespan * 1e-3);
    }

    void moments_ofAScheduleOnPaper() {
        // Stage 0: F0 F1 __ B0 __ B1 (backward takes 2), stage 1: __ F0 B0 F1 B1.
        RaceSettings made = settings({ScheduleChoice::Hand});
        made.order = "F0 F1 BW0 BW1\nF0 BW0 F1 BW1\n";
        const Racer racer = Racer::of(ScheduleChoice::Hand, made);
        QVERIFY2(racer.ok(), qPrintable(racer.problem));
        const auto at = [&](int stage, double ms) { return racer.track.at(stage, ms * 1e-3); };
        QCOMPARE(at(1, 0.5).busy, 0.0);
        QCOMPARE(at(1, 0.5).bubble(), 0.0);  // it has not begun: that is no bubble
        QCOMPARE(at(0, 1.5).busy, 1.5e-3);
        QCOMPARE(at(0, 1.5).held, 2.0);
        QCOMPARE(at(0, 3).waited, 1e-3);
        QCOMPARE(at(0, 3).bubble(), 1.0 / 3);
        QCOMPARE(at(1, 3.5).held, 1.0);
        QCOMPARE(at(0, 6).held, 1.0);  // B0 has ended
        QCOMPARE(at(0, 6).peak, 2.0);
        QVERIFY(!at(1, 6.9).over);
        QVERIFY(at(1, 7).over);
        QCOMPARE(at(1, 9).busy + at(1, 9).waited, 6e-3);  // nothing grows after its end
        QCOMPARE(racer.track.total(3.5e-3).held, 3.0);
        QCOMPARE(racer.track.total(9e-3).peak, 3.0);
        QCOMPARE(racer.track.end(), 9e-3);
    }

    void borders_goThroughEveryBeginAndEnd() {
        RaceSettings made = settings({});
        made.order = "F0 F1 BW0 BW1\nF0 BW0 F1 BW1\n";
        const RaceTrack track = Racer::of(ScheduleChoice::Hand, made).track;
        std::vector<double> met;
        for (double at = 0; at < track.end(); met.push_back(at)) at = track.border(at, false);
        const std::vector<double> expected{1e-3, 2e-3, 4e-3, 5e-3, 6e-3, 7e-3, 9e-3};
        QCOMPARE(met.size(), expected.size());
        for (std::size_t i = 0; i < met.size(); ++i) QCOMPARE(met[i], expected[i]);
        QCOMPARE(track.border(track.end(), false), track.end());
        QCOMPARE(track.border(4.5e-3, true), 4e-3);
        QCOMPARE(track.border(0, true), 0.0);
    }

    void messages_lengthenTheRace_notTheWork() {
        RaceSettings made = settings({}, 4, 8);
        const double without = Racer::of(ScheduleChoice::OneFOneB, made).track.end();
        made.messageMs = 0.5;
        const Racer racer = Racer::of(ScheduleChoice::OneFOneB, made);
        QVERIFY(racer.track.end() > without);
        QCOMPARE(racer.track.total(1).busy, 24e-3);
    }

    void whoEndsTogether_sharesAPlace() {
        const auto racers = race(settings({ScheduleChoice::GPipe, ScheduleChoice::ZbH1,
                                           ScheduleChoice::OneFOneB, ScheduleChoice::Vanilla}));
        QCOMPARE(placesOf(racers), (std::vector<int>{2, 1, 2, 4}));
        const QString words = finishWords(racers);
        QVERIFY2(words.startsWith("ZB-H1 is first, after 27"), qPrintable(words));
        QVERIFY2(words.contains("GPipe and 1F1B take 33"), qPrintable(words));
    }

    void impossibleNumbers_areSaidInWords() {
        const Racer racer = Racer::of(ScheduleChoice::Interleaved, settings({}, 4, 6));
        QVERIFY(!racer.ok());
        QVERIFY2(racer.problem.contains("6, expected a multiple of the 4 stages"), qPrintable(racer.problem));
        const auto racers = race(settings({ScheduleChoice::Interleaved, ScheduleChoice::GPipe}, 4, 6));
        QCOMPARE(placesOf(racers), (std::vector<int>{0, 1}));
    }

    void moreThanCanBeDrawn_isRefused() {
        RaceSettings made = settings({}, RaceSettings::kMostStages, RaceSettings::kMostMicroBatches);
        QVERIFY(Racer::of(ScheduleChoice::GPipe, made).ok());
        made.chunks = RaceSettings::kMostChunks;
        const Racer racer = Racer::of(ScheduleChoice::Interleaved, made);
        QVERIFY2(racer.problem.contains("1048576, expected at most 200000"), qPrintable(racer.problem));
    }

    void handWritten_namesWhatCanNeverBegin_data() {
        QTest::addColumn<QString>("order");
        QTest::addColumn<QString>("named");
        QTest::newRow("deadlock") << "F0 F1 BW0 BW1\nBW0 F0 F1 BW1"
                                  << "stage 1: BW0 can never begin";
        QTest::newRow("missing") << "F0 F1 BW0 BW1\nF0 BW0 F1"
                                 << "line 2, stage 1: B1 is missing";
        QTest::newRow("unknown") << "F0 X1"
                                 << "line 1, stage 0: X1";
        QTest::newRow("empty") << ""
                               << "no stage";
    }
    void handWritten_namesWhatCanNeverBegin() {
        QFETCH(QString, order);
        QFETCH(QString, named);
        RaceSettings made;
        made.order = order.toStdString();
        const Racer racer = Racer::of(ScheduleChoice::Hand, made);
        QVERIFY2(racer.problem.contains(named), qPrintable(racer.problem));
        QCOMPARE(finishWords({racer}), QStringLiteral("None of these schedules can go."));
    }

    void weights_areTheSameWhereTheoryHasIt() {
        const auto said = [](std::vector<ScheduleChoice> choices) {
            return weightsWords(race(settings(std::move(choices))));
        };
        QCOMPARE(said({ScheduleChoice::GPipe, ScheduleChoice::ZbH2}),
                 QStringLiteral("Same weights at the end: GPipe and ZB-H2."));
        QCOMPARE(said({ScheduleChoice::GPipe, ScheduleChoice::PipeDream}),
                 QStringLiteral("Other weights: PipeDream."));
        QCOMPARE(said({ScheduleChoice::PipeDream2bw, ScheduleChoice::OneFOneB, ScheduleChoice::Vanilla}),
                 QStringLiteral("Same weights at the end: 1F1B and Vanilla. Other weights: PipeDream-2BW."));
    }

    void tips_nameTheWorkAndWhomABubbleWaitsFor() {
        RaceSettings made;
        made.order = "F0 F1 BW0 BW1\nF0 BW0 F1 BW1\n";
        const Racer racer = Racer::of(ScheduleChoice::Hand, made);
        QVERIFY2(stageTip(racer, 0, 1.5e-3).contains("Forward of micro-batch 1"),
                 qPrintable(stageTip(racer, 0, 1.5e-3)));
        const QString bubble = stageTip(racer, 0, 3e-3);
        QVERIFY2(bubble.contains("for the gradient of micro-batch 0 from stage 1"), qPrintable(bubble));
        QCOMPARE(stageTip(racer, 1, 0.5e-3), QString());
        QCOMPARE(stageTip(racer, 1, 9.5e-3), QString());
        made.order = "F0 F1 BW0 BW1\nF0 F1 BW0 BW1\n";
        made.messageMs = 3;
        const Racer late = Racer::of(ScheduleChoice::Hand, made);
        made.messageMs = 0;
        made.forwardMs = 1;
        QVERIFY(stageTip(late, 0, 5e-3).contains("gradient of micro-batch 0 from stage 1"));
    }

    void theory_standsBesideWhatComesOfIt() {
        RaceSettings made = settings({}, 4, 8);
        const QString exact = theoryWords(Racer::of(ScheduleChoice::OneFOneB, made));
        QVERIFY2(exact.contains(QStringLiteral("Bubble (p − 1) / (m + p − 1) = 27.3\u00a0%\n")),
                 qPrintable(exact));
        QVERIFY2(exact.contains("= 33") && exact.contains("most 4"), qPrintable(exact));
        made.messageMs = 1;
        const QString late = theoryWords(Racer::of(ScheduleChoice::OneFOneB, made));
        QVERIFY2(late.contains(QStringLiteral("27.3\u00a0%; here ")), qPrintable(late));
        made.order = "F0 BW0";
        QVERIFY2(theoryWords(Racer::of(ScheduleChoice::Hand, made)).contains(QStringLiteral("Bubble 0.0")),
                 qPrintable(theoryWords(Racer::of(ScheduleChoice::Hand, made))));
        const QString versions = theoryWords(Racer::of(ScheduleChoice::PipeDream2bw, settings({}, 4, 8)));
        QVERIFY2(versions.contains("Versions of the weights"), qPrintable(versions));
    }

    void batches_followEachOther_andOnlyPipeDreamGains() {
        RaceSettings made = settings({}, 4, 8);
        made.batches = 3;
        const Racer flushes = Racer::of(ScheduleChoice::OneFOneB, made);
        const Racer streams = Racer::of(ScheduleChoice::PipeDream, made);
        QCOMPARE(flushes.track.end(), 3 * 33e-3);
        QCOMPARE(streams.track.end(), (3 * 8 + 3) * 3e-3);
        QCOMPARE(streams.track.total(1).bubble(), *streams.theory->bubbleOfTotal);
        for (const Racer& racer : {flushes, streams})
            QVERIFY2(!theoryWords(racer).contains("here"), qPrintable(theoryWords(racer)));
        QVERIFY2(finishWords({flushes}).startsWith("1F1B takes 99"), qPrintable(finishWords({flushes})));
        QVERIFY2(stageTip(flushes, 0, 33.5e-3).contains("micro-batch 0 of batch 1"),
                 qPrintable(stageTip(flushes, 0, 33.5e-3)));
    }

    void runSettings_giveTheirNumbers() {
        RunSpec spec = pipelineSpec(6, 12, 18);
        auto& stages = std::get<PipelineAlgorithm>(spec.algorithm).stages;
        stages.schedule = ScheduleChoice::Interleaved;
        stages.chunks = 3;
        stages.recompute = true;
        spec.cluster.times = {2.5, 1.5, 0.75, {}, 0.5};
        const RaceSettings made = RaceSettings{}.with(spec);
        QCOMPARE(made.stages, 6);
        QCOMPARE(made.microBatches, 12);
        QCOMPARE(made.chunks, 3);
        QVERIFY(made.recompute && made.run);
        QCOMPARE(made.forwardMs, 2.5);
        QCOMPARE(made.backwardInputMs, 1.5);
        QCOMPARE(made.backwardWeightMs, 0.75);
        QCOMPARE(made.messageMs, 0.5);
        HybridAlgorithm hybrid;
        hybrid.pipeline = 3;
        spec.workers = 12;
        spec.algorithm = hybrid;
        QCOMPARE(RaceSettings{}.with(spec).stages, 3);
        spec.algorithm = SingleAlgorithm{};
        QVERIFY(RaceSettings{}.with(spec) == RaceSettings{});
    }

    void unevenStages_takeTheirOwnTimes() {
        RunSpec spec = pipelineSpec(3, 6, 3);
        // Nearly all of the work is in the last stage.
        spec.model = MlpModel{{8, 8}};
        spec.cluster.link.latencyUs = 0;
        auto& stages = std::get<PipelineAlgorithm>(spec.algorithm).stages;
        stages.cut = CutBy::Hand;
        stages.cutAt = {1, 2};
        const RaceSettings made = RaceSettings{}.with(spec);
        const Racer racer = Racer::of(ScheduleChoice::GPipe, made);
        QVERIFY2(racer.ok(), qPrintable(racer.problem));
        const double end = racer.track.end();
        QVERIFY(racer.track.at(0, end).busy > 5 * racer.track.at(2, end).busy);
        QVERIFY2(theoryWords(racer).contains("; here "), qPrintable(theoryWords(racer)));
        RaceSettings even = made;
        even.run.reset();
        QVERIFY(Racer::of(ScheduleChoice::GPipe, even).track.end() < end);
    }

    void moreStagesThanLayers_isSaidInWords() {
        const RaceSettings made = RaceSettings{}.with(pipelineSpec(4, 4, 3));
        const Racer racer = Racer::of(ScheduleChoice::OneFOneB, made);
        QVERIFY2(racer.problem.contains("layers"), qPrintable(racer.problem));
    }

    void racers_runAsTheRunDoes_butForTheSchedule() {
        RunSpec spec = pipelineSpec(4, 8, 6);
        spec.runOn = RunOn::Threads;
        spec.seed = 7;
        const RaceSettings own = RaceSettings{}.with(spec);
        const RunSpec zero = raceSpec(spec, own, ScheduleChoice::ZbH1);
        QCOMPARE(zero.seed, spec.seed);
        QVERIFY(zero.runOn == RunOn::Virtual && zero.model == spec.model && zero.cluster == spec.cluster);
        QVERIFY(stagesOf(zero)->schedule == ScheduleChoice::ZbH1);
        QCOMPARE(zero.workers, 4);
        RaceSettings typed = settings({}, 2, 16);
        typed.forwardMs = 3;
        spec.algorithm = AllReduceAlgorithm{};
        const RunSpec other = raceSpec(spec, typed, ScheduleChoice::GPipe);
        QCOMPARE(other.workers, 2);
        QCOMPARE(stagesOf(other)->microBatches, 16);
        QCOMPARE(other.cluster.times.forwardMs, 3.0);
        typed.order = "F0 F1 BW0 BW1\nF0 BW0 F1 BW1\nF0 BW0 F1 BW1";
        const RunSpec hand = raceSpec(spec, typed, ScheduleChoice::Hand);
        QCOMPARE(hand.workers, 3);
        QCOMPARE(stagesOf(hand)->microBatches, 2);
        QCOMPARE(validate(hand).size(), std::size_t{0});
    }
};

QTEST_APPLESS_MAIN(tst_schedule_race)
#include "tst_schedule_race.moc"
