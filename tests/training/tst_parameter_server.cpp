// Parameter servers: what the report says against the slow obvious answer and the reference's figures.
#include <QtTest>
#include <thread>

#include "engine/algorithms/predict.h"
#include "engine/config/run_spec_json.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

RunSpec serverSpec(RunOn runOn, std::int64_t workers, std::int64_t batch, ParameterServerAlgorithm server) {
    RunSpec spec = smallSpec(runOn, workers, batch);
    spec.algorithm = server;
    return spec;
}

std::int64_t sentBy(const Report& report, int rank) {
    std::int64_t sum = 0;
    for (const LinkReport& link : report.links)
        if (link.from.value == rank) sum += link.traffic.payloadBytes;
    return sum;
}

std::int64_t receivedBy(const Report& report, int rank) {
    std::int64_t sum = 0;
    for (const LinkReport& link : report.links)
        if (link.to.value == rank) sum += link.traffic.payloadBytes;
    return sum;
}

/// Seconds and steps until the test set first reached that accuracy.
const HistoryEntry* firstAt(const Report& report, double accuracy) {
    for (const HistoryEntry& entry : report.history)
        if (*entry.testAccuracy >= accuracy) return &entry;
    return nullptr;
}

constexpr ServerMode kSync = ServerMode::Sync, kAsync = ServerMode::Async, kStale = ServerMode::Stale;

}  // namespace

class TestParameterServer : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sync_equalsOneWorkerWithTheWholeBatch_data() {
        QTest::addColumn<bool>("isVirtual");
        QTest::addColumn<int>("workers");
        QTest::addColumn<int>("servers");
        for (const bool isVirtual : {false, true})
            for (const int workers : {1, 2, 4, 8})
                for (const int servers : {1, 2, 3})
                    QTest::addRow("%s workers=%d servers=%d", isVirtual ? "virtual" : "threads", workers,
                                  servers)
                        << isVirtual << workers << servers;
    }
    void sync_equalsOneWorkerWithTheWholeBatch() {
        QFETCH(bool, isVirtual);
        QFETCH(int, workers);
        QFETCH(int, servers);
        const RunOn runOn = isVirtual ? RunOn::Virtual : RunOn::Threads;
        RunSpec one = smallSpec(runOn, 1, 32);
        one.algorithm = SingleAlgorithm{};
        const RunSpec many = serverSpec(runOn, workers, 32 / workers, {.mode = kSync, .servers = servers});
        compareRuns(train(many), train(one));
    }

    void worldsThatDivideNothing_equalOneToo() {
        for (const int workers : {3, 5, 7})
            compareRuns(train(serverSpec(RunOn::Virtual, workers, 7, {.servers = 2})),
                        train(smallSpec(RunOn::Virtual, 1, 7 * workers)));
    }

    void adamOnShards_equalsAdamOnTheWhole() {
        RunSpec one = smallSpec(RunOn::Virtual, 1, 32),
                many = serverSpec(RunOn::Virtual, 4, 8, {.servers = 3});
        one.optimizer = many.optimizer = AdamOptimizer{};
        compareRuns(train(many), train(one));
    }

    void staleWithBoundZero_isSyncToTheBit() {
        const auto sync = train(serverSpec(RunOn::Virtual, 4, 8, {.mode = kSync}));
        const auto stale = train(serverSpec(RunOn::Virtual, 4, 8, {.mode = kStale, .staleness = 0}));
        QCOMPARE(stale.report.weightsSha256, sync.report.weightsSha256);
        QCOMPARE(stale.report.seconds, sync.report.seconds);
        QCOMPARE(*sync.report.staleness, (std::vector<std::int64_t>{sync.report.steps * 4}));
    }

    void staleBound_isHowFarTheFastGetAhead_data() {
        QTest::addColumn<int>("bound");
        for (const int bound : {0, 1, 3}) QTest::addRow("s=%d", bound) << bound;
    }
    void staleBound_isHowFarTheFastGetAhead() {
        QFETCH(int, bound);
        RunSpec spec = serverSpec(RunOn::Virtual, 4, 8, {.mode = kStale, .staleness = bound});
        spec.cluster.overrides = {{.worker = 2, .speed = 0.1}};
        spec.cluster.link = {.latencyUs = 1, .gbitPerS = 100};
        const auto result = train(spec);
        QCOMPARE(result.report.status, RunState::Finished);
        QCOMPARE(result.report.clockSpreadMax, bound);
        QCOMPARE(static_cast<int>(result.report.staleness->size()) - 1, bound);
    }

    void async_withEqualWorkersEveryGradientIsTheOthersOld_data() {
        QTest::addColumn<int>("workers");
        for (const int workers : {1, 2, 4, 7}) QTest::addRow("workers=%d", workers) << workers;
    }
    void async_withEqualWorkersEveryGradientIsTheOthersOld() {
        QFETCH(int, workers);
        RunSpec spec = serverSpec(RunOn::Virtual, workers, 8, {.mode = kAsync});
        spec.optimizer = SgdOptimizer{0.01, 0, 0};
        spec.stop = {.steps = 20};
        const Report report = train(spec).report;
        QCOMPARE(report.steps, 20);
        // Of the first round, the k-th push finds k updates made; all others N − 1.
        std::vector<std::int64_t> expected(static_cast<std::size_t>(workers), 1);
        expected.back() = 20 * workers - (workers - 1);
        QCOMPARE(*report.staleness, expected);
    }

    void async_losesNoGradient() {
        for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual}) {
            RunSpec spec = serverSpec(runOn, 3, 8, {.mode = kAsync, .servers = 2});
            spec.optimizer = SgdOptimizer{0.02, 0, 0};
            spec.cluster.overrides = {{.worker = 1, .speed = 0.3}};
            spec.stop = {.steps = 40};
            const auto result = train(spec);
            QCOMPARE(result.report.status, RunState::Finished);
            QCOMPARE(result.report.steps, 40);
            std::int64_t gradients = 0;
            for (const std::int64_t count : *result.report.staleness) gradients += count;
            QCOMPARE(gradients, 40 * 3 * 2);  // each in two halves
            QVERIFY(*result.report.testAccuracy > 0.15);
            QCOMPARE(result.report.history.back().step, 40);
        }
    }

    void async_repeatsBitForBitInVirtualTime() {
        RunSpec spec = serverSpec(RunOn::Virtual, 5, 8, {.mode = kAsync, .servers = 2});
        spec.cluster.overrides = {{.worker = 2, .speed = 0.25}};
        spec.cluster.link.jitterUs = 30;
        const auto a = train(spec), b = train(spec);
        QCOMPARE(a.report.weightsSha256, b.report.weightsSha256);
        QCOMPARE(a.report.seconds, b.report.seconds);
    }

    void serverLink_carriesTheReferencesBytes_data() {
        QTest::addColumn<int>("workers");
        QTest::addColumn<int>("servers");
        QTest::addColumn<int>("mode");
        for (const int workers : {2, 5})
            for (const int servers : {1, 2, 5})
                for (const auto mode : {kSync, kAsync, kStale})
                    QTest::addRow("workers=%d servers=%d mode=%d", workers, servers, static_cast<int>(mode))
                        << workers << servers << static_cast<int>(mode);
    }
    void serverLink_carriesTheReferencesBytes() {
        QFETCH(int, workers);
        QFETCH(int, servers);
        QFETCH(int, mode);
        RunSpec spec = serverSpec(RunOn::Virtual, workers, 8,
                                  {.mode = static_cast<ServerMode>(mode), .servers = servers});
        spec.stop = {.steps = 6};
        const Report report = train(spec).report;
        const std::int64_t bytes = report.parameters * 4, steps = 6;
        const Prediction predicted = predict(spec);
        std::int64_t all = 0;
        for (int rank = 0; rank < workers + servers; ++rank) {
            QCOMPARE(sentBy(report, rank), predicted.sentPerStep[static_cast<std::size_t>(rank)] * steps);
            all += sentBy(report, rank);
        }
        QCOMPARE(all, 2 * workers * bytes * steps);
        for (int rank = 0; rank < workers; ++rank) {
            QCOMPARE(sentBy(report, rank), bytes * steps);
            QCOMPARE(receivedBy(report, rank), bytes * steps);
        }
        for (int server = 0; server < servers; ++server) {
            const double link =
                static_cast<double>(sentBy(report, workers + server) + receivedBy(report, workers + server));
            const double expected = 2.0 * workers * static_cast<double>(bytes * steps) / servers;
            QVERIFY(std::abs(link - expected) <= 2.0 * workers * steps * 4);
        }
        QCOMPARE(report.history.back().payloadBytes, all);
    }

    void virtualSeconds_arePredicted_data() {
        QTest::addColumn<int>("workers");
        QTest::addColumn<int>("servers");
        for (const int workers : {1, 4, 8})
            for (const int servers : {1, 2, 4})
                if (workers % servers == 0)
                    QTest::addRow("workers=%d servers=%d", workers, servers) << workers << servers;
    }
    void virtualSeconds_arePredicted() {
        QFETCH(int, workers);
        QFETCH(int, servers);
        RunSpec spec = serverSpec(RunOn::Virtual, workers, 4, {.mode = kSync, .servers = servers});
        spec.stop = {.steps = 5};
        const Report report = train(spec).report;
        compareClosely(report.seconds, *predict(spec).seconds, 1e-3, "seconds");
    }

    void asyncSeconds_arePredictedOnceStartedUp() {
        RunSpec spec = serverSpec(RunOn::Virtual, 4, 4, {.mode = kAsync});
        spec.stop = {.steps = 60};
        spec.evaluateEvery = 0;
        for (const double gflops : {0.5, 50.0}) {  // computing is the bottleneck, and the server's link
            spec.cluster.deviceGflops = gflops;
            compareClosely(train(spec).report.seconds, *predict(spec).seconds, 0.03, "seconds");
        }
    }

    void asyncSeconds_areExact_whereTheServerIsNeverIdle() {
        for (const CompressionSpec& compression : {CompressionSpec{}, CompressionSpec(HalfCompression{})}) {
            RunSpec spec = serverSpec(RunOn::Virtual, 8, 4, {.mode = kAsync});
            spec.compression = compression;
            spec.stop = {.steps = 5};
            spec.evaluateEvery = 0;
            compareClosely(train(spec).report.seconds, *predict(spec).seconds, 1e-3, "seconds");
        }
    }

    void backupWorkers_leaveTheSlowestOut() {
        for (const RunOn runOn : {RunOn::Virtual, RunOn::Threads}) {
            RunSpec spec = serverSpec(runOn, 4, 8, {.mode = kSync, .backup = 1});
            spec.cluster.overrides = {{.worker = 1, .speed = 0.1}};
            spec.cluster.deviceGflops = 0.05;
            spec.stop = {.steps = 30};
            const Report report = train(spec).report;
            QCOMPARE(report.status, RunState::Finished);
            QCOMPARE(report.steps, 30);
            std::int64_t used = 0;
            for (const std::int64_t count : *report.staleness) used += count;
            QVERIFY(used >= 30 * 3 && used < 30 * 4);
            if (runOn == RunOn::Threads) continue;
            spec.algorithm = ParameterServerAlgorithm{.mode = kSync};
            QVERIFY(report.seconds < 0.3 * train(spec).report.seconds);
        }
    }

    void straggler_asyncWinsInSecondsAndLosesPerStep() {
        // As the preset tells it.
        RunSpec spec = *loadRunSpec(RONDO_ROOT "/resources/runs/server-async.json");
        spec.algorithm = ParameterServerAlgorithm{.mode = kSync};
        const Report sync = train(spec).report;
        spec.algorithm = ParameterServerAlgorithm{.mode = kSync, .backup = 1};
        const Report backup = train(spec).report;
        spec.algorithm = ParameterServerAlgorithm{.mode = kAsync};
        const Report async = train(spec).report;
        const HistoryEntry *s = firstAt(sync, 0.9), *b = firstAt(backup, 0.9), *a = firstAt(async, 0.9);
        QVERIFY(s && b && a);
        qInfo("sync %.3f s, %lld steps; backup %.3f s, %lld; async %.3f s, %lld", s->seconds,
              static_cast<long long>(s->step), b->seconds, static_cast<long long>(b->step), a->seconds,
              static_cast<long long>(a->step));
        QVERIFY(a->seconds < b->seconds && b->seconds < s->seconds);
        QVERIFY(a->step > s->step);
    }

    void pauseAndStop_workOnIndependentWorkers() {
        for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual})
            for (const auto mode : {kSync, kAsync, kStale}) {
                RunSpec spec = serverSpec(runOn, 3, 8, {.mode = mode});
                spec.cluster.overrides = {{.worker = 1, .speed = 0.2}};
                spec.stop = {.steps = 1'000'000};
                spec.evaluateEvery = 0;
                RunControl control(3, runOn == RunOn::Virtual);
                Nobody nobody;
                TrainingResult result;
                std::thread run([&] { result = runTraining(spec, control, nobody); });
                control.pause();
                control.stepOnce();
                control.resume();
                control.stop();
                run.join();
                QCOMPARE(result.report.status, RunState::Stopped);
            }
    }
};

QTEST_GUILESS_MAIN(TestParameterServer)
#include "tst_parameter_server.moc"
