#include <QtTest>
#include <cmath>

#include "engine/comm/collectives/collectives.h"
#include "engine/comm/virtual_time/fiber.h"
#include "engine/comm/virtual_time/network_model.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/run/lane_recorder.h"

using namespace rondo;

namespace {

ClusterSpec cluster(double latencyUs, double gbitPerS) {
    ClusterSpec spec;
    spec.link = {latencyUs, gbitPerS, 0};
    return spec;
}

struct Outcome {
    double seconds = 0;
    std::vector<std::vector<float>> values;
};

Outcome runRing(int world, int elements, const ClusterSpec& spec) {
    RunControl control(world, true);
    const auto runtime = makeVirtualRuntime(world, spec, 1, control);
    Outcome outcome;
    outcome.values.resize(static_cast<std::size_t>(world));
    runtime->run([&](Rank rank) {
        std::vector<float> values(static_cast<std::size_t>(elements), static_cast<float>(rank.value));
        ringAllReduce(runtime->communicator(rank, Lane::Compute), values);
        outcome.values[rank.index()] = values;
    });
    outcome.seconds = secondsOf(runtime->now());
    return outcome;
}

}  // namespace

class TestVirtualTime : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void ring_takesTheTimeOfTheFormula_data() {
        QTest::addColumn<int>("world");
        for (const int world : {2, 3, 4, 7, 8, 16}) QTest::addRow("world=%d", world) << world;
    }
    void ring_takesTheTimeOfTheFormula() {
        QFETCH(int, world);
        const int elements = 100'000;
        const double alpha = 50e-6, beta = 1e9 / 8, bytes = elements * 4.0;
        const double formula = 2.0 * (world - 1) * (alpha + bytes / (world * beta));
        const double seconds = runRing(world, elements, cluster(50, 1)).seconds;
        QVERIFY2(std::abs(seconds / formula - 1) < 1e-3,
                 qPrintable(QString("%1 against %2").arg(seconds).arg(formula)));
    }

    void naive_takesTheTimeOfTheFormula() {
        RunControl control(5, true);
        const auto runtime = makeVirtualRuntime(5, cluster(50, 1), 1, control);
        runtime->run([&](Rank rank) {
            std::vector<float> values(1000);
            naiveAllReduce(runtime->communicator(rank, Lane::Compute), values);
        });
        QCOMPARE(secondsOf(runtime->now()), 8 * (50e-6 + 4000 * 8 / 1e9));
    }

    void aThousandRanks_fitIntoOneRing() {
        QElapsedTimer timer;
        timer.start();
        const Outcome outcome = runRing(1024, 2048, cluster(5, 10));
        qInfo("1024 ranks x 2046 ring steps: %lld ms of wall time", timer.elapsed());
        QCOMPARE(outcome.values[1023][0], 1023.0f * 1024 / 2);
        QVERIFY(std::abs(outcome.seconds / (2.0 * 1023 * (5e-6 + 8 / 1.25e9)) - 1) < 1e-9);
    }

    void incast_sharesTheReceiversCard() {
        // Seven send at once to one: its card takes them one after the other.
        RunControl control(8, true);
        const auto runtime = makeVirtualRuntime(8, cluster(10, 8), 1, control);
        std::vector<double> arrivals;
        runtime->run([&](Rank rank) {
            Communicator& comm = runtime->communicator(rank, Lane::Compute);
            std::vector<float> values(250'000);  // 1 ms at 8 Gbit/s
            if (rank.value > 0) return send(comm, Rank{0}, parcelOf(values, 1));
            for (int i = 1; i < 8; ++i) {
                const Rank from = comm.receiveAny(1, [](Rank, ReceivedBytes) {});
                if (from.value != i) throw std::runtime_error("ties go by rank");
                arrivals.push_back(secondsOf(runtime->now()));
            }
        });
        for (std::size_t i = 0; i < arrivals.size(); ++i)
            QCOMPARE(arrivals[i], 10e-6 + 1e-3 * static_cast<double>(i + 1));
    }

    void oneSender_queuesAtItsOwnCard() {
        RunControl control(3, true);
        const auto runtime = makeVirtualRuntime(3, cluster(10, 8), 1, control);
        double freed = 0, second = 0;
        runtime->run([&](Rank rank) {
            Communicator& comm = runtime->communicator(rank, Lane::Compute);
            std::vector<float> values(250'000);
            if (rank.value == 0) {
                const auto a = comm.beginSend(Rank{1}, parcelOf(values, 1));
                const auto b = comm.beginSend(Rank{2}, parcelOf(values, 1));
                comm.finishSend(a);
                comm.finishSend(b);
                freed = secondsOf(runtime->now());
            } else {
                comm.receive(Rank{0}, 1, [](ReceivedBytes) {});
                if (rank.value == 2) second = secondsOf(runtime->now());
            }
        });
        QCOMPARE(freed, 2e-3);
        QCOMPARE(second, 2e-3 + 10e-6);
    }

    void slowCard_slowsItsLinksOnly() {
        ClusterSpec spec = cluster(10, 8);
        spec.overrides.push_back({.worker = 1, .latencyUs = 100, .gbitPerS = 4.0});
        NetworkModel model(spec, 3, 1);
        QCOMPARE(secondsOf(model.idleTime(Rank{0}, Rank{2}, 1'000'000)), 10e-6 + 1e-3);
        QCOMPARE(secondsOf(model.idleTime(Rank{0}, Rank{1}, 1'000'000)), 100e-6 + 2e-3);
    }

    void typedInMessageTime_occupiesNeitherEnd() {
        ClusterSpec spec;
        spec.times.messageMs = 2.0;
        NetworkModel model(spec, 2, 1);
        for (int i = 0; i < 3; ++i) {
            const auto departure = model.depart(Rank{0}, Rank{1}, 1'000'000, Picoseconds{0});
            QCOMPARE(secondsOf(departure.freed), 0.0);
            QCOMPARE(secondsOf(model.arrive(Rank{1}, departure)), 2e-3);
        }
    }

    void jitter_repeatsWithTheSeed() {
        ClusterSpec spec = cluster(50, 1);
        spec.link.jitterUs = 20;
        const auto runWith = [&](std::uint64_t seed) {
            NetworkModel model(spec, 2, seed);
            return model.depart(Rank{0}, Rank{1}, 10, Picoseconds{0}).arrival;
        };
        QCOMPARE(runWith(1), runWith(1));
        QVERIFY(runWith(1) != runWith(2));
        QVERIFY(runWith(1) >= picosecondsOf(50e-6) && runWith(1) <= picosecondsOf(70e-6));
    }

    void twoRuns_endAtTheSamePicosecond() {
        const Outcome a = runRing(7, 1001, cluster(3.3, 0.7)), b = runRing(7, 1001, cluster(3.3, 0.7));
        QCOMPARE(a.seconds, b.seconds);
        QCOMPARE(a.values, b.values);
    }

    void deadlock_namesWhoWaitsForWhom() {
        RunControl control(3, true);
        const auto runtime = makeVirtualRuntime(3, {}, 1, control);
        QString what;
        try {
            runtime->run([&](Rank rank) {
                runtime->communicator(rank, Lane::Compute)
                    .receive(Rank{(rank.value + 1) % 3}, 1, [](ReceivedBytes) {});
            });
        } catch (const CommError& error) {
            QCOMPARE(error.kind(), CommError::Kind::Deadlock);
            what = error.what();
        }
        QVERIFY2(what.contains("rank 0 waits for a message from rank 1"), qPrintable(what));
        QVERIFY2(what.contains("rank 2 waits for a message from rank 0"), qPrintable(what));
    }

    void switchingInsideALibTorchCall_isRefused() {
        RunControl control(2, true);
        const auto runtime = makeVirtualRuntime(2, {}, 1, control);
        QVERIFY_EXCEPTION_THROWN(runtime->run([&](Rank) {
            const NoSwitchSection section;
            runtime->charge(Picoseconds{1});
        }),
                                 std::logic_error);
        QVERIFY(!NoSwitchSection::open());
    }

    void overlap_hidesAMessageBehindComputation() {
        RunControl control(2, true);
        const auto runtime = makeVirtualRuntime(2, cluster(0, 8), 1, control);
        runtime->run([&](Rank rank) {
            std::vector<float> values(250'000);
            runtime->sideLane(rank).post(
                [&] { ringAllReduce(runtime->communicator(rank, Lane::Communication), values); });
            runtime->charge(picosecondsOf(3e-3));
            runtime->sideLane(rank).finish();
        });
        QCOMPARE(secondsOf(runtime->now()), 3e-3);  // the ring's 1 ms is hidden
    }

    void slowedRun_tellsWhatHappenedAtOnce_data() {
        QTest::addColumn<double>("speed");
        QTest::addColumn<int>("toldAtOnce");
        QTest::newRow("slow") << 0.5 << 2;
        QTest::newRow("as fast as it goes") << 0.0 << 0;
    }
    void slowedRun_tellsWhatHappenedAtOnce() {
        QFETCH(double, speed);
        QFETCH(int, toldAtOnce);
        struct Counter final : EventSink {
            using EventSink::publish;
            void publish(std::span<Event> batch) override { told += static_cast<int>(batch.size()); }
            int told = 0;
        } sink;
        RunControl control(1, true);
        control.setSpeed(speed);
        const auto runtime = makeVirtualRuntime(1, {}, 1, control);
        EventSequence sequence{1, Rank{0}};
        LaneRecorder lane(*runtime, sequence, Lane::Compute, sink);
        runtime->run([&](Rank) {
            for (int i = 0; i < 2; ++i)
                lane.span(Phase::Forward, [&] { runtime->charge(picosecondsOf(1e-5)); });
            QCOMPARE(sink.told, toldAtOnce);
            lane.flush();
        });
        QCOMPARE(sink.told, 2);
    }

    void speed_pacesVirtualTime() {
        RunControl control(1, true);
        control.setSpeed(0.01);
        const auto runtime = makeVirtualRuntime(1, {}, 1, control);
        QElapsedTimer timer;
        timer.start();
        runtime->run([&](Rank) { runtime->charge(picosecondsOf(1e-3)); });
        QVERIFY(timer.elapsed() >= 99);
        QCOMPARE(secondsOf(runtime->now()), 1e-3);
    }
};

QTEST_GUILESS_MAIN(TestVirtualTime)
#include "tst_virtual_time.moc"
