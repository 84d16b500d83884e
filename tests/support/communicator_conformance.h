#pragma once

#include <QtTest>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <set>

#include "engine/comm/collectives/collectives.h"
#include "engine/comm/sub_communicator.h"
#include "engine/core/random.h"
#include "tests/support/failing_communicator.h"

namespace rondo::test {

/// Ranks of one world, all in this process.
class WorldUnderTest {
  public:
    virtual ~WorldUnderTest() = default;
    /// All ranks at once. Who returns leaves. The first that throws has all others cancelled, and what it
    /// threw is thrown here.
    virtual void run(const std::function<void(Communicator&)>& body) = 0;
    virtual void cancel() = 0;                       ///< any thread
    virtual std::int64_t payloadSent(int rank) = 0;  ///< as its meter says
};

/// What a test program has to offer: the kinds of networks it knows, and a world of each.
std::vector<QByteArray> kindsOfWorlds();
std::unique_ptr<WorldUnderTest> makeWorld(const QString& kind, int size);

namespace conformance {

class Ranks {
  public:
    Ranks(const QString& kind, int size) : world_(makeWorld(kind, size)) {}
    void run(const std::function<void(Communicator&)>& body) { world_->run(body); }
    void cancel() { world_->cancel(); }
    std::int64_t payloadSent(int rank) { return world_->payloadSent(rank); }

  private:
    std::unique_ptr<WorldUnderTest> world_;
};

inline void kinds() {
    QTest::addColumn<QString>("kind");
    for (const QByteArray& kind : kindsOfWorlds()) QTest::newRow(kind.constData()) << QString(kind);
}

inline void kindsAndSizes() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("world");
    QTest::addColumn<int>("elements");
    for (const QByteArray& kind : kindsOfWorlds())
        for (const int world : {1, 2, 3, 4, 7, 8})
            for (const int elements : {0, 1, 5, 1000, 65537})
                QTest::addRow("%s world=%d elements=%d", kind.constData(), world, elements)
                    << QString(kind) << world << elements;
}

inline std::vector<float> valuesOf(int rank, int elements) {
    std::vector<float> values(static_cast<std::size_t>(elements));
    Random random(static_cast<std::uint64_t>(rank) + 77);
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
}

inline std::vector<double> serialSum(int world, int elements) {
    std::vector<double> sum(static_cast<std::size_t>(elements));
    for (int rank = 0; rank < world; ++rank) {
        const auto values = valuesOf(rank, elements);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
    }
    return sum;
}

using AllReduce = void (*)(Communicator&, Values, CollectiveTraits);

inline void checkAllReduce(AllReduce allReduce, const QString& kind, int world, int elements) {
    std::vector<std::vector<float>> results(static_cast<std::size_t>(world));
    Ranks w(kind, world);
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

inline CommError::Kind errorOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const CommError& error) {
        return error.kind();
    }
    throw std::runtime_error("nothing was thrown");
}

/// A bit of everything, on buffers that are spoiled when a rank unwinds: who then still reads them sees it.
inline void talk(Communicator& comm, bool fromAnybody) {
    struct Spoiled {
        std::vector<float> values;
        explicit Spoiled(std::size_t size) : values(size, 1.0f) {}
        ~Spoiled() { std::ranges::fill(values, std::nanf("")); }
    };
    const auto check = [](ReceivedBytes bytes) {
        for (std::size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
            float value = 0;
            std::memcpy(&value, bytes.data() + i, sizeof value);
            if (std::isnan(value)) throw std::logic_error("memory that was no longer lent");
        }
    };
    const int n = comm.worldSize(), rank = comm.rank().value;
    Spoiled large(200'001), small(7);
    ringAllReduce(comm, small.values);
    sendReceive(comm, Rank{(rank + 1) % n}, parcelOf(large.values, 2), Rank{(rank + n - 1) % n}, 2, check);
    if (rank == 0) {
        for (int i = 1; i < n; ++i)
            if (fromAnybody)
                comm.receiveAny(3, [&](Rank, ReceivedBytes bytes) { check(bytes); });
            else
                comm.receive(Rank{i}, 3, check);
        for (int to = 1; to < n; ++to) send(comm, Rank{to}, parcelOf(small.values, 4));
    } else {
        send(comm, Rank{0}, parcelOf(large.values, 3));
        comm.receive(Rank{0}, 4, check);
    }
    barrier(comm);
}

}  // namespace conformance

using conformance::checkAllReduce;
using conformance::errorOf;
using conformance::serialSum;
using conformance::talk;
using conformance::valuesOf;

/// What holds for one network between ranks holds for all. A test program says which ones it has
/// (kindsOfWorlds, makeWorld), derives its class from this and adds what is special about them.
class CommunicatorConformance : public QObject {
    Q_OBJECT
    using Ranks = conformance::Ranks;
    static void kinds() { conformance::kinds(); }
    static void kindsAndSizes() { conformance::kindsAndSizes(); }

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

    void reduce_givesTheRootTheSum_data() { kindsAndSizes(); }
    void reduce_givesTheRootTheSum() {
        QFETCH(QString, kind);
        QFETCH(int, world);
        QFETCH(int, elements);
        const auto expected = serialSum(world, elements);
        for (int root = 0; root < world; root += 3) {
            std::vector<float> sum;
            Ranks w(kind, world);
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
        Ranks w(kind, 7);
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
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Ranks(kind, 3).run([](Communicator& comm) {
            SubCommunicator(comm, {Rank{(comm.rank().value + 1) % 3}});
        }));
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
        Ranks w(kind, world);
        w.run([&](Communicator& comm) {
            auto values = valuesOf(comm.rank().value, elements);
            ringAllReduce(comm, values);
        });
        std::int64_t sum = 0;
        for (int rank = 0; rank < world; ++rank) {
            const std::int64_t sent = w.payloadSent(rank);
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
            Ranks w(kind, world);
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
        Ranks w(kind, world);
        w.run([&](Communicator& comm) {
            ++came;
            barrier(comm);
            if (came != world) throw std::runtime_error("left too early");
        });
        QCOMPARE(w.payloadSent(0), 0);
    }

    void messagesOfOneTag_keepTheirOrder_data() { kinds(); }
    void messagesOfOneTag_keepTheirOrder() {
        QFETCH(QString, kind);
        Ranks w(kind, 2);
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
        Ranks w(kind, 2);
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
        Ranks w(kind, 5);
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
        Ranks w(kind, 2);
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
        Ranks w(kind, 2);
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
        Ranks w(kind, 2);
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
        Ranks w(kind, world);
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
        Ranks w(kind, 3);
        const auto error = errorOf([&] {
            w.run([&](Communicator& comm) {
                if (comm.rank().value == 2) w.cancel();
                comm.receive(Rank{(comm.rank().value + 1) % 3}, 1, [](ReceivedBytes) {});
            });
        });
        QCOMPARE(error, CommError::Kind::Cancelled);
    }

    void messagesOfAnySize_arriveWhole_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("bytes");
        for (const QByteArray& kind : kindsOfWorlds())
            for (const int bytes : {0, 1, 3, 47, 77, 78, 4096, 65'487, 65'488, 65'536, 1'000'003, 9'000'001})
                QTest::addRow("%s bytes=%d", kind.constData(), bytes) << QString(kind) << bytes;
    }
    void messagesOfAnySize_arriveWhole() {
        QFETCH(QString, kind);
        QFETCH(int, bytes);
        Ranks w(kind, 3);
        w.run([&](Communicator& comm) {
            const int rank = comm.rank().value;
            const auto made = [&](int from, int turn) {
                std::vector<std::byte> content(static_cast<std::size_t>(bytes));
                for (std::size_t i = 0; i < content.size(); ++i)
                    content[i] = static_cast<std::byte>(i * 7 + static_cast<std::size_t>(from * 31 + turn));
                return content;
            };
            for (int turn = 0; turn < 3; ++turn) {
                const auto own = made(rank, turn);
                const Rank right{(rank + 1) % 3}, left{(rank + 2) % 3};
                const SendTicket ticket =
                    comm.beginSend(right, {.tag = 5, .bytes = own, .payloadBytes = bytes});
                const std::int64_t size = comm.receive(left, 5, [&](ReceivedBytes got) {
                    if (!std::ranges::equal(got, made(left.value, turn)))
                        throw std::runtime_error("other bytes arrived");
                });
                if (size != bytes) throw std::runtime_error("another size arrived");
                comm.finishSend(ticket);
            }
        });
    }

    void whatIsOnlyCounted_travelsAsASize_data() { kinds(); }
    void whatIsOnlyCounted_travelsAsASize() {
        QFETCH(QString, kind);
        Ranks w(kind, 2);
        w.run([&](Communicator& comm) {
            if (comm.rank().value == 0) return send(comm, Rank{1}, {.tag = 5, .payloadBytes = 3'000'000'000});
            const std::int64_t size = comm.receive(Rank{0}, 5, [](ReceivedBytes bytes) {
                if (!bytes.empty()) throw std::runtime_error("bytes arrived");
            });
            if (size != 3'000'000'000) throw std::runtime_error("another size arrived");
        });
        QCOMPARE(w.payloadSent(0), 3'000'000'000);
    }

    void manyTags_areReceivedInAnyOrder_data() { kinds(); }
    void manyTags_areReceivedInAnyOrder() {
        QFETCH(QString, kind);
        constexpr int kTags = 300;
        Ranks w(kind, 2);
        w.run([&](Communicator& comm) {
            std::vector<float> values(kTags);
            std::iota(values.begin(), values.end(), 0.0f);
            if (comm.rank().value == 0) {
                std::vector<SendTicket> tickets;
                for (int tag = 0; tag < kTags; ++tag)
                    tickets.push_back(comm.beginSend(
                        Rank{1},
                        parcelOf({&values[static_cast<std::size_t>(tag)], 1}, static_cast<Tag>(tag))));
                for (const SendTicket ticket : tickets) comm.finishSend(ticket);
            } else {
                for (int i = 0; i < kTags; ++i) {
                    const int tag = (i * 7919 + 13) % kTags;
                    float value = -1;
                    receiveInto(comm, Rank{0}, static_cast<Tag>(tag),
                                std::as_writable_bytes(std::span(&value, 1)));
                    if (value != static_cast<float>(tag)) throw std::runtime_error("mixed up");
                }
            }
        });
    }

    void everyone_talksToEveryoneAtOnce_data() { kinds(); }
    void everyone_talksToEveryoneAtOnce() {
        QFETCH(QString, kind);
        constexpr int kWorld = 5, kTurns = 20;
        Ranks w(kind, kWorld);
        w.run([&](Communicator& comm) {
            const int rank = comm.rank().value;
            std::vector<float> values(1000, static_cast<float>(rank));
            std::vector<int> heard(kWorld);
            for (int turn = 0; turn < kTurns; ++turn) {
                std::vector<SendTicket> tickets;
                for (int to = 0; to < kWorld; ++to)
                    if (to != rank) tickets.push_back(comm.beginSend(Rank{to}, parcelOf(values, 8)));
                for (int i = 0; i < kWorld - 1; ++i) {
                    const Rank from = comm.receiveAny(8, [&](Rank who, ReceivedBytes bytes) {
                        float content = 0;
                        std::memcpy(&content, bytes.data(), sizeof content);
                        if (content != static_cast<float>(who.value) || bytes.size() != 4000)
                            throw std::runtime_error("not its own message");
                    });
                    ++heard[from.index()];
                }
                for (const SendTicket ticket : tickets) comm.finishSend(ticket);
            }
            for (int from = 0; from < kWorld; ++from)
                if (heard[static_cast<std::size_t>(from)] != (from == rank ? 0 : kTurns))
                    throw std::runtime_error("somebody was heard too often");
        });
    }

    void consumerThatThrows_freesEverybody_data() { kinds(); }
    void consumerThatThrows_freesEverybody() {
        QFETCH(QString, kind);
        Ranks w(kind, 3);
        QVERIFY_THROWS_EXCEPTION(std::domain_error, w.run([](Communicator& comm) {
            const std::vector<float> values(100'000, 1);
            const Rank right{(comm.rank().value + 1) % 3}, left{(comm.rank().value + 2) % 3};
            const SendTicket ticket = comm.beginSend(right, parcelOf(values, 1));
            comm.receive(left, 1, [&](ReceivedBytes) {
                if (comm.rank().value == 1) throw std::domain_error("it can't use this");
            });
            comm.finishSend(ticket);
            barrier(comm);
        }));
    }

    void failureAtAnyOperation_endsEveryRank_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("failure");
        for (const QByteArray& kind : kindsOfWorlds()) {
            QTest::addRow("%s: a rank leaves", kind.constData()) << QString(kind) << int(Failure::Leaves);
            QTest::addRow("%s: cancelled", kind.constData()) << QString(kind) << int(Failure::Cancelled);
            QTest::addRow("%s: a rank fails", kind.constData()) << QString(kind) << int(Failure::Throws);
        }
    }
    /// The n-th operation of the world doesn't take place, for every n: all ranks end, with an error of the
    /// network's or well, and what they had lent is not read any more.
    void failureAtAnyOperation_endsEveryRank() {
        QFETCH(QString, kind);
        QFETCH(int, failure);
        bool struck = true;
        for (int n = 0; struck; ++n) {
            Ranks w(kind, 3);
            OperationCount operations(n, static_cast<Failure>(failure), [&] { w.cancel(); });
            std::mutex mutex;
            std::vector<std::string> wrong;
            try {
                w.run([&](Communicator& comm) {
                    FailingCommunicator failing(comm, operations);
                    try {
                        // Whoever waits for anybody can't know that it is the one who left.
                        talk(failing, static_cast<Failure>(failure) != Failure::Leaves);
                    } catch (const RankLeaves&) {
                        return;
                    } catch (const CommError& error) {
                        const std::lock_guard lock(mutex);
                        if (!operations.struck()) wrong.push_back(error.what());
                        throw;
                    } catch (const OwnFailure&) {
                        throw;
                    } catch (const std::exception& error) {
                        const std::lock_guard lock(mutex);
                        wrong.push_back(error.what());
                        throw;
                    }
                });
            } catch (const std::exception&) {
            }
            struck = operations.struck();
            if (!wrong.empty()) QFAIL(qPrintable(QString("operation %1: %2").arg(n).arg(wrong[0].c_str())));
            QVERIFY2(n < 1000, "it never comes to its end");
        }
    }
};

}  // namespace rondo::test
