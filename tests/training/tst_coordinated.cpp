// Ranks elsewhere, coordinated by messages: the same runs as on threads, and what becomes of those that lose
// or gain members on their way.
#include <QtTest>

#include "tests/support/coordinated.h"
#include "tests/support/plain_loop.h"

using namespace rondo;
using namespace rondo::test;

namespace {

struct Choice {
    const char* name;
    AlgorithmSpec algorithm;
    std::int64_t workers = 4;
};
const std::vector<Choice>& inLockStep() {
    static const std::vector<Choice> choices{
        {"single", SingleAlgorithm{}, 1},
        {"ring", AllReduceAlgorithm{}},
        {"ring of three", AllReduceAlgorithm{}, 3},
        {"tree", AllReduceAlgorithm{.collective = Collective::Tree}},
        {"server", ParameterServerAlgorithm{}},
        {"two servers", ParameterServerAlgorithm{.servers = 2}},
        {"gossip", GossipAlgorithm{}},
        {"map-reduce", MapReduceAlgorithm{}},
        {"1f1b", pipeline(ScheduleChoice::OneFOneB)},
        {"zb_h1", pipeline(ScheduleChoice::ZbH1)},
        {"pipedream", pipeline(ScheduleChoice::PipeDream)},
        {"hybrid", HybridAlgorithm{.data = 2, .pipeline = 2, .tensor = 1}},
    };
    return choices;
}

}  // namespace

class TestCoordinated : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sameRun_asOnThreads_data() {
        QTest::addColumn<int>("choice");
        for (std::size_t i = 0; i < inLockStep().size(); ++i)
            QTest::newRow(inLockStep()[i].name) << static_cast<int>(i);
    }
    void sameRun_asOnThreads() {
        QFETCH(int, choice);
        const Choice& chosen = inLockStep()[static_cast<std::size_t>(choice)];
        RunSpec spec = runOf(chosen.algorithm, chosen.workers);
        if (cutsModel(spec)) spec.model = MlpModel{{31, 30, 29}};
        Coordinated elsewhere(spec);
        const TrainingResult result = elsewhere.train();
        QCOMPARE(QString::fromStdString(result.report.error), QString());
        spec.runOn = RunOn::Threads;
        const TrainingResult threads = train(spec);
        QCOMPARE(result.report.status, RunState::Finished);
        QCOMPARE(result.report.steps, threads.report.steps);
        QVERIFY(*result.report.updateL2 > 0.01);
        QCOMPARE(result.report.weightsSha256, threads.report.weightsSha256);
        QCOMPARE(result.report.history.size(), threads.report.history.size());
        for (std::size_t i = 0; i < result.report.history.size(); ++i) {
            const HistoryEntry &here = threads.report.history[i], &there = result.report.history[i];
            QCOMPARE(there.step, here.step);
            QCOMPARE(there.testAccuracy, here.testAccuracy);
            QCOMPARE(there.trainLoss, here.trainLoss);
            QCOMPARE(there.payloadBytes, here.payloadBytes);
            QCOMPARE(there.consensusDistance.has_value(), here.consensusDistance.has_value());
            // Sums in the order in which weights came.
            if (here.consensusDistance)
                compareClosely(*there.consensusDistance, *here.consensusDistance, 1e-6, "consensus_distance");
        }
        QCOMPARE(result.report.links.size(), threads.report.links.size());
        for (std::size_t i = 0; i < result.report.links.size(); ++i) {
            QCOMPARE(result.report.links[i].from, threads.report.links[i].from);
            QCOMPARE(result.report.links[i].to, threads.report.links[i].to);
            QCOMPARE(result.report.links[i].traffic, threads.report.links[i].traffic);
        }
        QCOMPARE(result.report.phases.size(), threads.report.phases.size());
        QCOMPARE(elsewhere.sink.worlds.size(), std::size_t{1});
    }

    void asyncServer_finishes() {
        RunSpec spec = runOf(ParameterServerAlgorithm{.mode = ServerMode::Async});
        Coordinated elsewhere(spec);
        const Report report = elsewhere.train().report;
        QCOMPARE(QString::fromStdString(report.error), QString());
        QCOMPARE(report.status, RunState::Finished);
        QCOMPARE(report.steps, 24);
        QCOMPARE(report.history.back().step, 24);
        std::int64_t gradients = 0;
        for (const std::int64_t n : *report.staleness) gradients += n;
        QCOMPARE(gradients, 4 * 24);
    }
    void backupServer_finishes() {
        RunSpec spec = runOf(ParameterServerAlgorithm{.backup = 1});
        Coordinated elsewhere(spec);
        const Report report = elsewhere.train().report;
        QCOMPARE(QString::fromStdString(report.error), QString());
        QCOMPARE(report.status, RunState::Finished);
        QCOMPARE(report.steps, 24);
        QCOMPARE(elsewhere.sink.worlds.size(), std::size_t{1});
    }

    // A member that is lost in the middle of a run: the others go on from the last step one of them finished.
    void lostMember_othersGoOn_data() {
        QTest::addColumn<int>("choice");
        for (const int choice : {1, 3, 4, 5, 6, 7})
            QTest::newRow(inLockStep()[static_cast<std::size_t>(choice)].name) << choice;
    }
    void lostMember_othersGoOn() {
        QFETCH(int, choice);
        RunSpec spec = runOf(inLockStep()[static_cast<std::size_t>(choice)].algorithm);
        Coordinated elsewhere(spec);
        const MemberId victim = elsewhere.crew.workers()[2];
        std::atomic<bool> struck = false;
        elsewhere.crew.onOrder = [&](MemberId, const RankOrder& order) {
            const auto* over = std::get_if<MeetingOver>(&order);
            if (over && !struck.exchange(true)) elsewhere.crew.kill(victim);
        };
        const TrainingResult result = elsewhere.train();
        QCOMPARE(QString::fromStdString(result.report.error), QString());
        QCOMPARE(result.report.status, RunState::Finished);
        QCOMPARE(result.report.steps, 24);
        QCOMPARE(elsewhere.sink.worlds.size(), std::size_t{2});
        QCOMPARE(elsewhere.sink.worlds[1].workers, 3);
        QVERIFY(elsewhere.sink.worlds[1].firstStep >= 8);
        QVERIFY2(elsewhere.sink.worlds[1].why.find("connection broke") != std::string::npos,
                 elsewhere.sink.worlds[1].why.c_str());
        QCOMPARE(result.report.history.back().step, 24);
        QVERIFY(*result.report.updateL2 > 0.1);
        if (std::holds_alternative<GossipAlgorithm>(spec.algorithm)) return;  // each has weights of its own
        // What four have learned and three go on with, on the samples that are theirs: a loop finds the same.
        const auto expected = plainLoop(spec, elsewhere.sink.workers(), 24);
        QVERIFY2(apart(result.weights, expected) < 1e-4,
                 qPrintable(QString::number(apart(result.weights, expected))));
        QVERIFY(apart(expected, plainLoop(spec, {{0, 4}}, 24)) > 1e-3);
        QVERIFY(apart(expected, plainLoop(spec, {{0, 3}}, 24)) > 1e-3);
    }

    void lostMember_pipelineFails_andSaysWho() {
        RunSpec spec = runOf(pipeline(ScheduleChoice::OneFOneB));
        spec.model = MlpModel{{31, 30, 29}};
        Coordinated elsewhere(spec);
        const MemberId victim = elsewhere.crew.workers()[2];
        std::atomic<bool> struck = false;
        elsewhere.crew.onOrder = [&](MemberId, const RankOrder& order) {
            if (std::holds_alternative<MeetingOver>(order) && !struck.exchange(true))
                elsewhere.crew.kill(victim);
        };
        const Report report = elsewhere.train().report;
        QCOMPARE(report.status, RunState::Failed);
        QVERIFY2(report.error.find("member 3: its connection broke") != std::string::npos,
                 report.error.c_str());
    }

    void newMember_joinsAtABorder() {
        for (const AlgorithmSpec& algorithm :
             {AlgorithmSpec{AllReduceAlgorithm{}}, AlgorithmSpec{ParameterServerAlgorithm{}},
              AlgorithmSpec{GossipAlgorithm{}}}) {
            RunSpec spec = runOf(algorithm, 3);
            Coordinated elsewhere(spec);
            std::atomic<bool> struck = false;
            elsewhere.crew.onOrder = [&](MemberId, const RankOrder& order) {
                if (!std::holds_alternative<MeetingOver>(order) || struck.exchange(true)) return;
                elsewhere.inbox.post({elsewhere.crew.add(), MemberJoined{}});
            };
            const Report report = elsewhere.train().report;
            QCOMPARE(QString::fromStdString(report.error), QString());
            QCOMPARE(report.status, RunState::Finished);
            QCOMPARE(report.steps, 24);
            QCOMPARE(elsewhere.sink.worlds.size(), std::size_t{2});
            QCOMPARE(elsewhere.sink.worlds[1].workers, 4);
            QVERIFY(QString::fromStdString(elsewhere.sink.worlds[1].why).endsWith(" joined"));
            // No step was lost: with the ring each sends 2·(N−1)/N of the model a step.
            QVERIFY(elsewhere.sink.worlds[1].firstStep >= 8);
        }
    }

    void pauseStepStop_actOnTheRun() {
        RunSpec spec = runOf(AllReduceAlgorithm{});
        spec.stop = {.steps = 100'000};
        spec.evaluateEvery = 0;
        Coordinated elsewhere(spec);
        elsewhere.control.pause();
        bool first = false, second = false;
        std::thread commands([&] {
            elsewhere.control.stepOnce();
            first = elsewhere.sink.untilDone(1);
            elsewhere.control.stepOnce();
            second = elsewhere.sink.untilDone(2);
            elsewhere.control.stop();
        });
        const TrainingResult result = elsewhere.train();
        commands.join();
        QVERIFY(first && second);
        QCOMPARE(result.report.status, RunState::Stopped);
        QVERIFY((elsewhere.sink.steps == std::vector<std::int32_t>{0, 1}));
        QCOMPARE(result.report.steps, 2);
        const auto expected = plainLoop(spec, {{0, 4}}, 2);
        QVERIFY(apart(result.weights, expected) < 1e-5);
    }
    void resumeAfterAPause_goesOn() {
        RunSpec spec = runOf(AllReduceAlgorithm{});
        Coordinated elsewhere(spec);
        elsewhere.control.pause();
        bool stepped = false;
        std::thread commands([&] {
            elsewhere.control.stepOnce();
            stepped = elsewhere.sink.untilDone(1);
            elsewhere.control.resume();
        });
        const TrainingResult result = elsewhere.train();
        commands.join();
        QVERIFY(stepped);
        QCOMPARE(result.report.status, RunState::Finished);
        QVERIFY(apart(result.weights, plainLoop(spec, {{0, 4}}, 24)) < 1e-4);
    }

    // Members are there for one run after the other, and nothing of the first is in the second.
    void runAfterOneThatWasStopped_isAsIfItWereTheFirst() {
        RunSpec spec = runOf(AllReduceAlgorithm{});
        spec.stop = {.steps = 100'000};
        Coordinated elsewhere(spec);
        std::thread commands([&] {
            elsewhere.sink.untilDone(11);
            elsewhere.control.stop();
        });
        const Report stopped = elsewhere.train().report;
        commands.join();
        QCOMPARE(stopped.status, RunState::Stopped);
        QVERIFY(stopped.steps >= 11 && stopped.steps < 100'000);
        checkSecondRun(elsewhere, runOf(AllReduceAlgorithm{}));
    }
    void runAfterOneThatFailed_isAsIfItWereTheFirst() {
        RunSpec spec = runOf(pipeline(ScheduleChoice::OneFOneB));
        spec.model = MlpModel{{31, 30, 29}};
        Coordinated elsewhere(spec);
        const MemberId victim = elsewhere.crew.workers()[2];
        std::atomic<bool> struck = false;
        elsewhere.crew.onOrder = [&](MemberId, const RankOrder& order) {
            if (std::holds_alternative<MeetingOver>(order) && !struck.exchange(true))
                elsewhere.crew.kill(victim);
        };
        QCOMPARE(elsewhere.train().report.status, RunState::Failed);
        QVERIFY(struck);
        checkSecondRun(elsewhere, runOf(AllReduceAlgorithm{}, 3));
    }

  private:
    static void checkSecondRun(Coordinated& elsewhere, RunSpec spec) {
        elsewhere.crew.beginRun();
        RunControl control(static_cast<int>(spec.workers), false);
        const TrainingResult second =
            coordinateTraining(spec, control, elsewhere.sink, elsewhere.crew, elsewhere.inbox, 2);
        QCOMPARE(QString::fromStdString(second.report.error), QString());
        QCOMPARE(second.report.status, RunState::Finished);
        spec.runOn = RunOn::Threads;
        const TrainingResult threads = train(spec);
        QCOMPARE(second.report.steps, threads.report.steps);
        QCOMPARE(second.report.weightsSha256, threads.report.weightsSha256);
        QCOMPARE(second.report.history.size(), threads.report.history.size());
    }
};

QTEST_MAIN(TestCoordinated)
#include "tst_coordinated.moc"
