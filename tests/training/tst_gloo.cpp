// Ranks over Gloo, as threads of this process on loopback: what they send arrives as it left, in spite of
// order, size and time, and who can't go on hears why.
#include <QtTest>
#include <algorithm>
#include <latch>
#include <stop_token>

#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/comm/local/local_runtime.h"
#include "engine/core/random.h"
#include "tests/support/gloo_world.h"

using namespace rondo;
using rondo::test::GlooWorld;

namespace {

std::vector<std::byte> bytesOf(std::size_t count, int seed) {
    std::vector<std::byte> bytes(count);
    std::uint32_t state = 2654435761u * static_cast<std::uint32_t>(seed + 1);
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>((state = state * 1664525u + 1013904223u) >> 24);
    return bytes;
}

Parcel parcel(Tag tag, const std::vector<std::byte>& bytes) {
    return {.tag = tag, .bytes = bytes, .payloadBytes = static_cast<std::int64_t>(bytes.size())};
}

std::vector<std::byte> received(Communicator& comm, Rank from, Tag tag) {
    std::vector<std::byte> copy;
    comm.receive(from, tag, [&](ReceivedBytes bytes) { copy.assign(bytes.begin(), bytes.end()); });
    return copy;
}

std::vector<float> valuesOf(int rank, std::size_t elements) {
    std::vector<float> values(elements);
    Random random(static_cast<std::uint64_t>(rank) + 77);
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
}

CommError::Kind errorOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const CommError& error) {
        return error.kind();
    }
    throw std::runtime_error("nothing was thrown");
}

class Deliveries final : public DeliveryObserver {
  public:
    void delivered(const Delivery& delivery) override { all.push_back(delivery); }
    std::vector<Delivery> all;
};

void worlds() {
    QTest::addColumn<int>("world");
    for (const int world : {2, 3, 4}) QTest::addRow("%d ranks", world) << world;
}

/// Ways to wait for somebody who never comes.
void waits() {
    QTest::addColumn<QString>("wait");
    for (const char* wait : {"receive", "receiveAny", "finishSend small", "finishSend large", "sumOverAll"})
        QTest::newRow(wait) << QString(wait);
}
void waitFor(const QString& wait, Communicator& comm, Rank peer) {
    const auto bytes = bytesOf(wait == "finishSend large" ? 3'000'000 : 10, 1);
    std::vector<float> values(1000, 1.0f);
    if (wait == "receive")
        comm.receive(peer, 1, [](ReceivedBytes) {});
    else if (wait == "receiveAny")
        comm.receiveAny(1, [](Rank, ReceivedBytes) {});
    else if (wait == "sumOverAll")
        comm.sumOverAll(values, 0);
    else
        send(comm, peer, parcel(1, bytes));
}

}  // namespace

class TestGloo : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everySize_arrivesWhole_data() {
        QTest::addColumn<int>("size");
        // Around what fits beside the header, and around what a socket takes at once.
        for (const int size : {0, 1, 3, 4096, 16343, 16344, 16345, 65'537, 5'000'001})
            QTest::addRow("%d bytes", size) << size;
    }
    void everySize_arrivesWhole() {
        QFETCH(int, size);
        for (const Lane lane : {Lane::Compute, Lane::Communication}) {
            GlooWorld world(2);
            world.run(
                [&](Communicator& comm) {
                    const Rank peer{1 - comm.rank().value};
                    const auto mine = bytesOf(static_cast<std::size_t>(size), comm.rank().value);
                    std::vector<std::byte> theirs;
                    sendReceive(comm, peer, parcel(9, mine), peer, 9,
                                [&](ReceivedBytes bytes) { theirs.assign(bytes.begin(), bytes.end()); });
                    if (theirs != bytesOf(static_cast<std::size_t>(size), peer.value))
                        throw std::runtime_error("other bytes arrived");
                },
                lane);
        }
    }

    void lanes_neverSeeEachOthersMessages() {
        GlooWorld world(2);
        world.run([&](Communicator& comm) {
            Communicator& other = world.network(comm.rank().value).communicator(Lane::Communication);
            const auto first = bytesOf(5, 1), second = bytesOf(6, 2);
            if (comm.rank().value == 0) {
                const auto a = comm.beginSend(Rank{1}, parcel(4, first));
                const auto b = other.beginSend(Rank{1}, parcel(4, second));
                comm.finishSend(a);
                other.finishSend(b);
            } else {
                if (received(other, Rank{0}, 4) != second || received(comm, Rank{0}, 4) != first)
                    throw std::runtime_error("a message changed lanes");
            }
        });
    }

    void tags_meetInAnyOrder() {
        GlooWorld world(2);
        world.run([&](Communicator& comm) {
            const std::vector<Tag> tags{7, 0, 0xFFFFFFFF, 0x80000000, 3};
            if (comm.rank().value == 0) {
                std::vector<std::vector<std::byte>> bodies;
                std::vector<SendTicket> tickets;
                for (const Tag tag : tags) bodies.push_back(bytesOf(20'000, static_cast<int>(tag % 1000)));
                for (std::size_t i = 0; i < tags.size(); ++i)
                    tickets.push_back(comm.beginSend(Rank{1}, parcel(tags[i], bodies[i])));
                for (const SendTicket ticket : tickets) comm.finishSend(ticket);
            } else {
                for (auto tag = tags.rbegin(); tag != tags.rend(); ++tag)
                    if (received(comm, Rank{0}, *tag) != bytesOf(20'000, static_cast<int>(*tag % 1000)))
                        throw std::runtime_error("a tag met another");
            }
        });
    }

    void messagesOfOneTag_keepTheirOrder() {
        GlooWorld world(2);
        world.run([&](Communicator& comm) {
            for (int i = 0; i < 200; ++i) {
                const auto bytes = bytesOf(i % 3 == 0 ? 30'000u : static_cast<std::size_t>(i), i);
                if (comm.rank().value == 0)
                    send(comm, Rank{1}, parcel(2, bytes));
                else if (received(comm, Rank{0}, 2) != bytes)
                    throw std::runtime_error("out of order");
            }
        });
    }

    void onlyTheSize_mayTravel() {
        GlooWorld world(2);
        world.run([&](Communicator& comm) {
            if (comm.rank().value == 0)
                send(comm, Rank{1}, {.tag = 1, .payloadBytes = 1'000'000'000});
            else if (comm.receive(Rank{0}, 1, [](ReceivedBytes bytes) {
                         if (!bytes.empty()) throw std::runtime_error("bytes from nowhere");
                     }) != 1'000'000'000)
                throw std::runtime_error("another size");
        });
    }

    void receiveAny_hearsEveryone() {
        std::vector<int> heard(4);
        GlooWorld world(4);
        world.run([&](Communicator& comm) {
            constexpr int kEach = 25;
            if (comm.rank().value != 0) {
                for (int i = 0; i < kEach; ++i)
                    send(comm, Rank{0}, parcel(5, bytesOf(i % 2 ? 40'000 : 40, comm.rank().value)));
                return;
            }
            for (int i = 0; i < 3 * kEach; ++i) {
                Rank said{kNone};
                const Rank from = comm.receiveAny(5, [&](Rank rank, ReceivedBytes bytes) {
                    said = rank;
                    if (!std::ranges::equal(bytes, bytesOf(bytes.size(), rank.value)))
                        throw std::runtime_error("somebody else's bytes");
                });
                if (said != from) throw std::runtime_error("two answers");
                ++heard[from.index()];
            }
        });
        QCOMPARE(heard, (std::vector<int>{0, 25, 25, 25}));
    }

    void receiveAny_goesOnWithWhoIsLeft() {
        GlooWorld world(3);
        std::latch gone(2);
        world.run([&](Communicator& comm) {
            if (comm.rank().value == 1) {
                world.kill(1);
                gone.count_down();
                return;
            }
            gone.arrive_and_wait();
            if (comm.rank().value == 2) return send(comm, Rank{0}, parcel(5, bytesOf(3, 2)));
            if (comm.receiveAny(5, [](Rank, ReceivedBytes) {}) != Rank{2})
                throw std::runtime_error("a ghost spoke");
        });
    }

    void whatWasSentBeforeTheEnd_arrives() {
        GlooWorld world(2);
        std::latch left(2);
        QCOMPARE(errorOf([&] {
                     world.run([&](Communicator& comm) {
                         const auto bytes = bytesOf(1'000'000, 3);
                         if (comm.rank().value == 1) {
                             send(comm, Rank{0}, parcel(1, bytes));
                             world.network(1).leave();
                             left.arrive_and_wait();
                             return;
                         }
                         if (received(comm, Rank{1}, 1) != bytes) throw std::runtime_error("cut off");
                         left.arrive_and_wait();
                         received(comm, Rank{1}, 1);
                     });
                 }),
                 CommError::Kind::PeerGone);
    }

    void lostPeer_endsEveryWait_data() { waits(); }
    void lostPeer_endsEveryWait() {
        QFETCH(QString, wait);
        GlooWorld world(2);
        QCOMPARE(errorOf([&] {
                     world.run([&](Communicator& comm) {
                         if (comm.rank().value == 0)
                             waitFor(wait, comm, Rank{1});
                         else
                             world.kill(1);
                     });
                 }),
                 CommError::Kind::PeerGone);
    }

    void lostPeer_endsAnAllReduceOfTheOthers() {
        GlooWorld world(4);
        std::atomic<int> gone = 0;
        world.run([&](Communicator& comm) {
            std::vector<float> values(3'000'000, 1.0f);
            if (comm.rank().value == 2) return world.kill(2);
            try {
                comm.sumOverAll(values, 0);
            } catch (const CommError& error) {
                gone += error.kind() == CommError::Kind::PeerGone;
            }
        });
        QCOMPARE(gone.load(), 3);
    }

    void senderThatDiesInTheMiddle_isNoticed() {
        GlooWorld world(2);
        QCOMPARE(errorOf([&] {
                     world.run([&](Communicator& comm) {
                         const auto bytes = bytesOf(50'000'000, 1);
                         if (comm.rank().value == 1) {
                             const auto small = comm.beginSend(Rank{0}, parcel(1, bytesOf(1, 1)));
                             comm.beginSend(Rank{0}, parcel(2, bytes));
                             comm.finishSend(small);
                             world.kill(1);
                             return;
                         }
                         received(comm, Rank{1}, 1);
                         received(comm, Rank{1}, 2);
                         received(comm, Rank{1}, 3);  // should the second have come in time
                     });
                 }),
                 CommError::Kind::PeerGone);
    }

    void cancel_endsEveryWait_data() { waits(); }
    void cancel_endsEveryWait() {
        QFETCH(QString, wait);
        GlooWorld world(2);
        std::latch begins(2), over(2);
        world.run([&](Communicator& comm) {
            if (comm.rank().value == 1) {
                begins.arrive_and_wait();
                world.network(0).cancel("by the teacher");
                over.arrive_and_wait();
                return;
            }
            begins.arrive_and_wait();
            for (int later = 0; later < 2; ++later) {
                std::string words;
                const auto kind = errorOf([&] {
                    try {
                        waitFor(wait, comm, Rank{1});
                    } catch (const CommError& error) {
                        words = error.what();
                        throw;
                    }
                });
                if (kind != CommError::Kind::Cancelled || words != "by the teacher") {
                    over.count_down();
                    throw std::runtime_error(words);
                }
            }
            over.count_down();
        });
    }

    void deadline_endsEveryWait_data() { waits(); }
    void deadline_endsEveryWait() {
        QFETCH(QString, wait);
        GlooWorld world(2);
        std::latch over(2);
        QCOMPARE(errorOf([&] {
                     world.run([&](Communicator& comm) {
                         if (comm.rank().value == 0) {
                             comm.setDeadline(std::chrono::milliseconds(20));
                             try {
                                 waitFor(wait, comm, Rank{1});
                             } catch (...) {
                                 over.count_down();
                                 throw;
                             }
                         } else {
                             over.arrive_and_wait();
                         }
                     });
                 }),
                 CommError::Kind::Deadline);
    }

    void messageAfterTheDeadline_isStillReceived_data() {
        QTest::addColumn<bool>("any");
        QTest::newRow("receive") << false;
        QTest::newRow("receiveAny") << true;
    }
    void messageAfterTheDeadline_isStillReceived() {
        QFETCH(bool, any);
        GlooWorld world(2);
        std::latch late(2);
        world.run([&](Communicator& comm) {
            const auto bytes = bytesOf(100'000, 4);
            if (comm.rank().value == 1) {
                late.arrive_and_wait();
                send(comm, Rank{0}, parcel(6, bytes));
                return;
            }
            std::vector<std::byte> got;
            const auto attempt = [&] {
                if (any)
                    comm.receiveAny(6, [&](Rank, ReceivedBytes b) { got.assign(b.begin(), b.end()); });
                else
                    got = received(comm, Rank{1}, 6);
            };
            comm.setDeadline(std::chrono::milliseconds(5));
            const auto kind = errorOf(attempt);
            late.arrive_and_wait();
            comm.setDeadline({});
            attempt();
            if (kind != CommError::Kind::Deadline || got != bytes) throw std::runtime_error("not as it was");
        });
    }

    void sumOverAll_isTheSerialSumWithTheSameBitsEverywhere_data() { worlds(); }
    void sumOverAll_isTheSerialSumWithTheSameBitsEverywhere() {
        QFETCH(int, world);
        for (const std::size_t elements : {0u, 1u, 2u, 5u, 1000u, 65'537u, 1'000'001u}) {
            std::vector<std::vector<float>> results(static_cast<std::size_t>(world));
            GlooWorld ranks(world);
            ranks.run([&](Communicator& comm) {
                auto values = valuesOf(comm.rank().value, elements);
                if (!comm.sumOverAll(values, 0)) throw std::runtime_error("Gloo has one");
                results[comm.rank().index()] = values;
            });
            std::vector<double> expected(elements);
            for (int rank = 0; rank < world; ++rank) {
                const auto values = valuesOf(rank, elements);
                for (std::size_t i = 0; i < elements; ++i) expected[i] += values[i];
            }
            for (const auto& result : results) {
                QVERIFY(result == results[0]);
                for (std::size_t i = 0; i < elements; ++i) QVERIFY(std::abs(result[i] - expected[i]) < 1e-5);
            }
        }
    }

    void sumOverAll_isCountedAsARing_data() { worlds(); }
    void sumOverAll_isCountedAsARing() {
        QFETCH(int, world);
        constexpr std::int64_t kElements = 1003;
        std::vector<Deliveries> seen(static_cast<std::size_t>(world));
        GlooWorld ranks(world);
        ranks.run([&](Communicator& comm) {
            ranks.network(comm.rank().value).observe(Lane::Compute, &seen[comm.rank().index()]);
            std::vector<float> values(kElements, 1.0f);
            comm.sumOverAll(values, 6);
        });
        std::int64_t messages = 0;
        for (int rank = 0; rank < world; ++rank) {
            const TrafficMeter& meter = ranks.network(rank).meter(Lane::Compute);
            const Rank right{(rank + 1) % world};
            QCOMPARE(meter.sentTo().size(), 1u);
            QCOMPARE(meter.payloadBytes(), bytesSent(Collective::Ring, kElements, Rank{rank}, world, 0));
            messages += meter.sentTo().at(right).messages;
            std::int64_t arrived = 0;
            for (const Delivery& delivery : seen[right.index()].all) {
                QCOMPARE(delivery.from, Rank{rank});
                QCOMPARE(delivery.bucket, 6);
                arrived += delivery.payloadBytes;
            }
            QCOMPARE(arrived, meter.payloadBytes());
        }
        QCOMPARE(messages, messagesOf(Collective::Ring, world, 0));
    }

    void collectives_giveTheBitsTheyGiveAmongThreads_data() { worlds(); }
    void collectives_giveTheBitsTheyGiveAmongThreads() {
        QFETCH(int, world);
        using Sum = void (*)(Communicator&, Values, CollectiveTraits);
        for (const Sum sum : {Sum(ringAllReduce), Sum(treeAllReduce), Sum(halvingDoublingAllReduce)}) {
            std::vector<std::vector<float>> over(static_cast<std::size_t>(world)), among = over;
            const auto body = [&](Communicator& comm, auto& results) {
                auto values = valuesOf(comm.rank().value, 40'001);
                sum(comm, values, {.tag = 3});
                results[comm.rank().index()] = values;
            };
            GlooWorld ranks(world);
            ranks.run([&](Communicator& comm) { body(comm, over); });
            RunControl control(world, false);
            const auto runtime = makeLocalRuntime(world, control);
            runtime->run([&](Rank rank) { body(runtime->communicator(rank, Lane::Compute), among); });
            QVERIFY(over == among);
        }
    }

    void whatIsSent_isCountedAndSeen() {
        Deliveries seen;
        GlooWorld world(2);
        world.run([&](Communicator& comm) {
            if (comm.rank().value == 0) {
                const auto bytes = bytesOf(100, 1);
                Parcel p = parcel(1, bytes);
                p.bucket = 3, p.chunk = 4, p.microBatch = 5, p.carries = Carries::Activations;
                send(comm, Rank{1}, p);
                p.traffic = Traffic::Control;
                send(comm, Rank{1}, p);
            } else {
                world.network(1).observe(Lane::Compute, &seen);
                received(comm, Rank{0}, 1);
                received(comm, Rank{0}, 1);
            }
        });
        QCOMPARE(world.network(0).meter(Lane::Compute).payloadBytes(), 100);
        const LinkTraffic& link = world.network(0).meter(Lane::Compute).sentTo().at(Rank{1});
        QCOMPARE(link.messages, 1);  // control is not counted
        QCOMPARE(seen.all.size(), 1u);
        const Delivery& delivery = seen.all[0];
        QCOMPARE(delivery.from, Rank{0});
        QCOMPARE(delivery.to, Rank{1});
        QCOMPARE(delivery.payloadBytes, 100);
        QCOMPARE(delivery.wireBytes, link.wireBytes);
        QCOMPARE(delivery.bucket, 3);
        QCOMPARE(delivery.chunk, 4);
        QCOMPARE(delivery.microBatch, 5);
        QVERIFY(delivery.carries == Carries::Activations);
        QVERIFY(delivery.begin.count() > 0 && delivery.begin <= delivery.end);
        QCOMPARE(world.network(0).meter(Lane::Communication).payloadBytes(), 0);
    }

    void clocksThatDisagree_tellNoArrivalBeforeTheDeparture() {
        GlooStore store;
        Deliveries seen;
        const auto end = [&](int rank) {
            return makeGlooNetwork({.storePort = store.port(), .rank = Rank{rank}, .worldSize = 2},
                                   [rank] { return Nanoseconds(rank == 0 ? 1000 : 10); });
        };
        std::thread other([&] {
            const auto network = end(0);
            send(network->communicator(Lane::Compute), Rank{1}, {.tag = 1, .payloadBytes = 1});
            network->leave();
        });
        const auto network = end(1);
        network->observe(Lane::Compute, &seen);
        received(network->communicator(Lane::Compute), Rank{0}, 1);
        other.join();
        QCOMPARE(seen.all.at(0).begin, Nanoseconds(1000));
        QCOMPARE(seen.all.at(0).end, Nanoseconds(1000));
    }

    void wrongSize_isAnErrorAndNobodyHangs() {
        GlooWorld world(2);
        QCOMPARE(errorOf([&] {
                     world.run([&](Communicator& comm) {
                         std::vector<float> values(comm.rank().value == 0 ? 4u : 6u);
                         ringAllReduce(comm, values);
                     });
                 }),
                 CommError::Kind::WrongSize);
    }

    void missingRank_isToldAfterTheTimeout() {
        GlooStore store;
        QCOMPARE(errorOf([&] {
                     makeGlooNetwork({.storePort = store.port(),
                                      .rank = Rank{0},
                                      .worldSize = 2,
                                      .timeout = std::chrono::milliseconds(50)},
                                     GlooWorld::now);
                 }),
                 CommError::Kind::Deadline);
    }

    void placeThatIsTaken_isRefused() {
        GlooStore store;
        const GlooPlace place{.storePort = store.port(), .rank = Rank{0}, .worldSize = 1};
        const auto first = makeGlooNetwork(place, GlooWorld::now);
        QCOMPARE(errorOf([&] { makeGlooNetwork(place, GlooWorld::now); }), CommError::Kind::WrongPeer);
    }

    void gathering_canBeCalledOff() {
        GlooStore store;
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(errorOf([&] {
                     makeGlooNetwork({.storePort = store.port(), .rank = Rank{0}, .worldSize = 2},
                                     GlooWorld::now, stop.get_token());
                 }),
                 CommError::Kind::Cancelled);
    }

    void worldOfOne_needsNobody() {
        GlooWorld world(1);
        world.run([&](Communicator& comm) {
            std::vector<float> values{1, 2};
            if (!comm.sumOverAll(values, 0) || values != std::vector<float>{1, 2})
                throw std::runtime_error("alone, and not its own sum");
            if (errorOf([&] { comm.receiveAny(1, [](Rank, ReceivedBytes) {}); }) != CommError::Kind::PeerGone)
                throw std::runtime_error("somebody else was there");
        });
    }
};

QTEST_GUILESS_MAIN(TestGloo)
#include "tst_gloo.moc"
