#include <QtTest>
#include <algorithm>
#include <set>

#include "tests/support/lobby.h"
#include "tests/support/middleman.h"
#include "tests/support/raw_member.h"

using namespace rondo;
using namespace rondo::net;
using namespace rondo::net::test;
using namespace std::chrono_literals;

class TestJoin : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void rightCode_joins() {
        Lobby lobby;
        QVERIFY(lobby.place.port > 0);
        QCOMPARE(QString::fromStdString(lobby.place.joinLine),
                 QString("rondo-cli worker --join ws://127.0.0.1:%1 --code K7M-Q2X").arg(lobby.place.port));
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        QCOMPARE(ann.welcome->member, 1u);
        QCOMPARE(ann.welcome->name, std::string("ann"));
        QVERIFY(lobby.untilState(1, MemberState::Joining));
        ann.member->send(Ready{4, 12.5, 40000, "rondo 0.1"});
        QVERIFY(lobby.untilState(1, MemberState::Ready));
        const MemberInfo info = lobby.latest(1);
        QCOMPARE(info.cores, 4u);
        QCOMPARE(info.gflops, 12.5);
        QCOMPARE(info.peerPort, std::uint16_t{40000});
        QCOMPARE(info.address, std::string("127.0.0.1"));
    }

    void wrongCode_isRefusedAfterAWhile() {
        Lobby lobby;
        Guest eve(lobby, "eve", [](MemberOptions& options) { options.code.secret = "AAAAAA"; });
        QVERIFY(eve.untilEnd());
        QVERIFY(!eve.end->joined);
        QVERIFY(!eve.end->mayRetry);
        QCOMPARE(static_cast<int>(eve.end->code), static_cast<int>(CloseCode::WrongProof));
        QCOMPARE(eve.end->why, std::string("wrong code"));
        QVERIFY(lobby.untilLogged("wrong code"));
        QVERIFY(lobby.host->roster().empty());
    }

    void rightCode_isTakenAtOnceBesideWrongOnesOfTheSameAddress() {
        HostOptions options = quickHost();
        options.firstDelay = options.mostDelay = 1h;  // a wrong one waits for longer than this test
        Lobby lobby(options);
        std::vector<std::unique_ptr<Guest>> wrong;
        for (int i = 0; i < 5; ++i)
            wrong.push_back(std::make_unique<Guest>(
                lobby, "eve", [](MemberOptions& options) { options.code.secret = "AAAAAA"; }));
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        for (const auto& one : wrong) QVERIFY(one->notes.look([&] { return !one->end; }));
    }

    void messages_goBothWaysInOrder() {
        Lobby lobby;
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        for (std::uint32_t i = 0; i < 200; ++i)
            QVERIFY(ann.say(i, std::string(i * 997 % 70000, static_cast<char>(i))) == Connection::Sent::Yes);
        QVERIFY(lobby.notes.until([&] { return lobby.heard.size() == 200; }));
        for (std::uint32_t i = 0; i < 200; ++i) {
            QCOMPARE(lobby.heard[i].tag, i);
            QVERIFY(lobby.heard[i].body == std::string(i * 997 % 70000, static_cast<char>(i)));
        }
        const std::string big(30'000'000, 'x');
        FrameHeader header;
        header.kind = FrameHeader::Kind::RankMessage;
        header.payloadBytes = big.size();
        QVERIFY(lobby.host->send(1, header, std::as_bytes(std::span(big))) == Connection::Sent::Yes);
        QVERIFY(ann.notes.until([&] { return ann.bytes.size() == big.size(); }));
        QVERIFY(ann.bytes == big);
        ann.say(9999, big);
        QVERIFY(lobby.notes.until([&] { return lobby.heard.back().tag == 9999; }));
        QVERIFY(lobby.heard.back().body == big);
    }

    void encryptedHost_isKnownByItsFingerprint() {
        HostOptions options = quickHost();
        options.secure = true;
        Lobby lobby(options);
        QVERIFY(lobby.place.url.starts_with("wss://"));
        QCOMPARE(lobby.place.code.fingerprint.size(), std::size_t{10});
        Guest byCode(lobby, "by code");
        QVERIFY(byCode.untilJoined());
        Guest byFile(lobby, "by file", [&](MemberOptions& options) {
            options.code.fingerprint.clear();
            options.fingerprint = readFingerprint(hexOf(*lobby.place.fingerprint)).value();
        });
        QVERIFY(byFile.untilJoined());
        byFile.say(5, "hello");
        QVERIFY(lobby.notes.until([&] { return lobby.heard.size() == 1; }));

        Guest other(lobby, "other", [](MemberOptions& options) { options.code.fingerprint = "AAAAAAAAAA"; });
        QVERIFY(other.untilEnd());
        QVERIFY2(other.end->why.find("certificate") != std::string::npos, other.end->why.c_str());
        Guest none(lobby, "none", [](MemberOptions& options) { options.code.fingerprint.clear(); });
        QVERIFY(none.untilEnd());
        QVERIFY2(none.end->why.find("K7M-Q2X-ABCDE-FGHJK") != std::string::npos, none.end->why.c_str());
    }

    void manInTheMiddle_learnsNothing() {
        HostOptions options = quickHost();
        options.secure = true;
        Lobby lobby(options);
        const Middleman eve(lobby.place.port, Middleman::Does::OpensTls);
        Guest ann(lobby, "ann", [&](MemberOptions& options) { options.url.port = eve.port(); });
        QVERIFY(ann.untilEnd());
        QVERIFY(!ann.end->joined && !ann.end->mayRetry);
        QVERIFY2(ann.end->why.find("certificate") != std::string::npos, ann.end->why.c_str());
        QVERIFY(eve.called() > 0);
        QCOMPARE(eve.read(), std::string());
        // And who believes the wrong certificate proves the code for that one, which is no proof to the host.
        Guest bob(lobby, "bob", [&](MemberOptions& options) {
            options.url.port = eve.port();
            options.code.fingerprint.clear();
            options.fingerprint = eve.fingerprint();
        });
        QVERIFY(bob.untilEnd());
        QVERIFY(!bob.end->joined);
        QCOMPARE(bob.end->why, std::string("wrong code"));
    }

    void whatAnEncryptedHostSays_isNotReadOnTheWay() {
        HostOptions options = quickHost();
        options.secure = true;
        Lobby lobby(options);
        const Middleman eve(lobby.place.port, Middleman::Does::Listens);
        Guest ann(lobby, "ann", [&](MemberOptions& options) { options.url.port = eve.port(); });
        QVERIFY(ann.untilJoined());
        const std::string secret(400, 's');
        FrameHeader header;
        header.kind = FrameHeader::Kind::RankMessage;
        header.payloadBytes = secret.size();
        lobby.host->send(ann.welcome->member, header, std::as_bytes(std::span(secret)));
        QVERIFY(ann.notes.until([&] { return ann.bytes == secret; }));
        const std::string read = eve.read();
        QVERIFY(read.size() > secret.size());
        QVERIFY(read.find(secret) == std::string::npos && read.find("challenge") == std::string::npos);
    }

    void encryptedHost_refusesAWrongCodeToo() {
        HostOptions options = quickHost();
        options.secure = true;
        Lobby lobby(options);
        Guest eve(lobby, "eve", [](MemberOptions& options) { options.code.secret = "AAAAAA"; });
        QVERIFY(eve.untilEnd());
        QCOMPARE(eve.end->why, std::string("wrong code"));
    }

    void nobodyThere_isSaidInWords() {
        Lobby lobby;
        Guest lost(lobby, "lost", [](MemberOptions& options) { options.url.port = 1; });
        QVERIFY(lost.untilEnd());
        QCOMPARE(lost.end->why, std::string("nobody listens there"));
        QVERIFY(lost.end->mayRetry);
        Guest nowhere(lobby, "nowhere",
                      [](MemberOptions& options) { options.url.host = "no-such-host.invalid"; });
        QVERIFY(nowhere.untilEnd());
        QCOMPARE(nowhere.end->why, std::string("no machine of that name"));
    }

    void portInUse_isSaidInWords() {
        Lobby lobby;
        HostOptions options = quickHost();
        options.port = lobby.place.port;
        Host second(lobby.io, options, {});
        const auto started = second.start();
        QVERIFY(!started.ok());
        QVERIFY2(started.error().find("taken by another program") != std::string::npos,
                 started.error().c_str());
    }

    // Names and returning.

    void sameName_getsANumber() {
        Lobby lobby;
        Guest first(lobby, "lab"), second(lobby, "lab");
        QVERIFY(first.untilJoined() && second.untilJoined());
        std::set<std::string> names{first.welcome->name, second.welcome->name};
        QVERIFY((names == std::set<std::string>{"lab", "lab (2)"}));
    }

    void whoReturnsUnderItsName_isTheSameMember() {
        Lobby lobby;
        {
            Guest ann(lobby, "ann");
            QVERIFY(ann.untilJoined());
            ann.member->leave("back soon");
            QVERIFY(lobby.untilState(1, MemberState::Left));
            QCOMPARE(lobby.latest(1).detail, std::string("back soon"));
        }
        Guest other(lobby, "bob");
        QVERIFY(other.untilJoined());
        Guest again(lobby, "ann");
        QVERIFY(again.untilJoined());
        QCOMPARE(again.welcome->member, 1u);
        QCOMPARE(again.welcome->name, std::string("ann"));
        QCOMPARE(lobby.host->roster().size(), std::size_t{2});
    }

    void whoReturnsWithItsToken_takesThePlaceOfAConnectionThatHangs() {
        Lobby lobby;
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        Guest again(lobby, "ann", [&](MemberOptions& options) { options.token = ann.welcome->token; });
        QVERIFY(again.untilJoined());
        QCOMPARE(again.welcome->member, 1u);
        QVERIFY(ann.untilEnd());
        QCOMPARE(static_cast<int>(ann.end->code), static_cast<int>(CloseCode::Replaced));
        QVERIFY(!ann.end->mayRetry);  // or the two would throw each other out for ever
        QCOMPARE(lobby.notes.look([&] { return lobby.gone.size(); }), std::size_t{1});
        again.say(1, "here");
        QVERIFY(lobby.notes.until([&] { return lobby.heard.size() == 1; }));
        QVERIFY(*again.welcome->token != *ann.welcome->token);
    }

    void rename_isToldToAll() {
        Lobby lobby;
        Guest ann(lobby, "ann"), bob(lobby, "bob");
        QVERIFY(ann.untilJoined() && bob.untilJoined());
        const MemberId id = ann.welcome->member;
        lobby.host->rename(id, "  window seat\t");
        QVERIFY(ann.notes.until([&] {
            return std::any_of(ann.control.begin(), ann.control.end(), [](const ControlMessage& message) {
                const auto* rename = std::get_if<Rename>(&message);
                return rename && rename->name == "window seat";
            });
        }));
        QVERIFY(bob.notes.until([&] {
            return std::any_of(bob.control.begin(), bob.control.end(), [&](const ControlMessage& message) {
                const auto* roster = std::get_if<Roster>(&message);
                return roster &&
                       std::any_of(roster->members.begin(), roster->members.end(), [&](const auto& entry) {
                           return entry.member == id && entry.name == "window seat";
                       });
            });
        }));
        bob.member->send(Rename{"window seat"});
        QVERIFY(lobby.notes.until([&] {
            return std::any_of(lobby.changes.begin(), lobby.changes.end(),
                               [](const MemberInfo& info) { return info.name == "window seat (2)"; });
        }));
    }

    void whoIsSentAway_isToldWhy() {
        Lobby lobby;
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        lobby.host->remove(1, "please use the other machine");
        QVERIFY(ann.untilEnd());
        QCOMPARE(static_cast<int>(ann.end->code), static_cast<int>(CloseCode::Removed));
        QCOMPARE(ann.end->why, std::string("please use the other machine"));
        QVERIFY(!ann.end->mayRetry);
        QVERIFY(lobby.untilState(1, MemberState::Removed));
        Guest again(lobby, "ann", [&](MemberOptions& options) { options.token = ann.welcome->token; });
        QVERIFY(again.untilJoined());
        QCOMPARE(again.welcome->member, 2u);  // the token is good no more
    }

    void hostThatEnds_saysSo() {
        auto lobby = std::make_unique<Lobby>();
        Guest ann(*lobby, "ann");
        QVERIFY(ann.untilJoined());
        lobby->host.reset();
        QVERIFY(ann.untilEnd());
        QCOMPARE(ann.end->why, std::string("the host has ended"));
        QVERIFY(ann.end->mayRetry);
        ann.member.reset();
    }

    void state_followsTheRun() {
        Lobby lobby;
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        ann.member->send(Ready{1, 0, 0, "x"});
        QVERIFY(lobby.untilState(1, MemberState::Ready));
        lobby.host->setRank(1, Rank{2});
        QVERIFY(lobby.untilState(1, MemberState::Training));
        QCOMPARE(lobby.latest(1).rank, Rank{2});
        lobby.host->setRank(1, std::nullopt);
        QVERIFY(lobby.untilState(1, MemberState::Ready));
    }

    // Heartbeats and clocks.

    void silentMember_isLost() {
        HostOptions options = quickHost();
        options.silence = 200ms;
        Lobby lobby(options);
        IoThread frozen;
        Lobby* const there = &lobby;
        MemberOptions own;
        own.url = *readUrl(there->place.url);
        own.code = there->place.code;
        own.name = "ann";
        Notes notes;
        bool joined = false, goOn = false;
        MemberHandlers handlers;
        // Its io thread stands still, as that of a machine that hangs: the socket is open and nothing comes.
        handlers.joined = [&](const Welcome&) {
            notes.note([&] { joined = true; });
            notes.until([&] { return goOn; });
        };
        Member ann(frozen, own, handlers);
        QVERIFY(notes.until([&] { return joined; }));
        QVERIFY(lobby.untilState(1, MemberState::Lost));
        QCOMPARE(lobby.latest(1).detail, std::string("nothing heard for 200 ms"));
        QCOMPARE(lobby.notes.look([&] { return lobby.gone.size(); }), std::size_t{1});
        notes.note([&] { goOn = true; });
    }

    void whoOnlyAnswersPings_isNotLost() {
        HostOptions options = quickHost();
        options.silence = 1s;
        Lobby lobby(options);
        // A viewer is asked nothing, and this one never says a word or pings by itself.
        Guest quiet(lobby, "quiet", [](MemberOptions& options) {
            options.role = Role::Viewer;
            options.credit = 0;
            options.heartbeat = options.silence = 1h;
        });
        QVERIFY(quiet.untilJoined());
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        // She is measured anew every 20 ms, so a hundred times take twice as long as anybody may be silent.
        QVERIFY(lobby.notes.until([&] { return lobby.changes.size() > 100; }));
        QVERIFY(quiet.notes.look([&] { return !quiet.end; }));
        QCOMPARE(lobby.host->figures().viewers, std::size_t{1});
    }

    void everyByte_isASignOfLife() {
        // A worker that takes seconds to send its weights is there all the time.
        HostOptions options = quickHost();
        options.silence = 1s;
        Lobby lobby(options);
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        RawSocket slow(lobby.place.port);
        QVERIFY(join(slow, Role::Worker));
        FrameHeader header;
        header.kind = FrameHeader::Kind::RankMessage;
        header.tag = 7;
        header.payloadBytes = 100;
        const auto head = encode(header);
        slow.send(RawSocket::head(RawSocket::Binary, head.size() + header.payloadBytes) +
                  std::string(reinterpret_cast<const char*>(head.data()), head.size()));
        // It answers no ping, and no question for its clock. A byte each time that ann, who does, has been
        // measured anew: every 20 ms.
        for (std::uint64_t i = 0; i < header.payloadBytes; ++i) {
            const std::size_t before = lobby.notes.look([&] { return lobby.changes.size(); });
            QVERIFY(lobby.notes.until([&] { return lobby.changes.size() > before; }));
            QVERIFY(slow.send("w"));
        }
        QVERIFY(lobby.notes.until([&] { return !lobby.heard.empty() || !lobby.gone.empty(); }));
        QVERIFY(lobby.notes.look([&] { return lobby.gone.empty(); }));
        QCOMPARE(lobby.heard[0].body, std::string(100, 'w'));
        QVERIFY(lobby.untilState(2, MemberState::Lost));  // now that it says no more
    }

    void clock_isToldToTheMember() {
        Lobby lobby;
        // Its clock is an hour ahead.
        RawSocket ahead(lobby.place.port);
        QVERIFY(join(ahead, Role::Worker));
        constexpr std::int64_t kAhead = std::chrono::nanoseconds(1h).count();
        std::optional<ClockTold> told;
        for (int i = 0; i < 100 && !told; ++i) {
            const auto frame = ahead.readUntil(RawSocket::Text);
            QVERIFY(frame.has_value());
            const auto message = readControlMessage(frame->payload);
            const auto* asked = message ? std::get_if<ClockAsked>(&*message) : nullptr;
            if (!asked) continue;
            told = asked->told;
            const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count() + kAhead;
            ahead.send(
                RawSocket::frame(RawSocket::Text, toText(ClockAnswered{asked->id, asked->t0, now, now})));
        }
        QVERIFY(told.has_value());
        QVERIFY(told->uncertainty > 0);
        QVERIFY2(std::abs(told->offset - kAhead) <= told->uncertainty,
                 qPrintable(QString::number(told->offset)));
        QVERIFY(lobby.notes.until([&] {
            return std::any_of(lobby.changes.begin(), lobby.changes.end(),
                               [](const MemberInfo& info) { return info.clockKnown; });
        }));
        const MemberInfo info = lobby.latest(1);
        QVERIFY(info.roundTrip > Nanoseconds{0});
        QVERIFY(std::abs(info.clockOffset.count() - kAhead) <= info.clockUncertainty.count());
        // The other end keeps what it is told.
        Guest ann(lobby, "ann");
        QVERIFY(ann.untilJoined());
        QVERIFY(lobby.notes.until([&] {
            return std::any_of(lobby.changes.begin(), lobby.changes.end(),
                               [](const MemberInfo& info) { return info.member == 2 && info.clockKnown; });
        }));
        QTRY_VERIFY_WITH_TIMEOUT(ann.member->clock().has_value(), 60'000);
        QVERIFY(std::abs(ann.member->clock()->offset.count()) <= ann.member->clock()->uncertainty.count());
    }

    // Bounds.

    void memberThatDoesNotRead_isLostInsteadOfFillingMemory() {
        HostOptions options = quickHost();
        options.memberOutbox = 4'000'000;
        Lobby lobby(options);
        IoThread frozen;
        MemberOptions own;
        own.url = *readUrl(lobby.place.url);
        own.code = lobby.place.code;
        own.name = "ann";
        Notes notes;
        bool joined = false, goOn = false;
        MemberHandlers handlers;
        handlers.joined = [&](const Welcome&) {
            notes.note([&] { joined = true; });
            notes.until([&] { return goOn; });
        };
        Member ann(frozen, own, handlers);
        QVERIFY(notes.until([&] { return joined; }));
        const std::string body(1'000'000, 'x');
        FrameHeader header;
        header.kind = FrameHeader::Kind::RankMessage;
        header.payloadBytes = body.size();
        auto sent = Connection::Sent::Yes;
        int messages = 0;
        for (; sent == Connection::Sent::Yes && messages < 1000; ++messages) {
            sent = lobby.host->send(1, header, std::as_bytes(std::span(body)));
            QVERIFY(lobby.host->figures().waitingBytes <= options.memberOutbox);
        }
        QVERIFY(sent == Connection::Sent::Full);
        QVERIFY(lobby.untilState(1, MemberState::Lost));
        QCOMPARE(lobby.latest(1).detail, std::string("doesn't read what is sent to it"));
        notes.note([&] { goOn = true; });
    }

    void messageThatCannotBeTakenIn_endsItsMemberOnly() {
        HostHandlers handlers;
        handlers.binaryMessage = [](MemberId, const FrameHeader& header, std::span<const std::byte>) {
            if (header.tag == 13) throw std::length_error("no memory for that");
        };
        handlers.wanted = [](MemberId, const Want&) { throw std::runtime_error("no samples left"); };
        Lobby lobby(quickHost(), std::move(handlers));
        Guest ann(lobby, "ann"), bob(lobby, "bob"), eve(lobby, "eve");
        QVERIFY(ann.untilJoined() && bob.untilJoined() && eve.untilJoined());
        ann.say(13, "x");
        bob.member->send(Want{std::string(64, 'a')});
        QVERIFY(lobby.untilState(ann.welcome->member, MemberState::Lost));
        QCOMPARE(lobby.latest(ann.welcome->member).detail,
                 std::string("can't be taken in here: no memory for that"));
        QVERIFY(lobby.untilState(bob.welcome->member, MemberState::Lost));
        eve.say(1, "x");
        QCOMPARE(lobby.host->figures().members, std::size_t{1});
    }

    void fullHouse_isSaid() {
        HostOptions options = quickHost();
        options.mostMembers = 2;
        Lobby lobby(options);
        Guest a(lobby, "a"), b(lobby, "b");
        QVERIFY(a.untilJoined() && b.untilJoined());
        Guest c(lobby, "c");
        QVERIFY(c.untilEnd());
        QCOMPARE(static_cast<int>(c.end->code), static_cast<int>(CloseCode::Full));
        QVERIFY(c.end->mayRetry);
    }

    void fortyWorkers_joinAtOnce() {
        Lobby lobby;
        QElapsedTimer timer;
        timer.start();
        std::vector<std::unique_ptr<Guest>> room;
        for (int i = 0; i < 40; ++i)
            room.push_back(std::make_unique<Guest>(lobby, "lab " + std::to_string(i)));
        for (const auto& guest : room) QVERIFY(guest->untilJoined());
        qInfo("40 members joined in %lld ms", timer.elapsed());
        QCOMPARE(lobby.host->figures().members, std::size_t{40});
    }
};

QTEST_GUILESS_MAIN(TestJoin)
#include "tst_join.moc"
