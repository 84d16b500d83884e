// What each algorithm makes of workers and links that go wrong.
#include <QtTest>

#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

RunSpec runWith(RunOn runOn, AlgorithmSpec algorithm, std::vector<FaultSpec> faults) {
    RunSpec spec = smallSpec(runOn, 4, 8);
    spec.data = DigitsData{320, 100};
    spec.algorithm = std::move(algorithm);
    spec.stop = {.steps = 20};
    spec.evaluateEvery = 0;
    spec.faults = std::move(faults);
    return spec;
}
FaultSpec at(FaultKind kind, std::int64_t worker, std::int64_t step, std::optional<double> seconds = {}) {
    FaultSpec fault;
    fault.kind = kind;
    fault.worker = worker;
    fault.atStep = step;
    fault.forSeconds = seconds;
    return fault;
}
FaultSpec link(FaultSpec fault, std::int64_t peer) {
    fault.peer = peer;
    return fault;
}
Report reportOf(RunOn runOn, const AlgorithmSpec& algorithm, std::vector<FaultSpec> faults) {
    return train(runWith(runOn, algorithm, std::move(faults))).report;
}

AlgorithmSpec pipeline(ScheduleChoice schedule) {
    PipelineAlgorithm pipeline;
    pipeline.stages.schedule = schedule;
    pipeline.stages.microBatches = 4;
    return pipeline;
}

void failsBecauseOf(const Report& report, const char* words) {
    QCOMPARE(report.status, RunState::Failed);
    QVERIFY2(report.error.find(words) != std::string::npos, report.error.c_str());
}

const AllReduceAlgorithm kRing{};
const ParameterServerAlgorithm kSync{}, kAsync{.mode = ServerMode::Async}, kStale{.mode = ServerMode::Stale},
    kBackup{.backup = 1};

}  // namespace

class TestFaults : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void pause_holdsUpWhoWaits_andChangesNoWeight() {
        const auto undisturbed = train(runWith(RunOn::Virtual, kRing, {}));
        const auto paused = train(runWith(RunOn::Virtual, kRing, {at(FaultKind::Pause, 2, 10, 1.5)}));
        QCOMPARE(paused.report.seconds - undisturbed.report.seconds, 1.5);
        QCOMPARE(paused.report.weightsSha256, undisturbed.report.weightsSha256);
        QCOMPARE(paused.report.faults.size(), std::size_t{1});
        QCOMPARE(paused.report.faults[0].stamp.rank, Rank{2});
        QCOMPARE(paused.report.faults[0].step, 10);
    }

    void pause_doesNotHoldUpAsync() {
        const auto seconds = [](std::vector<FaultSpec> faults) {
            RunSpec spec = runWith(RunOn::Virtual, kAsync, std::move(faults));
            spec.stop = {.seconds = 0.5};
            return train(spec).report;
        };
        const Report undisturbed = seconds({}), paused = seconds({at(FaultKind::Pause, 2, 10, 0.3)});
        QCOMPARE(undisturbed.status, RunState::Finished);
        QVERIFY(paused.steps >= undisturbed.steps);  // the others have the server for themselves meanwhile
        QVERIFY(paused.clockSpreadMax > undisturbed.clockSpreadMax);
    }

    void asyncRun_endsInTime_thoughWorker0IsAway() {
        const auto steps = [](std::vector<FaultSpec> faults) {
            RunSpec spec = runWith(RunOn::Virtual, kAsync, std::move(faults));
            spec.stop = {.seconds = 0.2};
            return train(spec).report.steps;
        };
        const std::int64_t undisturbed = steps({}), away = steps({at(FaultKind::Pause, 0, 2, 2.0)});
        QVERIFY2(away < 2 * undisturbed,
                 qPrintable(QString("%1 steps, %2 without").arg(away).arg(undisturbed)));
    }

    void killedWorkers_areAllNamed_whenTheOthersCantGoOn() {
        failsBecauseOf(
            reportOf(RunOn::Virtual, kBackup, {at(FaultKind::Kill, 2, 5), at(FaultKind::Kill, 3, 7)}),
            "worker 2 was killed before step 5, worker 3 was killed before step 7, and the others can't go "
            "on without them: ");
    }

    void killedWorker_isNotBlamedForWhatElseEndsARun() {
        RunSpec spec = runWith(RunOn::Virtual, kAsync, {at(FaultKind::Kill, 3, 2)});
        spec.cluster.times.forwardMs = 1e8;
        spec.stop = {.steps = 100};
        const Report report = train(spec).report;
        failsBecauseOf(report, "50 days");
        QVERIFY2(report.error.find("killed") == std::string::npos, report.error.c_str());
    }

    void slowWorker_takesItsTimesAsLong_untilItIsOver() {
        RunSpec spec = runWith(RunOn::Virtual, SingleAlgorithm{}, {});
        spec.workers = 1;
        spec.cluster.times = {.forwardMs = 1, .backwardInputMs = 1, .backwardWeightMs = 2};
        const double step = 0.004;
        QCOMPARE(train(spec).report.seconds, 20 * step);
        spec.faults = {at(FaultKind::Slow, 0, 10)};
        QCOMPARE(train(spec).report.seconds, 10 * step + 10 * 4 * step);
        spec.faults = {at(FaultKind::Slow, 0, 10, 2 * 4 * step)};
        QCOMPARE(train(spec).report.seconds, 18 * step + 2 * 4 * step);
    }

    void restart_losesTheStep_andDoesItAgain() {
        RunSpec spec = runWith(RunOn::Virtual, SingleAlgorithm{}, {});
        spec.workers = 1;
        spec.cluster.times = {.forwardMs = 1, .backwardInputMs = 1, .backwardWeightMs = 2};
        const auto undisturbed = train(spec);
        spec.faults = {at(FaultKind::Restart, 0, 10, 0.1)};
        const auto restarted = train(spec);
        QCOMPARE(restarted.report.seconds, undisturbed.report.seconds + 0.1 + 0.004);
        QCOMPARE(restarted.report.weightsSha256, undisturbed.report.weightsSha256);
    }

    void failedMapTask_isRunAgain() {
        for (const RunOn runOn : {RunOn::Virtual, RunOn::Threads}) {
            const auto undisturbed = train(runWith(runOn, MapReduceAlgorithm{}, {}));
            const auto restarted =
                train(runWith(runOn, MapReduceAlgorithm{}, {at(FaultKind::Restart, 3, 5, 0.01)}));
            compareRuns(restarted, undisturbed);
            QCOMPARE(restarted.report.faults.size(), std::size_t{1});
        }
    }

    void killedWorker_stopsWhoWaitsForIt_data() {
        QTest::addColumn<int>("algorithm");
        QTest::addColumn<bool>("isVirtual");
        for (int algorithm = 0; algorithm < 7; ++algorithm)
            for (const bool isVirtual : {true, false})
                QTest::addRow("algorithm %d, %s", algorithm, isVirtual ? "virtual" : "threads")
                    << algorithm << isVirtual;
    }
    void killedWorker_stopsWhoWaitsForIt() {
        QFETCH(int, algorithm);
        QFETCH(bool, isVirtual);
        const std::array<AlgorithmSpec, 7> waiting{kRing,
                                                   kSync,
                                                   kStale,
                                                   GossipAlgorithm{},
                                                   MapReduceAlgorithm{},
                                                   pipeline(ScheduleChoice::ZbH1),
                                                   pipeline(ScheduleChoice::PipeDream)};
        RunSpec spec = runWith(isVirtual ? RunOn::Virtual : RunOn::Threads,
                               waiting[static_cast<std::size_t>(algorithm)], {at(FaultKind::Kill, 2, 10)});
        spec.model = MlpModel{{31, 30, 29}};
        const Report report = train(spec).report;
        failsBecauseOf(report, "worker 2 was killed before step 10");
        // Of `stale` a worker may end as many more as it may be ahead of what has been applied.
        const auto* server = std::get_if<ParameterServerAlgorithm>(&spec.algorithm);
        const std::int64_t ahead = server && server->mode == ServerMode::Stale ? server->staleness : 0;
        QVERIFY2(report.steps <= 10 + ahead, qPrintable(QString::number(report.steps)));
    }

    void killedWorker_isNotMissed_byAsyncAndBackup_data() {
        QTest::addColumn<bool>("backup");
        QTest::addColumn<bool>("isVirtual");
        for (const bool backup : {true, false})
            for (const bool isVirtual : {true, false})
                QTest::addRow("%s, %s", backup ? "backup" : "async", isVirtual ? "virtual" : "threads")
                    << backup << isVirtual;
    }
    void killedWorker_isNotMissed_byAsyncAndBackup() {
        QFETCH(bool, backup);
        QFETCH(bool, isVirtual);
        const Report report = reportOf(isVirtual ? RunOn::Virtual : RunOn::Threads, backup ? kBackup : kAsync,
                                       {at(FaultKind::Kill, 2, 10)});
        QCOMPARE(report.status, RunState::Finished);
        QCOMPARE(report.steps, std::int64_t{20});
    }

    void killedBeyondTheBackups_isMissed() {
        failsBecauseOf(
            reportOf(RunOn::Virtual, kBackup, {at(FaultKind::Kill, 2, 10), at(FaultKind::Kill, 1, 12)}),
            "was killed before step");
    }

    void cutLink_holdsUpTheRing_untilItIsThereAgain() {
        const auto undisturbed = train(runWith(RunOn::Virtual, kRing, {}));
        const auto cut = train(runWith(RunOn::Virtual, kRing, {link(at(FaultKind::CutLink, 2, 10, 1.0), 3)}));
        QCOMPARE(cut.report.weightsSha256, undisturbed.report.weightsSha256);
        const double longer = cut.report.seconds - undisturbed.report.seconds;
        QVERIFY2(longer > 0.95 && longer <= 1.0, qPrintable(QString::number(longer)));
    }

    void linkCutForGood_isNamed_andToldEvenIfNobodyGetsToABorder() {
        FaultSpec cut = link(at(FaultKind::CutLink, 2, 0), 3);
        cut.atStep = {};
        cut.atSecond = 0.01;
        const Report report = reportOf(RunOn::Virtual, kRing, {cut});
        failsBecauseOf(report, "its link to rank 3, which is cut");
        QCOMPARE(report.faults.size(), std::size_t{1});
        QCOMPARE(report.faults[0].kind, FaultKind::CutLink);
        QCOMPARE(report.faults[0].peer, Rank{3});
    }

    void linkNobodyUses_mayBeCut() {
        const auto undisturbed = train(runWith(RunOn::Virtual, kRing, {}));
        const auto cut = train(runWith(RunOn::Virtual, kRing, {link(at(FaultKind::CutLink, 0, 0), 2)}));
        QCOMPARE(cut.report.seconds, undisturbed.report.seconds);
    }

    void sameFaults_sameRun() {
        const RunSpec spec = runWith(RunOn::Virtual, kAsync,
                                     {at(FaultKind::Slow, 1, 3, 0.05), at(FaultKind::Kill, 2, 10),
                                      at(FaultKind::Restart, 3, 7, 0.02)});
        const auto first = train(spec), second = train(spec);
        QCOMPARE(first.report.weightsSha256, second.report.weightsSha256);
        QCOMPARE(first.report.seconds, second.report.seconds);
    }

    void injectedFault_strikesTheRunUnderWay() {
        const RunSpec spec = runWith(RunOn::Virtual, kRing, {});
        RunControl control(4, true);
        class InjectAtStep final : public EventSink {
          public:
            explicit InjectAtStep(RunControl& control) : control_(control) {}
            using EventSink::publish;
            void publish(std::span<Event> events) override {
                for (const Event& event : events)
                    if (const auto* step = std::get_if<StepCompleted>(&event); step && step->step == 5)
                        control_.inject(at(FaultKind::Pause, 1, 0, 2.0));
            }

          private:
            RunControl& control_;
        } sink(control);
        const Report report = runTraining(spec, control, sink).report;
        QCOMPARE(report.faults.size(), std::size_t{1});
        QVERIFY(report.faults[0].step == 6 || report.faults[0].step == 7);
        QVERIFY(report.seconds > 2.0);
    }
};

QTEST_APPLESS_MAIN(TestFaults)
#include "tst_faults.moc"
