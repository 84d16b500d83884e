// The conformance suite over ranks as threads and as fibers, and what their runtimes do beside it.
#include <QtTest>
#include <numeric>
#include <thread>

#include "engine/comm/local/local_runtime.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "tests/support/communicator_conformance.h"

using namespace rondo;

namespace {

struct World final : test::WorldUnderTest {
    RunControl control;
    std::unique_ptr<Runtime> runtime;
    World(const QString& kind, int size) : control(size, kind == "virtual") {
        runtime =
            kind == "virtual" ? makeVirtualRuntime(size, {}, 1, control) : makeLocalRuntime(size, control);
    }
    void run(const std::function<void(Communicator&)>& body) override {
        runtime->run([&](Rank rank) { body(runtime->communicator(rank, Lane::Compute)); });
    }
    void cancel() override { runtime->cancel(); }
    std::int64_t payloadSent(int rank) override {
        return runtime->meter(Rank{rank}, Lane::Compute).payloadBytes();
    }
};

}  // namespace

std::vector<QByteArray> test::kindsOfWorlds() {
    return {"threads", "virtual"};
}
std::unique_ptr<test::WorldUnderTest> test::makeWorld(const QString& kind, int size) {
    return std::make_unique<World>(kind, size);
}

class TestCommunicator : public test::CommunicatorConformance {
    Q_OBJECT
    static void kinds() { test::conformance::kinds(); }
  private Q_SLOTS:
    void groupsThatDivideNothing_areRefused() {
        World w("virtual", 3);
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, w.run([](Communicator& comm) {
            std::vector<float> values(4);
            hierarchicalAllReduce(comm, values, 2);
        }));
    }

    void strangerInAGroup_isAnError() {
        World w("virtual", 3);
        QCOMPARE(test::errorOf([&] {
                     w.run([](Communicator& comm) {
                         const float value = 1;
                         if (comm.rank().value == 2) return send(comm, Rank{0}, parcelOf({&value, 1}, 5));
                         if (comm.rank().value == 1) return;
                         SubCommunicator group(comm, {Rank{0}, Rank{1}});
                         group.receiveAny(5, [](Rank, ReceivedBytes) {});
                     });
                 }),
                 CommError::Kind::WrongPeer);
    }

    void sideLane_doesItsWorkInOrder_data() { kinds(); }
    void sideLane_doesItsWorkInOrder() {
        QFETCH(QString, kind);
        World w(kind, 2);
        std::vector<int> order[2];
        w.runtime->run([&](Rank rank) {
            SideLane& lane = w.runtime->sideLane(rank);
            for (int round = 0; round < 5; ++round) {
                for (int i = 0; i < 3; ++i)
                    lane.post([&, i, round] {
                        std::vector<float> values(10, 1.0f);
                        ringAllReduce(w.runtime->communicator(rank, Lane::Communication), values);
                        order[rank.index()].push_back(round * 3 + i + (values[0] == 2.0f ? 0 : 1000));
                    });
                lane.finish();
            }
        });
        std::vector<int> expected(15);
        std::iota(expected.begin(), expected.end(), 0);
        QCOMPARE(order[0], expected);
        QCOMPARE(order[1], expected);
    }

    void pauseAndStep_holdAllRanksAtOneBorder_data() { kinds(); }
    void pauseAndStep_holdAllRanksAtOneBorder() {
        QFETCH(QString, kind);
        World w(kind, 3);
        std::atomic<int> steps = 0;
        w.control.pause();
        std::thread run([&] {
            w.runtime->run([&](Rank rank) {
                for (int step = 0; w.runtime->enterStep(rank, Step{step}); ++step) {
                    std::vector<float> values(10);
                    ringAllReduce(w.runtime->communicator(rank, Lane::Compute), values);
                    ++steps;
                }
            });
        });
        w.control.stepOnce();
        QTRY_COMPARE(steps.load(), 3);
        w.control.stepOnce();
        QTRY_COMPARE(steps.load(), 6);
        w.control.stop();
        run.join();
        QCOMPARE(steps.load() % 3, 0);
        QVERIFY(steps.load() <= 9);
    }
};

QTEST_GUILESS_MAIN(TestCommunicator)
#include "tests/support/moc_communicator_conformance.cpp"
#include "tst_communicator.moc"
