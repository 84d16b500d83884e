#include <sys/resource.h>

#include <QCryptographicHash>
#include <QFile>
#include <QtTest>
#include <array>
#include <thread>

#include "tests/support/lobby.h"
#include "tests/support/raw_member.h"

using namespace rondo;
using namespace rondo::net;
using namespace rondo::net::test;
using namespace std::chrono_literals;

namespace {

/// Memory of this process, in kB. Attackers live in it too.
qint64 residentKilobytes() {
    QFile file("/proc/self/statm");
    if (!file.open(QIODevice::ReadOnly)) return 0;
    return file.readAll().split(' ').value(1).toLongLong() * (getpagesize() / 1024);
}

/// A class at work, and a stranger at the door.
struct Scene {
    explicit Scene(HostOptions options = quickHost()) : lobby(std::move(options)), ann(lobby, "ann") {
        ready = ann.untilJoined();
        before = residentKilobytes();
    }

    /// A word of ann's comes to the host and one of the host's to her.
    bool goesOn() {
        const std::uint32_t tag = ++word;
        if (ann.say(tag, "a step") != Connection::Sent::Yes) return false;
        if (!lobby.notes.until([&] { return !lobby.heard.empty() && lobby.heard.back().tag == tag; }))
            return false;
        FrameHeader header;
        header.kind = FrameHeader::Kind::RankMessage;
        header.tag = tag;
        lobby.host->send(ann.welcome->member, header, {});
        return ann.notes.until([&] { return !ann.tags.empty() && ann.tags.back() == tag; });
    }
    RawSocket stranger() const { return RawSocket(lobby.place.port); }
    qint64 grownBy() const { return residentKilobytes() - before; }

    Lobby lobby;
    Guest ann;
    bool ready = false;
    qint64 before = 0;
    std::uint32_t word = 0;
};

}  // namespace

class TestAttacks : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() {
        // Both ends of a thousand connections are in this process.
        rlimit files{};
        getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
        setrlimit(RLIMIT_NOFILE, &files);
    }

    // Without the code.

    void wrongCode_learnsNothing() {
        Scene scene;
        QVERIFY(scene.ready);
        RawSocket eve = scene.stranger();
        eve.upgrade();
        const Challenge challenge = challengeOf(eve);
        eve.send(RawSocket::frame(RawSocket::Text, toText(helloTo(challenge, Role::Viewer, "AAAAAA"))));
        const auto all = eve.readToEnd();
        QVERIFY(all.has_value());
        QVERIFY(all->find("wrong code") != std::string::npos);
        for (const char* secret : {"ann", "rondo 0", "roster", "member", "K7M"})
            QVERIFY2(all->find(secret) == std::string::npos, secret);
        QVERIFY(scene.lobby.untilLogged("127.0.0.1: not joined, wrong code"));
        QVERIFY(scene.goesOn());
    }

    void wrongCode_waitsWhileTheClassGoesOn() {
        HostOptions options = quickHost();
        options.firstDelay = options.mostDelay = 1h;
        Scene scene(options);
        QVERIFY(scene.ready);
        RawSocket eve = scene.stranger();
        eve.upgrade();
        eve.send(
            RawSocket::frame(RawSocket::Text, toText(helloTo(challengeOf(eve), Role::Worker, "AAAAAA"))));
        for (int i = 0; i < 50; ++i) QVERIFY(scene.goesOn());
        Guest bob(scene.lobby, "bob");
        QVERIFY(bob.untilJoined());
        QVERIFY(!eve.somethingThere());
        // Whoever tries again on the same connection is sent off.
        eve.send(RawSocket::frame(RawSocket::Text, toText(helloTo(Challenge{}, Role::Worker))));
        const auto close = eve.readUntil(RawSocket::Close);
        QVERIFY(close.has_value());
        QCOMPARE(close->code(), 4004);
    }

    void replayedHello_isWrong() {
        Scene scene;
        RawSocket first = scene.stranger();
        first.upgrade();
        const std::string overheard =
            RawSocket::frame(RawSocket::Text, toText(helloTo(challengeOf(first), Role::Worker)));
        first.send(overheard);
        const auto welcome = first.readUntil(RawSocket::Text);
        QVERIFY(welcome && welcome->payload.find("\"welcome\"") != std::string::npos);

        RawSocket replay = scene.stranger();
        replay.upgrade();
        challengeOf(replay);
        replay.send(overheard);
        const auto close = replay.readUntil(RawSocket::Close);
        QVERIFY(close.has_value());
        QCOMPARE(close->code(), 4001);
        QVERIFY(scene.lobby.untilLogged("wrong code"));

        first.send(overheard);  // and on its own connection
        const auto end = first.readUntil(RawSocket::Close);
        QVERIFY(end.has_value());
        QCOMPARE(end->code(), 4004);
        QVERIFY(scene.goesOn());
    }

    void otherVersion_isRefused() {
        Scene scene;
        RawSocket path = scene.stranger();
        QVERIFY(path.upgrade("/rondo/2").starts_with("HTTP/1.1 404"));
        QVERIFY(scene.lobby.untilLogged("asked for /rondo/2"));
        RawSocket subprotocol = scene.stranger();
        QVERIFY(subprotocol.upgrade("/rondo/1", "rondo.2").starts_with("HTTP/1.1 400"));
        QVERIFY(scene.lobby.untilLogged("doesn't offer the subprotocol rondo.1"));
        RawSocket none = scene.stranger();
        QVERIFY(none.upgrade("/rondo/1", "").starts_with("HTTP/1.1 400"));

        RawSocket hello = scene.stranger();
        hello.upgrade();
        Hello said = helloTo(challengeOf(hello), Role::Worker);
        said.version = 2;
        hello.send(RawSocket::frame(RawSocket::Text, toText(said)));
        const auto close = hello.readUntil(RawSocket::Close);
        QVERIFY(close.has_value());
        QCOMPARE(close->code(), 4002);
        QVERIFY(scene.lobby.untilLogged("speaks version 2"));
        QVERIFY(scene.goesOn());
    }

    // Before a right proof.

    void whatIsNotOfTheProtocol_endsTheConnection_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const auto add = [](const char* name, const std::string& bytes, int code, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << code << says;
        };
        using R = RawSocket;
        add("unmasked", R::frame(R::Text, "{}", false), 1002, "frame without a mask");
        add("4 GB, by its length", R::head(R::Text, std::uint64_t{4} << 30), 1009, "longer than 4096 bytes");
        add("4 GB of bytes", R::head(R::Binary, std::uint64_t{4} << 30), 1009, "longer than 4096 bytes");
        add("2^63, by its length", R::head(R::Text, std::uint64_t{1} << 63), 1009, "longer than 4096 bytes");
        add("4 KB and one", R::frame(R::Text, std::string(4097, ' ')), 1009, "longer than 4096 bytes");
        add("in pieces, too long together",
            R::head(R::Text, 4000, true, false) + std::string(4000, ' ') +
                R::frame(R::More, std::string(4000, ' ')),
            1009, "longer than 4096 bytes");
        add("bytes where text belongs", R::frame(R::Binary, "hello"), 1003, "bytes where text belongs");
        add("no JSON", R::frame(R::Text, "hello"), 4003, "");
        add("deep JSON", R::frame(R::Text, std::string(4000, '[')), 4003, "");
        add("deep objects",
            R::frame(R::Text,
                     [] {
                         std::string text;
                         for (int i = 0; i < 600; ++i) text += "{\"a\":";
                         return text;
                     }()),
            4003, "");
        add("no UTF-8", R::frame(R::Text, "{\"type\":\"\xff\xfe\"}"), 1007, "UTF-8");
        add("unknown type", R::frame(R::Text, R"({"type":"sudo"})"), 4003, "sudo");
        add("out of turn", R::frame(R::Text, toText(Ready{1, 1, 1, "x"})), 4004, "before hello");
        add("events for free", R::frame(R::Text, toText(Credit{1000})), 4004, "before hello");
        add("reserved bits", "\xf1" + R::frame(R::Text, "{}").substr(1), 1002, "");
        add("unknown frame", "\x8b" + R::frame(R::Text, "{}").substr(1), 1002, "");
        add("long ping", R::head(R::Ping, 126) + std::string(126, 'p'), 1002, "");
        add("ping in pieces", "\x09" + R::frame(R::Ping, "p").substr(1), 1002, "");
        add("going on with nothing", R::frame(R::More, "x"), 1002, "");
    }
    void whatIsNotOfTheProtocol_endsTheConnection() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, code);
        QFETCH(QString, says);
        Scene scene;
        RawSocket eve = scene.stranger();
        eve.upgrade();
        challengeOf(eve);
        const auto before = scene.lobby.notes.look([&] { return scene.lobby.log.size(); });
        eve.send(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
        const auto close = eve.readUntil(RawSocket::Close);
        QVERIFY(close.has_value());
        QCOMPARE(close->code(), code);
        QVERIFY(scene.lobby.notes.until([&] { return scene.lobby.log.size() > before; }));
        QVERIFY2(scene.lobby.logged("127.0.0.1: not joined, "), scene.lobby.log.back().c_str());
        QVERIFY2(scene.lobby.logged(says.toStdString()), scene.lobby.log.back().c_str());
        QVERIFY(scene.goesOn());
        QVERIFY(scene.grownBy() < 20'000);
    }

    void whatIsNotWebSocket_isTurnedAway_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("browser") << QByteArray("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        QTest::newRow("noise") << QByteArray(100, '\x80');
        QTest::newRow("endless header") << "GET /rondo/1 HTTP/1.1\r\nX: " + QByteArray(1'000'000, 'x');
        QTest::newRow("endless request line") << "GET /" + QByteArray(1'000'000, 'x');
        QTest::newRow("talks before it is answered")
            << QByteArray::fromStdString(RawSocket::request() + RawSocket::frame(RawSocket::Text, "{}"));
        QTest::newRow("TLS") << QByteArray::fromHex("16030100c8010000c40303") + QByteArray(200, 'a');
    }
    void whatIsNotWebSocket_isTurnedAway() {
        QFETCH(QByteArray, bytes);
        Scene scene;
        const auto before = scene.lobby.notes.look([&] { return scene.lobby.log.size(); });
        RawSocket eve = scene.stranger();
        eve.send(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
        const auto all = eve.readToEnd();
        QVERIFY(all.has_value());
        QVERIFY2(all->find("ann") == std::string::npos && all->find("ondo") == std::string::npos,
                 all->c_str());
        QVERIFY(scene.lobby.notes.until([&] { return scene.lobby.log.size() > before; }));
        QVERIFY(scene.goesOn());
        QVERIFY(scene.grownBy() < 20'000);
    }

    void noise_isNoTls() {
        HostOptions options = quickHost();
        options.secure = true;
        Scene scene(options);
        QVERIFY(scene.ready);
        RawSocket eve = scene.stranger();
        eve.send(RawSocket::request());
        QVERIFY(eve.readToEnd().has_value());
        QVERIFY(scene.lobby.untilLogged("no TLS"));
        QVERIFY(scene.goesOn());
    }

    void slowHandshake_hasItsTime_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("nothing at all") << QByteArray();
        QTest::newRow("half a request") << QByteArray::fromStdString(RawSocket::request().substr(0, 40));
        QTest::newRow("no hello") << QByteArray::fromStdString(RawSocket::request());
        QTest::newRow("pings, no hello") << QByteArray();
    }
    void slowHandshake_hasItsTime() {
        QFETCH(QByteArray, bytes);
        HostOptions options = quickHost();
        options.handshake = 300ms;
        Scene scene(options);
        RawSocket eve = scene.stranger();
        if (QByteArray(QTest::currentDataTag()) == "pings, no hello") {
            // Signs of life aren't enough: it goes on pinging until it is thrown out.
            eve.upgrade();
            while (eve.send(RawSocket::frame(RawSocket::Ping, "x"))) QVERIFY(scene.goesOn());
        } else {
            eve.send(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
            QVERIFY(eve.readToEnd().has_value());
        }
        QVERIFY(scene.lobby.untilLogged("127.0.0.1: not joined, not joined in time"));
        QVERIFY(scene.goesOn());
    }

    void thousandHalfOpenConnections_costLittle_data() {
        QTest::addColumn<bool>("upgraded");
        QTest::newRow("silent") << false;
        QTest::newRow("asked for WebSocket") << true;
    }
    void thousandHalfOpenConnections_costLittle() {
        QFETCH(bool, upgraded);
        Scene scene;
        QVERIFY(scene.ready);
        std::vector<RawSocket> crowd;
        crowd.reserve(1000);
        for (int i = 0; i < 1000; ++i) {
            crowd.push_back(scene.stranger());
            QVERIFY(crowd.back().connected());
            if (upgraded) crowd.back().send(RawSocket::request());
            if (i % 100 == 99) {
                QVERIFY(scene.goesOn());
                QVERIFY(scene.lobby.host->figures().untrusted <= 256);
            }
        }
        Guest bob(scene.lobby, "bob");  // the door isn't blocked either
        QVERIFY(bob.untilJoined());
        const HostFigures figures = scene.lobby.host->figures();
        QVERIFY(figures.mostUntrusted <= 256);
        QCOMPARE(figures.members, std::size_t{2});
        qInfo("1000 connections: %lld kB more in this process (both ends), %zu lines of log, %llu left out",
              static_cast<long long>(scene.grownBy()), scene.lobby.log.size(),
              static_cast<unsigned long long>(figures.logLinesLeftOut));
        QVERIFY(scene.grownBy() < 256 * 64);
        QVERIFY(scene.lobby.log.size() < 100);
        QVERIFY(figures.logLinesLeftOut > 500);
        QVERIFY(scene.lobby.logged("others haven't joined either"));
    }

    void connectionCutAnywhere_harmsNobody() {
        Scene scene;
        // A conversation that ends after its n-th byte.
        for (std::size_t cut = 0; cut < 260; cut += 7) {
            RawSocket eve = scene.stranger();
            const std::string request = RawSocket::request();
            if (cut < request.size()) {
                eve.send(request.substr(0, cut));
                continue;
            }
            eve.upgrade();
            eve.send(RawSocket::frame(RawSocket::Text, toText(helloTo(challengeOf(eve), Role::Worker)))
                         .substr(0, cut - request.size()));
        }
        QVERIFY(scene.goesOn());
        QCOMPARE(scene.lobby.host->figures().members, std::size_t{1});
    }

    // With the code.

    void memberThatBreaksTheProtocol_isLost_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        const auto add = [](const char* name, const std::string& bytes, int code) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << code;
        };
        using R = RawSocket;
        const auto binary = [](FrameHeader::Kind kind, std::uint64_t says, std::size_t has) {
            FrameHeader header;
            header.kind = kind;
            header.payloadBytes = says;
            const auto head = encode(header);
            return R::frame(R::Binary, std::string(reinterpret_cast<const char*>(head.data()), head.size()) +
                                           std::string(has, 'x'));
        };
        add("4 GB, by its length", R::head(R::Binary, std::uint64_t{4} << 30), 1009);
        add("text of 2 MB", R::frame(R::Text, std::string(2'000'000, ' ')), 1009);
        add("text that should be binary", R::frame(R::Text, std::string(48, 'x')), 4003);
        add("binary that should be text", R::frame(R::Binary, toText(Ready{1, 1, 1, "x"})), 4003);
        add("no header", R::frame(R::Binary, "x"), 4003);
        add("longer than its header says", binary(FrameHeader::Kind::RankMessage, 10, 11), 4003);
        add("2^60 bytes, by its header", binary(FrameHeader::Kind::RankMessage, std::uint64_t{1} << 60, 0),
            4003);
        add("data to the host", binary(FrameHeader::Kind::Data, 4, 4), 4004);
        add("a blob to the host", binary(FrameHeader::Kind::Blob, 4, 4), 4004);
        add("deep JSON", R::frame(R::Text, std::string(100'000, '[')), 4003);
        add("a word of the host's", R::frame(R::Text, toText(Removed{"ha"})), 4004);
        add("unmasked", R::frame(R::Text, "{}", false), 1002);
    }
    void memberThatBreaksTheProtocol_isLost() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, code);
        Scene scene;
        RawSocket eve = scene.stranger();
        QVERIFY(join(eve, Role::Worker));
        eve.send(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
        const auto close = eve.readUntil(RawSocket::Close);
        QVERIFY(close.has_value());
        QCOMPARE(close->code(), code);
        QVERIFY(scene.lobby.untilState(2, MemberState::Lost));
        QVERIFY(scene.lobby.untilLogged("raw: lost, "));
        QVERIFY(scene.goesOn());
        QVERIFY(scene.grownBy() < 30'000);
    }

    void lengthThatIsAllowed_costsNothingUntilBytesCome() {
        Scene scene;
        std::vector<RawSocket> crowd;
        for (int i = 0; i < 20; ++i) {
            crowd.push_back(scene.stranger());
            QVERIFY(join(crowd.back(), Role::Worker));
            crowd.back().send(RawSocket::head(RawSocket::Binary, std::uint64_t{1} << 30) +
                              std::string(1000, 'x'));
        }
        QVERIFY(scene.goesOn());
        qInfo("20 members announce 1 GiB each: %lld kB more", static_cast<long long>(scene.grownBy()));
        QVERIFY(scene.grownBy() < 20'000);
    }

    void viewer_canChangeNothing_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        using R = RawSocket;
        const auto text = [](const ControlMessage& message) {
            return QByteArray::fromStdString(R::frame(R::Text, toText(message)));
        };
        QTest::newRow("ready") << text(Ready{1, 1, 1, "x"}) << 4004;
        QTest::newRow("clock") << text(ClockAnswered{1, 1, 1, 1}) << 4004;
        QTest::newRow("data wanted") << text(Want{std::string(64, 'a')}) << 4004;
        QTest::newRow("bytes") << QByteArray::fromStdString(R::frame(R::Binary, std::string(48, 'x')))
                               << 1003;
    }
    void viewer_canChangeNothing() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, code);
        Scene scene;
        RawSocket eve = scene.stranger();
        QVERIFY(join(eve, Role::Viewer));
        eve.send(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
        const auto close = eve.readUntil(RawSocket::Close);
        QVERIFY(close.has_value());
        QCOMPARE(close->code(), code);
        QVERIFY(scene.goesOn());
        QCOMPARE(scene.lobby.host->roster().size(), std::size_t{1});
    }

    void relayForNobody_isRefused() {
        Scene scene;
        RawSocket eve = scene.stranger();
        eve.upgrade();
        Hello hello = helloTo(challengeOf(eve), Role::Relay);
        hello.token = Bytes16{};
        hello.relay = RelayPart{};
        eve.send(RawSocket::frame(RawSocket::Text, toText(hello)));
        const auto close = eve.readUntil(RawSocket::Close);
        QVERIFY(close.has_value());
        QCOMPARE(close->code(), 4004);
        QVERIFY(scene.goesOn());
    }

    // The other way round: a host that isn't the one.

    void hostThatDoesNotKnowTheCode_isLeft_data() {
        QTest::addColumn<QString>("says");
        QTest::newRow("waves everybody through") << "doesn't know the code itself";
        QTest::newRow("asks for endless work") << "iterations";
        QTest::newRow("welcomes at once") << "welcomes before it asks";
    }
    void hostThatDoesNotKnowTheCode_isLeft() {
        QFETCH(QString, says);
        const QByteArray row = QTest::currentDataTag();
        const int door = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        QVERIFY(::bind(door, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(door, 1) == 0);
        ::getsockname(door, reinterpret_cast<sockaddr*>(&address), &size);

        std::thread impostor([&] {
            const int socket = ::accept(door, nullptr, nullptr);
            const auto put = [&](const std::string& bytes) {
                ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            };
            QByteArray request;
            char bytes[4096];
            while (!request.contains("\r\n\r\n")) {
                const auto got = ::recv(socket, bytes, sizeof bytes, 0);
                if (got <= 0) break;
                request.append(bytes, got);
            }
            const auto at = request.indexOf("Sec-WebSocket-Key: ") + 19;
            const QByteArray key = request.mid(at, request.indexOf("\r\n", at) - at);
            const QByteArray accept = QCryptographicHash::hash(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                                                               QCryptographicHash::Sha1)
                                          .toBase64();
            put("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Protocol: rondo.1\r\nSec-WebSocket-Accept: " +
                accept.toStdString() + "\r\n\r\n");
            Challenge challenge;
            challenge.nonce = randomSecret();
            std::string asks = toText(challenge);
            if (row.startsWith("asks")) asks.replace(asks.find("20000"), 5, "2000000000");
            if (!row.startsWith("welcomes")) put(RawSocket::frame(RawSocket::Text, asks, false));
            if (row.startsWith("waves")) ::recv(socket, bytes, sizeof bytes, 0);
            put(RawSocket::frame(RawSocket::Text, toText(Welcome{randomSecret(), 1, "ann", Bytes16{}, "x"}),
                                 false));
            while (::recv(socket, bytes, sizeof bytes, 0) > 0) {
            }
            ::close(socket);
        });

        Lobby lobby;
        Guest ann(lobby, "ann", [&](MemberOptions& options) { options.url.port = ntohs(address.sin_port); });
        QVERIFY(ann.untilEnd());
        QVERIFY(!ann.welcome);
        QVERIFY2(QString::fromStdString(ann.end->why).contains(says), ann.end->why.c_str());
        QVERIFY(!ann.end->mayRetry);
        ::shutdown(door, SHUT_RDWR);
        ::close(door);
        impostor.join();
    }
};

QTEST_GUILESS_MAIN(TestAttacks)
#include "tst_attacks.moc"
