// What may go wrong with one member of a coordinated run, and what it costs the others.
#include <QtTest>

#include "tests/support/coordinated.h"

using namespace rondo;
using namespace rondo::test;

namespace {

/// Calls it once, when the first evaluation is over.
void afterFirstMeeting(Coordinated& run, std::function<void()> work) {
    run.crew.onOrder = [done = std::make_shared<std::atomic<bool>>(false), work](MemberId,
                                                                                 const RankOrder& order) {
        if (std::holds_alternative<MeetingOver>(order) && !done->exchange(true)) work();
    };
}

}  // namespace

class TestWorldsOfARun : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void oneThatFails_orSaysWhatCantBe_isLostAlone_data() {
        QTest::addColumn<int>("word");
        QTest::addColumn<QString>("why");
        QTest::newRow("own failure") << 0 << "member 3: out of memory";
        QTest::newRow("a step out of turn") << 1 << "member 3 told of a step out of turn";
        QTest::newRow("a meeting after 2^40 steps") << 2 << "member 3 met the others after steps";
        QTest::newRow("steps left out") << 3 << "member 3 left out steps";
        QTest::newRow("left too late") << 4 << "member 3 left before a step out of turn";
        QTest::newRow("weights of another model") << 5 << "member 3: rank 2: 3 weights came";
    }
    void oneThatFails_orSaysWhatCantBe_isLostAlone() {
        QFETCH(int, word);
        QFETCH(QString, why);
        const std::vector<RankTold> words{
            RankFailed{std::nullopt, "out of memory", {}},
            StepTold{.step = Step{9999}, .samples = 1},
            AtMeeting{std::int64_t{1} << 40, {}},
            StepsSkipped{Step{1000}, Step{2000}},
            KilledByPlan{Step{5000}},
            AtMeeting{8, {1, 2, 3}},
        };
        Coordinated run(runOf(AllReduceAlgorithm{}));
        const MemberId victim = run.crew.workers()[2];
        afterFirstMeeting(run, [&] { run.inbox.post({victim, words[static_cast<std::size_t>(word)]}); });
        const Report report = run.train().report;
        QCOMPARE(QString::fromStdString(report.error), QString());
        QCOMPARE(report.status, RunState::Finished);
        QCOMPARE(report.steps, 24);
        QCOMPARE(run.sink.worlds.size(), std::size_t{2});
        QCOMPARE(run.sink.worlds[1].workers, 3);
        const QString told = QString::fromStdString(run.sink.worlds[1].why);
        QVERIFY2(told.contains(why), qPrintable(told));
    }
    void stepsThatWereNeverTold_areNotBelieved() {
        Coordinated run(runOf(AllReduceAlgorithm{}));
        const auto members = run.crew.workers();
        afterFirstMeeting(run, [&] { run.crew.kill(members[2]); });
        const auto strike = run.crew.onOrder;
        run.crew.onOrder = [&](MemberId member, const RankOrder& order) {
            strike(member, order);
            if (std::holds_alternative<EndWorld>(order) && member == members[1])
                run.inbox.post({member, StateTold{0, RankState{1'000'000, {}, {}}, {}}});
        };
        const Report report = run.train().report;
        QCOMPARE(QString::fromStdString(report.error), QString());
        QCOMPARE(report.steps, 24);
        QCOMPARE(run.sink.worlds[1].workers, 2);
        const QString told = QString::fromStdString(run.sink.worlds[1].why);
        QVERIFY2(told.contains("member 2 has made steps that it never told of"), qPrintable(told));
    }
    void serverThatFails_endsTheRun_withItsWords() {
        Coordinated run(runOf(ParameterServerAlgorithm{}));
        const MemberId server = run.crew.workers().back() + 1;
        afterFirstMeeting(run, [&] { run.inbox.post({server, RankFailed{std::nullopt, "no space", {}}}); });
        const Report report = run.train().report;
        QCOMPARE(report.status, RunState::Failed);
        QVERIFY2(report.error.find("no space") != std::string::npos, report.error.c_str());
    }
    void allFail_saysWhy() {
        Coordinated run(runOf(AllReduceAlgorithm{}));
        afterFirstMeeting(run, [&] {
            for (const MemberId member : run.crew.workers())
                run.inbox.post({member, RankFailed{std::nullopt, "no memory", {}}});
        });
        const Report report = run.train().report;
        QCOMPARE(report.status, RunState::Failed);
        QVERIFY2(report.error.find("member 4: no memory, and nobody is left") != std::string::npos,
                 report.error.c_str());
    }

    void failedRun_hasItsReport() {
        RunSpec spec = runOf(pipeline(ScheduleChoice::OneFOneB));
        spec.model = MlpModel{{31, 30, 29}};
        Coordinated run(spec);
        const MemberId victim = run.crew.workers()[2];
        afterFirstMeeting(run, [&] { run.crew.kill(victim); });
        const Report report = run.train().report;
        QCOMPARE(report.status, RunState::Failed);
        QVERIFY(report.steps >= 8);
        QVERIFY(report.seconds > 0);
        QCOMPARE(report.history.front().step, 8);
        QVERIFY(!report.links.empty());
        QVERIFY(report.history.front().testAccuracy.has_value());
    }

    // Lost as the others wait for it to be evaluated.
    void everyEvaluation_isMade_whoeverIsLost() {
        for (const AlgorithmSpec& algorithm :
             {AlgorithmSpec{AllReduceAlgorithm{}}, AlgorithmSpec{ParameterServerAlgorithm{}}})
            for (std::size_t victim = 0; victim < 4; ++victim) {
                Coordinated run(runOf(algorithm));
                const MemberId member = run.crew.workers()[victim];
                std::atomic<bool> struck = false;
                run.sink.onStep = [&](std::int32_t step) {
                    if (step == 7 && !struck.exchange(true)) run.crew.kill(member);
                };
                const Report report = run.train().report;
                QCOMPARE(QString::fromStdString(report.error), QString());
                QVERIFY(struck);
                QCOMPARE(run.sink.worlds.size(), std::size_t{2});
                QCOMPARE(report.history.size(), std::size_t{3});
                double before = 0;
                for (std::size_t i = 0; i < 3; ++i) {
                    QCOMPARE(report.history[i].step, std::int64_t(8 * (i + 1)));
                    QVERIFY(report.history[i].testAccuracy.has_value());
                    // Time goes on from world to world.
                    QVERIFY(report.history[i].seconds > before);
                    before = report.history[i].seconds;
                }
                QVERIFY(report.seconds >= before);
            }
    }

    void plannedFaults_followTheirMachines_andStrikeOnce() {
        RunSpec spec = runOf(AllReduceAlgorithm{});
        FaultSpec pause;
        pause.kind = FaultKind::Pause;
        pause.worker = 1;
        pause.atStep = 3;
        pause.forSeconds = 0.001;
        FaultSpec slow;
        slow.kind = FaultKind::Slow;
        slow.worker = 3;  // there is none in a world of three
        slow.atStep = 20;
        slow.factor = 1.5;
        spec.faults = {pause, slow};
        Coordinated run(spec);
        const MemberId victim = run.crew.workers()[2];
        afterFirstMeeting(run, [&] { run.crew.kill(victim); });
        const Report report = run.train().report;
        QCOMPARE(QString::fromStdString(report.error), QString());
        QCOMPARE(report.steps, 24);
        QCOMPARE(report.faults.size(), std::size_t{2});
        int pauses = 0;
        for (const FaultHappened& fault : report.faults) {
            if (fault.kind == FaultKind::Pause) ++pauses;
            if (fault.kind == FaultKind::Slow) QCOMPARE(fault.stamp.rank, Rank{2});
        }
        QCOMPARE(pauses, 1);
    }

    void asManyGoOn_asTheSettingsAllow() {
        RunSpec spec = runOf(AllReduceAlgorithm{.collective = Collective::Hierarchical});
        spec.cluster.groups.size = 2;
        Coordinated run(spec);
        const MemberId victim = run.crew.workers()[2];
        afterFirstMeeting(run, [&] { run.crew.kill(victim); });
        const Report report = run.train().report;
        QCOMPARE(QString::fromStdString(report.error), QString());
        QCOMPARE(report.steps, 24);
        QCOMPARE(run.sink.worlds[1].workers, 2);
        const QString told = QString::fromStdString(run.sink.worlds[1].why);
        QVERIFY2(told.contains("member 4 waits"), qPrintable(told));
    }
};

QTEST_MAIN(TestWorldsOfARun)
#include "tst_worlds_of_a_run.moc"
