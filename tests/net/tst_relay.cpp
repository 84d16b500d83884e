// Messages through the host, for ranks that don't reach each other.
#include <QtTest>
#include <future>

#include "net/membership/authentication.h"
#include "net/membership/relay.h"
#include "tests/support/lobby.h"
#include "tests/support/middleman.h"
#include "tests/support/raw_socket.h"
#include "tests/support/ws_world.h"

using namespace rondo;
using namespace rondo::net;
using namespace rondo::net::test;
using namespace rondo::test;
using namespace std::chrono_literals;

namespace {

/// A host with a relay, and members that are its ranks 0, 1, 2 …
struct Exchange {
    explicit Exchange(int members, Relay::Options options = {}, bool secure = false) {
        HostHandlers handlers;
        handlers.relay = [this](RelayRequest request) { relay->take(std::move(request)); };
        HostOptions hosting = quickHost();
        hosting.secure = secure;
        lobby = std::make_unique<Lobby>(std::move(hosting), std::move(handlers));
        relay = std::make_unique<Relay>(lobby->io, options, [this](Rank rank, const Relayed& news) {
            for (const MemberInfo& info : lobby->host->roster())
                if (info.rank == rank && info.present()) lobby->host->send(info.member, news);
        });
        for (int i = 0; i < members; ++i) {
            guests.push_back(std::make_unique<Guest>(*lobby, "lab"));
            ready = guests.back()->untilJoined() && ready;
            guests.back()->member->send(Ready{1, 0, 0, "rondo"});
            ready = lobby->untilState(memberOf(i), MemberState::Ready) && ready;
            lobby->host->setRank(memberOf(i), Rank{i});
            ready = lobby->untilState(memberOf(i), MemberState::Training) && ready;
        }
        if (!ready) throw std::runtime_error("nobody has joined");
    }
    ~Exchange() {
        // The host first: it hands relays on.
        guests.clear();
        lobby->host.reset();
        relay.reset();
    }
    const Welcome& welcomeOf(int rank) const { return *guests[static_cast<std::size_t>(rank)]->welcome; }
    MemberId memberOf(int rank) const { return welcomeOf(rank).member; }
    RelayAccess accessOf(int rank) const {
        return {*readUrl(lobby->place.url),
                lobby->place.code.secret,
                *welcomeOf(rank).token,
                {{}, lobby->place.code.fingerprint}};
    }
    /// For plans of ranks on loopback: whom `cut` names is out of reach.
    void cutOff(WorldPlan& plan, const std::function<void(PeerPlace&)>& cut) const {
        for (PeerPlace& place : plan.peers) cut(place);
        plan.reverseAfter = 20ms;
        plan.relayAfter = 60ms;
        plan.relay = accessOf(plan.rank.value);
    }
    bool untilFigures(std::size_t waiting, std::size_t pairs) const {
        return QTest::qWaitFor(
            [&] {
                const auto now = relay->figures();
                return now.waiting == waiting && now.pairs == pairs;
            },
            60'000);
    }

    std::unique_ptr<Lobby> lobby;
    std::unique_ptr<Relay> relay;
    std::vector<std::unique_ptr<Guest>> guests;
    bool ready = true;
};

void nowhere(PeerPlace& place) {
    place.port = 1;
}
void untold(PeerPlace& place) {
    place.host.clear();
}

std::unique_ptr<RankNetworkWorld> relayedWorld(
    const Exchange& exchange, int size, const std::function<void(WorldPlan&)>& change = [](WorldPlan&) {}) {
    return makeWsWorld(size, [&](WorldPlan& plan) {
        exchange.cutOff(plan, untold);
        change(plan);
    });
}

/// A relay connection by hand.
class RawRelay {
  public:
    RawRelay(const Exchange& exchange, int rank, RelayPart part) : socket_(exchange.lobby->place.port) {
        socket_.upgrade();
        const auto message = readControlMessage(text());
        if (!message || !std::holds_alternative<Challenge>(*message)) return;
        const auto& challenge = std::get<Challenge>(*message);
        Hello hello;
        hello.role = Role::Relay;
        hello.nonce = randomSecret();
        const RelayAccess access = exchange.accessOf(rank);
        const Secret32 key = keyOfCode(access.secret, challenge.salt, challenge.iterations);
        hello.proof = proofOfClient(key, {challenge.nonce, hello.nonce, nameOf(Role::Relay), {}});
        hello.token = access.token;
        hello.relay = part;
        socket_.send(RawSocket::frame(RawSocket::Text, toText(hello)));
        welcome = text();
    }
    std::string text() {
        const auto frame = socket_.readUntil(RawSocket::Text);
        return frame ? frame->payload : std::string();
    }
    void send(const std::string& message) { socket_.send(RawSocket::frame(RawSocket::Binary, message)); }
    std::string binary() {
        const auto frame = socket_.readUntil(RawSocket::Binary);
        return frame ? frame->payload : std::string();
    }
    int closeCode() {
        const auto frame = socket_.readUntil(RawSocket::Close);
        return frame ? frame->code() : 0;
    }
    std::string welcome;

  private:
    RawSocket socket_;
};

std::string messageOf(const FrameHeader& header, const std::string& body) {
    const auto head = encode(header);
    return std::string(reinterpret_cast<const char*>(head.data()), head.size()) + body;
}

FrameHeader headerFrom0To1(std::size_t bytes) {
    FrameHeader header;
    header.generation = 7;
    header.from = 0;
    header.to = 1;
    header.payloadBytes = bytes;
    return header;
}

}  // namespace

class TestRelay : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    // Ranks.

    void oddEmptyAndLargeMessages_goThroughTheHost_data() {
        QTest::addColumn<bool>("told");
        QTest::addColumn<bool>("secure");
        QTest::newRow("addresses where nobody answers") << true << false;
        QTest::newRow("no address told") << false << false;
        QTest::newRow("encrypted") << false << true;
    }
    void oddEmptyAndLargeMessages_goThroughTheHost() {
        QFETCH(bool, told);
        QFETCH(bool, secure);
        const Exchange exchange(2, {}, secure);
        const auto world = makeWsWorld(2, [&](WorldPlan& plan) {
            exchange.cutOff(plan, told ? nowhere : untold);
            plan.lanes = {Lane::Compute, Lane::Communication};
        });
        QCOMPARE(exchange.relay->figures().pairs, std::size_t{2});  // a lane each
        std::atomic<int> good = 0;
        onEveryRank(2, [&](int rank) {
            const Rank other{1 - rank};
            QVERIFY(dynamic_cast<WsNetwork&>(world->network(rank)).routes().at(other).relayed);
            for (const Lane lane : {Lane::Compute, Lane::Communication}) {
                Communicator& comm = world->network(rank).communicator(lane);
                for (const std::size_t size : {0u, 1u, 33u, 16'385u, 0u, 5'000'001u}) {
                    const std::vector<float> mine(size, static_cast<float>(rank + 1));
                    const std::vector<float> theirs(size, static_cast<float>(other.value + 1));
                    sendReceive(comm, other, parcelOf(mine, 3), other, 3, [&](ReceivedBytes bytes) {
                        const bool same =
                            static_cast<std::size_t>(bytes.size()) == 4 * size &&
                            (size == 0 || std::memcmp(bytes.data(), theirs.data(), 4 * size) == 0);
                        good += same;
                    });
                }
            }
        });
        QCOMPARE(good.load(), 2 * 2 * 6);
    }

    void onlyThoseOutOfReach_areRelayed() {
        const Exchange exchange(3);
        // Ranks 0 and 2 know no way to each other, 1 is called back by 0.
        const auto world = makeWsWorld(3, [&](WorldPlan& plan) {
            exchange.cutOff(plan, [&](PeerPlace& place) {
                if (plan.rank.value + place.rank.value == 2) untold(place);
                if (plan.rank.value == 1 && place.rank.value == 0) nowhere(place);
            });
            plan.relayAfter = 1h;
        });
        std::vector<float> sums(3);
        onEveryRank(3, [&](int rank) {
            std::vector<float> values{static_cast<float>(rank + 1)};
            ringAllReduce(world->network(rank).communicator(Lane::Compute), values);
            sums[static_cast<std::size_t>(rank)] = values[0];
        });
        QCOMPARE(sums, (std::vector<float>{6, 6, 6}));
        const auto relayed = [&](int rank, int other) {
            return dynamic_cast<WsNetwork&>(world->network(rank)).routes().at(Rank{other}).relayed;
        };
        QVERIFY(relayed(0, 2) && relayed(2, 0));
        QVERIFY(!relayed(0, 1) && !relayed(1, 0) && !relayed(1, 2) && !relayed(2, 1));
    }

    // A parameter server, say, has no connection to the host: it is there already.
    void ranksOfTheHostItself_areRelayedToo_data() {
        QTest::addColumn<bool>("secure");
        QTest::newRow("plain") << false;
        QTest::newRow("encrypted") << true;
    }
    void ranksOfTheHostItself_areRelayedToo() {
        QFETCH(bool, secure);
        const Exchange exchange(1, {}, secure);
        constexpr MemberId kServer = 1u << 31;
        exchange.lobby->host->relayFor(kServer, Rank{5});
        const RelayAccess access = exchange.lobby->host->relayFor(kServer, Rank{1});
        const auto world = makeWsWorld(2, [&](WorldPlan& plan) {
            untold(plan.peers[0]);
            plan.relay = plan.rank.value == 1 ? access : exchange.accessOf(0);
        });
        QCOMPARE(exchange.relay->figures().pairs, std::size_t{1});
        std::vector<float> sums(2);
        onEveryRank(2, [&](int rank) {
            std::vector<float> values{static_cast<float>(rank + 1)};
            ringAllReduce(world->network(rank).communicator(Lane::Compute), values);
            sums[static_cast<std::size_t>(rank)] = values[0];
        });
        QCOMPARE(sums, (std::vector<float>{3, 3}));
    }

    void relayWithAnotherCertificate_isToldNothing() {
        const Exchange exchange(2, {}, true);
        const Middleman eve(exchange.lobby->place.port, Middleman::Does::OpensTls);
        const auto listeners = listenersFor(2);
        WorldPlan plan = planOf(1, listeners);
        exchange.cutOff(plan, untold);
        plan.relay->host.port = eve.port();
        plan.deadline = 1500ms;
        try {
            connectWorld(*listeners[1], plan);
            QFAIL("that was not the host");
        } catch (const CommError& error) {
            QVERIFY2(QString(error.what()).contains("certificate"), error.what());
        }
        QVERIFY(eve.called() > 0);
        QCOMPARE(eve.read(), std::string());
    }

    void tokenOfARankBefore_isGoodNoMore() {
        const Exchange exchange(1);
        constexpr MemberId kServer = 1u << 31;
        const RelayAccess old = exchange.lobby->host->relayFor(kServer, Rank{1});
        exchange.lobby->host->relayFor(kServer, Rank{1});
        const auto listeners = listenersFor(2);
        WorldPlan plan = planOf(1, listeners);
        untold(plan.peers[0]);
        plan.relay = old;
        plan.deadline = 1000ms;
        try {
            connectWorld(*listeners[1], plan);
            QFAIL("it has another token");
        } catch (const CommError& error) {
            QVERIFY2(QString(error.what()).contains("the host opens no relay"), error.what());
        }
    }

    void slowReader_holdsItsSenderUpWithBoundedMemory() {
        Relay::Options options;
        options.ahead = 1'000'000;
        const Exchange exchange(2, options);
        const auto world = relayedWorld(exchange, 2, [](WorldPlan& plan) { plan.limits.early = 1'000'000; });
        constexpr int kMessages = 150;
        std::atomic<int> sent = 0;
        std::thread sender([&] {
            const std::vector<float> values(250'000);
            try {
                for (int i = 0; i < kMessages; ++i) {
                    send(world->network(0).communicator(Lane::Compute), Rank{1}, parcelOf(values, 1));
                    ++sent;
                }
            } catch (const CommError&) {
            }
        });
        Communicator& comm = world->network(1).communicator(Lane::Compute);
        // Asks for what never comes, until the room for early ones is used up.
        QVERIFY_THROWS_EXCEPTION(CommError, comm.receive(Rank{0}, 2, [](ReceivedBytes) {}));
        QVERIFY(sent < kMessages);
        for (int i = 0; i < kMessages; ++i) comm.receive(Rank{0}, 1, [](ReceivedBytes) {});
        sender.join();
        QCOMPARE(sent.load(), kMessages);
        const std::size_t most = exchange.relay->figures().mostWaitingBytes;
        QVERIFY2(most > 0 && most <= 1'000'000 + 2 * 1'000'048, std::to_string(most).c_str());
    }

    void whatWasSentBeforeARankLeft_isStillDelivered() {
        const Exchange exchange(2);
        const auto world = relayedWorld(exchange, 2);
        const std::vector<float> values(2'000'000, 3.0f);
        std::thread sender([&] {
            send(world->network(0).communicator(Lane::Compute), Rank{1}, parcelOf(values, 1));
            world->network(0).leave();
            world->kill(0);
        });
        std::vector<float> got(values.size());
        Communicator& comm = world->network(1).communicator(Lane::Compute);
        receiveInto(comm, Rank{0}, 1, std::as_writable_bytes(std::span(got)));
        sender.join();
        QCOMPARE(got, values);
        try {
            comm.receive(Rank{0}, 1, [](ReceivedBytes) {});
            QFAIL("it has left");
        } catch (const CommError& error) {
            QCOMPARE(error.kind(), CommError::Kind::PeerGone);
        }
    }

    void killedRank_isNoticedAndItsPairForgotten() {
        const Exchange exchange(2);
        const auto world = relayedWorld(exchange, 2);
        QCOMPARE(exchange.relay->figures().pairs, std::size_t{1});
        auto waiting = std::async(std::launch::async, [&] {
            try {
                world->network(1).communicator(Lane::Compute).receive(Rank{0}, 1, [](ReceivedBytes) {});
            } catch (const CommError& error) {
                return error.kind();
            }
            throw std::runtime_error("nothing was thrown");
        });
        world->kill(0);
        QCOMPARE(waiting.get(), CommError::Kind::PeerGone);
        QVERIFY(exchange.untilFigures(0, 0));
    }

    void rankThatBeginsLate_isNotRelayed() {
        const Exchange exchange(2);
        const auto listeners = listenersFor(2);
        const auto planned = [&](int rank) {
            WorldPlan plan = planOf(rank, listeners);
            exchange.cutOff(plan, [](PeerPlace&) {});
            return plan;
        };
        auto early = std::async(std::launch::async, [&] { return connectWorld(*listeners[1], planned(1)); });
        // Its call comes through, and is held until the other knows of the world.
        QTRY_COMPARE(listeners[0]->counts().unproven, 1u);
        QTest::qWait(200);  // past the time when it would turn to the relay
        QCOMPARE(exchange.relay->figures().waiting, std::size_t{0});
        WorldPlan plan = planned(0);
        plan.relayAfter = 1h;
        const auto late = connectWorld(*listeners[0], plan);
        QVERIFY(!late->routes().at(Rank{1}).relayed);
        QVERIFY(!early.get()->routes().at(Rank{0}).relayed);
    }

    void nobodyAtTheRelay_isSaid() {
        Relay::Options options;
        options.patience = 50ms;
        const Exchange exchange(2, options);
        const auto listeners = listenersFor(2);
        WorldPlan plan = planOf(1, listeners);
        exchange.cutOff(plan, untold);
        plan.deadline = 1500ms;
        try {
            connectWorld(*listeners[1], plan);
            QFAIL("there is nobody");
        } catch (const CommError& error) {
            QCOMPARE(error.kind(), CommError::Kind::Deadline);
            QVERIFY2(QString(error.what()).contains("by relay"), error.what());
        }
        QVERIFY(exchange.untilFigures(0, 0));
    }

    // What the host sees to.

    void pair_isToldAndGetsMessagesUnchanged() {
        const Exchange exchange(2);
        RawRelay zero(exchange, 0, {7, Rank{1}, Lane::Compute});
        QVERIFY(zero.welcome.find("\"welcome\"") != std::string::npos);
        QVERIFY(exchange.untilFigures(1, 0));
        Guest& other = *exchange.guests[1];
        const ControlMessage news = Relayed{7, Rank{0}, Lane::Compute};
        QVERIFY(other.notes.until([&] {
            return std::find(other.control.begin(), other.control.end(), news) != other.control.end();
        }));
        RawRelay one(exchange, 1, {7, Rank{0}, Lane::Compute});
        QCOMPARE(zero.text(), toText(Relayed{7, Rank{1}, Lane::Compute}));
        QCOMPARE(one.text(), toText(Relayed{7, Rank{0}, Lane::Compute}));
        const std::string message = messageOf(headerFrom0To1(5), "hello");
        zero.send(message);
        QCOMPARE(one.binary(), message);
        QVERIFY(exchange.untilFigures(0, 1));
    }

    void whatIsNotThePairs_closesBoth_data() {
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, int code, const std::function<void(FrameHeader&)>& change) {
            FrameHeader header = headerFrom0To1(5);
            change(header);
            QTest::newRow(name) << QByteArray::fromStdString(messageOf(header, "hello")) << code;
        };
        row("from another rank", 4004, [](FrameHeader& header) { header.from = 2; });
        row("as if from the other", 4004, [](FrameHeader& header) { header.from = 1; });
        row("for another rank", 4004, [](FrameHeader& header) { header.to = 2; });
        row("for the host", 4004, [](FrameHeader& header) { header.to = -1; });
        row("of another world", 4004, [](FrameHeader& header) { header.generation = 8; });
        row("of another lane", 4004, [](FrameHeader& header) { header.communicationLane = true; });
        row("a rank message", 4004,
            [](FrameHeader& header) { header.kind = FrameHeader::Kind::RankMessage; });
        row("longer than it says", 4003, [](FrameHeader& header) { header.payloadBytes = 4; });
        QTest::newRow("no header") << QByteArray("hello") << 4003;
    }
    void whatIsNotThePairs_closesBoth() {
        QFETCH(QByteArray, message);
        QFETCH(int, code);
        const Exchange exchange(2);
        RawRelay zero(exchange, 0, {7, Rank{1}, Lane::Compute});
        RawRelay one(exchange, 1, {7, Rank{0}, Lane::Compute});
        QVERIFY(!zero.text().empty());
        zero.send(message.toStdString());
        QCOMPARE(zero.closeCode(), code);
        QCOMPARE(one.closeCode(), code);
        QVERIFY(exchange.untilFigures(0, 0));
    }

    void messageBeforeTheOtherIsThere_isNotTaken() {
        const Exchange exchange(2);
        RawRelay zero(exchange, 0, {7, Rank{1}, Lane::Compute});
        zero.send(messageOf(headerFrom0To1(5), "hello"));
        QCOMPARE(zero.closeCode(), 1003);
        QVERIFY(exchange.untilFigures(0, 0));
    }

    void otherWorldOrLane_isAnotherPair() {
        const Exchange exchange(2);
        RawRelay zero(exchange, 0, {7, Rank{1}, Lane::Compute});
        RawRelay later(exchange, 1, {8, Rank{0}, Lane::Compute});
        RawRelay lane(exchange, 1, {7, Rank{0}, Lane::Communication});
        QVERIFY(exchange.untilFigures(3, 0));
    }

    void withoutTheSecond_theFirstIsSentAway() {
        Relay::Options options;
        options.patience = 30ms;
        const Exchange exchange(2, options);
        RawRelay zero(exchange, 0, {7, Rank{1}, Lane::Compute});
        QCOMPARE(zero.closeCode(), 4010);
        QVERIFY(exchange.untilFigures(0, 0));
    }

    void whoComesAgain_takesItsPlace() {
        const Exchange exchange(2);
        RawRelay first(exchange, 0, {7, Rank{1}, Lane::Compute});
        RawRelay again(exchange, 0, {7, Rank{1}, Lane::Compute});
        QCOMPARE(first.closeCode(), 4009);
        QVERIFY(exchange.untilFigures(1, 0));
        RawRelay one(exchange, 1, {7, Rank{0}, Lane::Compute});
        QVERIFY(!again.text().empty());
    }

    void memberThatIsGone_isNotWaitedFor() {
        Relay::Options options;
        options.silence = 50ms;
        const Exchange exchange(2, options);
        RawRelay zero(exchange, 0, {7, Rank{1}, Lane::Compute});
        RawRelay one(exchange, 1, {7, Rank{0}, Lane::Compute});
        QVERIFY(exchange.untilFigures(0, 1));
        // Nothing is heard of its connection: nobody here answers pings.
        exchange.relay->memberGone(exchange.memberOf(0));
        QCOMPARE(one.closeCode(), 4005);
        QVERIFY(exchange.untilFigures(0, 0));
    }

    void tooMany_areRefused() {
        Relay::Options options;
        options.mostLinks = 2;
        const Exchange exchange(2, options);
        RawRelay one(exchange, 0, {7, Rank{1}, Lane::Compute}), two(exchange, 0, {8, Rank{1}, Lane::Compute}),
            three(exchange, 0, {9, Rank{1}, Lane::Compute});
        QCOMPARE(three.closeCode(), 4008);
    }

    void itself_isNoPeer() {
        const Exchange exchange(1);
        RawRelay zero(exchange, 0, {7, Rank{0}, Lane::Compute});
        QCOMPARE(zero.closeCode(), 4004);
    }
};

QTEST_GUILESS_MAIN(TestRelay)
#include "tst_relay.moc"
