// One conformance suite over every Communicator: what holds for one holds for all.
#include <QtTest>
#include <cmath>
#include <memory>
#include <numeric>
#include <thread>

#include "engine/comm/collectives/collectives.h"
#include "engine/comm/local/local_runtime.h"
#include "engine/comm/sub_communicator.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/core/random.h"

using namespace rondo;

namespace {

struct World {
    RunControl control;
    std::unique_ptr<Runtime> runtime;
    World(const QString& kind, int size) : control(size, kind == "virtual") {
        runtime =
            kind == "virtual" ? makeVirtualRuntime(size, {}, 1, control) : makeLocalRuntime(size, control);
    }
    void run(const std::function<void(Communicator&)>& body) {
        runtime->run([&](Rank rank) { body(runtime->communicator(rank, Lane::Compute)); });
    }
};

void kinds() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"threads", "virtual"}) QTest::newRow(kind) << QString(kind);
}

void kindsAndSizes() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("world");
    QTest::addColumn<int>("elements");
    for (const QByteArray kind : {"threads", "virtual"})
        for (const int world : {1, 2, 3, 4, 7, 8})
            for (const int elements : {0, 1, 5, 1000, 65537})
                QTest::addRow("%s world=%d elements=%d", kind.constData(), world, elements)
                    << QString(kind) << world << elements;
}

std::vector<float> valuesOf(int rank, int elements) {
    std::vector<float> values(static_cast<std::size_t>(elements));
    Random random(static_cast<std::uint64_t>(rank) + 77);
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
}

std::vector<double> serialSum(int world, int elements) {
    std::vector<double> sum(static_cast<std::size_t>(elements));
    for (int rank = 0; rank < world; ++rank) {
        const auto values = valuesOf(rank, elements);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
    }
    return sum;
}

using AllReduce = void (*)(Communicator&, Values, CollectiveTraits);

void checkAllReduce(AllReduce allReduce, const QString& kind, int world, int elements) {
    std::vector<std::vector<float>> results(static_cast<std::size_t>(world));
    World w(kind, world);
    w.run([&](Communicator& comm) {
        auto values = valuesOf(comm.rank().value, elements);
        allReduce(comm, values, {.tag = 3});
        results[comm.rank().index()] = values;
    });
    const auto expected = serialSum(world, elements);
    for (const auto& result : results) {
        QCOMPARE(result, results[0]);  // the same bits everywhere
        for (std::size_t i = 0; i < expected.size(); ++i) QVERIFY(std::abs(result[i] - expected[i]) < 1e-4);
    }
}

CommError::Kind errorOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const CommError& error) {
        return error.kind();
    }
    throw std::runtime_error("nothing was thrown");
}

}  // namespace

class TestCommunicator : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void ringAllReduce_matchesSerialSum_data() { kindsAndSizes(); }
    void ringAllReduce_matchesSerialSum() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        checkAllReduce(ringAllReduce, kind, world, elements);
    }

    void treeAllReduce_matchesSerialSum_data() { kindsAndSizes(); }
    void treeAllReduce_matchesSerialSum() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        checkAllReduce(treeAllReduce, kind, world, elements);
    }

    void halvingDoubling_matchesSerialSum_data() { kindsAndSizes(); }
    void halvingDoubling_matchesSerialSum() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        checkAllReduce(halvingDoublingAllReduce, kind, world, elements);
    }

    void hierarchical_matchesSerialSum_data() { kindsAndSizes(); }
    void hierarchical_matchesSerialSum() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        checkAllReduce(
            [](Communicator& comm, Values values, CollectiveTraits traits) {
                const int half = comm.worldSize() % 2 == 0 ? comm.worldSize() / 2 : 1;
                hierarchicalAllReduce(comm, values, half, traits);
            },
            kind, world, elements);
        checkAllReduce(
            [](Communicator& comm, Values values, CollectiveTraits traits) {
                hierarchicalAllReduce(comm, values, comm.worldSize() % 2 == 0 ? 2 : comm.worldSize(), traits);
            },
            kind, world, elements);
    }

    void groupsThatDivideNothing_areRefused() {
        World w("virtual", 3);
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, w.run([](Communicator& comm) {
            std::vector<float> values(4);
            hierarchicalAllReduce(comm, values, 2);
        }));
    }

    void reduce_givesTheRootTheSum_data() { kindsAndSizes(); }
    void reduce_givesTheRootTheSum() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        const auto expected = serialSum(world, elements);
        for (int root = 0; root < world; root += 3) {
            std::vector<float> sum;
            World w(kind, world);
            w.run([&](Communicator& comm) {
                auto values = valuesOf(comm.rank().value, elements);
                reduce(comm, Rank{root}, values);
                if (comm.rank().value == root) sum = values;
            });
            QCOMPARE(sum.size(), expected.size());
            for (std::size_t i = 0; i < sum.size(); ++i) QVERIFY(std::abs(sum[i] - expected[i]) < 1e-4);
        }
    }

    void subCommunicators_areWorldsOfTheirOwn_data() { kinds(); }
    void subCommunicators_areWorldsOfTheirOwn() {
        QFETCH(QString, kind);
        World w(kind, 7);
        std::vector<float> sums(7);
        w.run([&](Communicator& comm) {
            const int rank = comm.rank().value;
            if (rank == 6) return;  // in no group
            // Odd and even ranks, numbered backwards.
            SubCommunicator group(comm, {Rank{4 + rank % 2}, Rank{2 + rank % 2}, Rank{rank % 2}});
            if (group.worldSize() != 3 || group.rank().value != 2 - rank / 2)
                throw std::runtime_error("other numbers");
            std::vector<float> values{static_cast<float>(rank)};
            ringAllReduce(group, values);
            sums[comm.rank().index()] = values[0];
            if (group.rank().value == 0)
                for (int i = 0; i < 2; ++i)
                    group.receiveAny(5, [&](Rank from, ReceivedBytes bytes) {
                        float content = 0;
                        std::memcpy(&content, bytes.data(), sizeof content);
                        if (content != static_cast<float>(from.value))
                            throw std::runtime_error("not its own");
                    });
            else {
                const float own = static_cast<float>(group.rank().value);
                send(group, Rank{0}, parcelOf({&own, 1}, 5));
            }
        });
        QCOMPARE(sums, (std::vector<float>{6, 9, 6, 9, 6, 9, 0}));
        QVERIFY_THROWS_EXCEPTION(
            std::invalid_argument,
            SubCommunicator(w.runtime->communicator(Rank{0}, Lane::Compute), {Rank{1}, Rank{2}}));
    }

    void strangerInAGroup_isAnError() {
        World w("virtual", 3);
        QCOMPARE(errorOf([&] {
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

    void naiveAllReduce_matchesSerialSum_data() { kindsAndSizes(); }
    void naiveAllReduce_matchesSerialSum() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        checkAllReduce(naiveAllReduce, kind, world, elements);
    }

    void ring_sendsTheTextbooksBytes_data() { kindsAndSizes(); }
    void ring_sendsTheTextbooksBytes() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        World w(kind, world);
        w.run([&](Communicator& comm) {
            auto values = valuesOf(comm.rank().value, elements);
            ringAllReduce(comm, values);
        });
        std::int64_t sum = 0;
        for (int rank = 0; rank < world; ++rank) {
            const std::int64_t sent = w.runtime->meter(Rank{rank}, Lane::Compute).payloadBytes();
            const double expected = 2.0 * (world - 1) / world * elements * 4;
            QVERIFY2(std::abs(static_cast<double>(sent) - expected) <= 2 * 4.0,
                     qPrintable(QString::number(sent)));
            sum += sent;
        }
        QCOMPARE(sum, std::int64_t{2} * (world - 1) * elements * 4);
    }

    void broadcast_givesEveryoneTheRootsValues_data() { kindsAndSizes(); }
    void broadcast_givesEveryoneTheRootsValues() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        for (int root = 0; root < world; root += 2) {
            World w(kind, world);
            w.run([&](Communicator& comm) {
                auto values = valuesOf(comm.rank().value, elements);
                broadcast(comm, Rank{root}, values);
                if (values != valuesOf(root, elements)) throw std::runtime_error("other values arrived");
            });
        }
    }

    void barrier_holdsEveryoneUntilTheLastCame_data() { kindsAndSizes(); }
    void barrier_holdsEveryoneUntilTheLastCame() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        std::atomic<int> came = 0;
        World w(kind, world);
        w.run([&](Communicator& comm) {
            ++came;
            barrier(comm);
            if (came != world) throw std::runtime_error("left too early");
        });
        QCOMPARE(w.runtime->meter(Rank{0}, Lane::Compute).payloadBytes(), 0);
    }

    void messagesOfOneTag_keepTheirOrder_data() { kinds(); }
    void messagesOfOneTag_keepTheirOrder() {
        QFETCH(QString, kind);
        World w(kind, 2);
        std::vector<float> got;
        w.run([&](Communicator& comm) {
            for (int i = 0; i < 100; ++i) {
                float value = static_cast<float>(i);
                if (comm.rank().value == 0)
                    send(comm, Rank{1}, parcelOf({&value, 1}, 9));
                else
                    receiveInto(comm, Rank{0}, 9, std::as_writable_bytes(std::span(&value, 1))),
                        got.push_back(value);
            }
        });
        QCOMPARE(got.size(), 100u);
        QVERIFY(std::is_sorted(got.begin(), got.end()));
    }

    void tags_meetOnlyTheirOwn_data() { kinds(); }
    void tags_meetOnlyTheirOwn() {
        QFETCH(QString, kind);
        World w(kind, 2);
        w.run([&](Communicator& comm) {
            float one = 1, two = 2;
            if (comm.rank().value == 0) {
                const auto first = comm.beginSend(Rank{1}, parcelOf({&one, 1}, 1));
                const auto second = comm.beginSend(Rank{1}, parcelOf({&two, 1}, 2));
                comm.finishSend(second);
                comm.finishSend(first);
            } else {
                receiveInto(comm, Rank{0}, 2, std::as_writable_bytes(std::span(&two, 1)));
                receiveInto(comm, Rank{0}, 1, std::as_writable_bytes(std::span(&one, 1)));
                if (one != 1 || two != 2) throw std::runtime_error("mixed up");
            }
        });
    }

    void receiveAny_hearsEveryone_data() { kinds(); }
    void receiveAny_hearsEveryone() {
        QFETCH(QString, kind);
        World w(kind, 5);
        std::vector<int> heard;
        w.run([&](Communicator& comm) {
            float value = static_cast<float>(comm.rank().value);
            if (comm.rank().value != 0) return send(comm, Rank{0}, parcelOf({&value, 1}, 4));
            for (int i = 0; i < 4; ++i)
                comm.receiveAny(4, [&](Rank from, ReceivedBytes bytes) {
                    float content = 0;
                    std::memcpy(&content, bytes.data(), sizeof content);
                    if (content != static_cast<float>(from.value))
                        throw std::runtime_error("not its own message");
                    heard.push_back(from.value);
                });
        });
        std::sort(heard.begin(), heard.end());
        QCOMPARE(heard, (std::vector<int>{1, 2, 3, 4}));
    }

    void wrongSize_isAnErrorAndNobodyHangs_data() { kinds(); }
    void wrongSize_isAnErrorAndNobodyHangs() {
        QFETCH(QString, kind);
        World w(kind, 2);
        QCOMPARE(errorOf([&] {
                     w.run([&](Communicator& comm) {
                         std::vector<float> values(comm.rank().value == 0 ? 4u : 6u);
                         ringAllReduce(comm, values);
                     });
                 }),
                 CommError::Kind::WrongSize);
    }

    void deadline_endsAWait_data() { kinds(); }
    void deadline_endsAWait() {
        QFETCH(QString, kind);
        World w(kind, 2);
        QCOMPARE(errorOf([&] {
                     w.run([&](Communicator& comm) {
                         if (comm.rank().value == 0) {
                             comm.setDeadline(std::chrono::milliseconds(20));
                             comm.receive(Rank{1}, 1, [](ReceivedBytes) {});
                         } else {
                             comm.receive(Rank{0}, 1, [](ReceivedBytes) {});
                         }
                     });
                 }),
                 CommError::Kind::Deadline);
    }

    void endedPeer_isNoticed_data() { kinds(); }
    void endedPeer_isNoticed() {
        QFETCH(QString, kind);
        World w(kind, 2);
        const auto error = errorOf([&] {
            w.run([&](Communicator& comm) {
                if (comm.rank().value == 0) comm.receive(Rank{1}, 1, [](ReceivedBytes) {});
            });
        });
        QVERIFY(error == CommError::Kind::PeerGone || error == CommError::Kind::Deadlock);
    }

    void failingRank_freesTheOthersAndIsReported_data() { kindsAndSizes(); }
    void failingRank_freesTheOthersAndIsReported() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        World w(kind, world);
        const int culprit = world / 2;
        QString what;
        try {
            w.run([&](Communicator& comm) {
                auto values = valuesOf(comm.rank().value, elements);
                for (int i = 0; i < 3; ++i) {
                    if (i == 1 && comm.rank().value == culprit) throw std::runtime_error("culprit");
                    ringAllReduce(comm, values);
                }
            });
        } catch (const std::exception& error) {
            what = error.what();
        }
        QCOMPARE(what, QString("culprit"));
    }

    void cancel_endsEveryWait_data() { kinds(); }
    void cancel_endsEveryWait() {
        QFETCH(QString, kind);
        World w(kind, 3);
        const auto error = errorOf([&] {
            w.run([&](Communicator& comm) {
                if (comm.rank().value == 2) w.runtime->cancel();
                comm.receive(Rank{(comm.rank().value + 1) % 3}, 1, [](ReceivedBytes) {});
            });
        });
        QCOMPARE(error, CommError::Kind::Cancelled);
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
#include "tst_communicator.moc"
