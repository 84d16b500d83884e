#include <QtTest>

#include "net/membership/member_book.h"
#include "net/ws/outbox.h"
#include "net/ws/quiet_log.h"
#include "net/ws/tls.h"
#include "net/ws/url.h"

using namespace rondo;
using namespace rondo::net;
using namespace std::chrono_literals;

namespace {

Outgoing bytes(std::size_t count) {
    return Outgoing(std::vector<std::byte>(count));
}

}  // namespace

class TestWsParts : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    // Outbox.

    void outbox_neverHoldsMoreThanItsLimit() {
        Outbox box(100);
        QVERIFY(box.put(bytes(60)) == Outbox::Put::First);
        QVERIFY(box.put(bytes(40)) == Outbox::Put::Queued);
        QVERIFY(box.put(bytes(1)) == Outbox::Put::Full);
        QVERIFY(box.put(bytes(0)) == Outbox::Put::Queued);
        QCOMPARE(box.bytes(), std::size_t{100});
        QVERIFY(box.next().has_value());
        QVERIFY(box.put(bytes(1)) == Outbox::Put::Full);  // what is under way counts
        box.sent();
        QVERIFY(box.put(bytes(60)) == Outbox::Put::Queued);
        QCOMPARE(box.mostBytes(), std::size_t{100});
    }

    void outbox_wakesItsTakerWhenItWasEmpty() {
        Outbox box(100);
        QVERIFY(box.put(bytes(1)) == Outbox::Put::First);
        QVERIFY(box.next().has_value());
        QVERIFY(!box.next().has_value());  // one at a time
        QVERIFY(box.put(bytes(1)) == Outbox::Put::Queued);
        box.sent();
        QVERIFY(box.next().has_value());
        box.sent();
        QVERIFY(box.put(bytes(1)) == Outbox::Put::First);
    }

    void hugeMessage_isRefusedInAnEmptyOutboxToo() {
        Outbox box(100);
        QVERIFY(box.put(bytes(101)) == Outbox::Put::Full);
        QCOMPARE(box.bytes(), std::size_t{0});
    }

    void closedOutbox_givesOutWhatItHas() {
        Outbox box(100);
        box.put(Outgoing(std::string("farewell")));
        box.close();
        QVERIFY(box.put(bytes(1)) == Outbox::Put::Closed);
        const auto message = box.next();
        QVERIFY(message && message->text() && message->bytes().size() == 8);
        box.sent();
        box.discard();
        QVERIFY(box.empty());
    }

    void messageForMany_isInMemoryOnce() {
        const auto shared = std::make_shared<const std::vector<std::byte>>(1000);
        Outbox one(5000), other(5000);
        const Outgoing message(shared);
        one.put(message);
        other.put(message);
        QCOMPARE(one.next()->bytes().data(), shared->data());
        QCOMPARE(other.next()->bytes().data(), shared->data());
    }

    // The log.

    void log_saysEachKindAFewTimesAndCountsTheRest() {
        std::vector<std::string> lines;
        QuietLog log([&](const std::string& line) { lines.push_back(line); });
        QuietLog::Time now{};
        for (int i = 0; i < 1000; ++i) log.say("knock", "knock " + std::to_string(i), now);
        log.say("joined", "ann has joined", now);
        QCOMPARE(lines.size(), std::size_t{QuietLog::kAtOnce + 1});
        QCOMPARE(lines.back(), std::string("ann has joined"));
        log.say("knock", "again", now + 1s);
        QCOMPARE(lines.back(), std::string("again (and 992 more of this kind)"));
        log.say("knock", "again", now + 1s);
        QCOMPARE(lines.size(), std::size_t{QuietLog::kAtOnce + 2});
        QCOMPARE(log.leftOut(), std::uint64_t{993});
    }

    // Addresses.

    void urls_areReadAsTyped_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("written");
        QTest::newRow("usual") << "ws://10.0.0.7:7000"
                               << "ws://10.0.0.7:7000";
        QTest::newRow("encrypted") << " wss://teacher.local "
                                   << "wss://teacher.local:7077";
        QTest::newRow("with a path") << "ws://teacher:80/rondo/1"
                                     << "ws://teacher:80";
        QTest::newRow("bare") << "teacher:9000"
                              << "ws://teacher:9000";
        QTest::newRow("version 6") << "ws://[fe80::1]:7000"
                                   << "ws://[fe80::1]:7000";
    }
    void urls_areReadAsTyped() {
        QFETCH(QString, typed);
        QFETCH(QString, written);
        const auto url = readUrl(typed.toStdString());
        QVERIFY2(url.ok(), url ? "" : url.error().c_str());
        QCOMPARE(QString::fromStdString(textOf(*url)), written);
    }

    void whatIsNoUrl_isRefusedInWords_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("says");
        QTest::newRow("web") << "http://teacher"
                             << "expected ws://";
        QTest::newRow("nothing") << ""
                                 << "no machine named";
        QTest::newRow("port too high") << "ws://a:70000"
                                       << "is no port";
        QTest::newRow("port 0") << "ws://a:0"
                                << "nobody listens at port 0";
        QTest::newRow("version 6 without brackets") << "ws://fe80::1"
                                                    << "brackets";
        QTest::newRow("open bracket") << "ws://[::1"
                                      << "needs a ]";
        QTest::newRow("blank inside") << "ws://a b:1"
                                      << "no name or address";
        QTest::newRow("user") << "ws://a@b:1"
                              << "no name or address";
    }
    void whatIsNoUrl_isRefusedInWords() {
        QFETCH(QString, typed);
        QFETCH(QString, says);
        const auto url = readUrl(typed.toStdString());
        QVERIFY(!url.ok());
        QVERIFY2(QString::fromStdString(url.error()).contains(says), url.error().c_str());
    }

    void listenAddress_mayLeaveOutEither() {
        QCOMPARE(readListenAddress("127.0.0.1:0")->host, std::string("127.0.0.1"));
        QCOMPARE(readListenAddress("127.0.0.1:0")->port, std::uint16_t{0});
        QCOMPARE(readListenAddress(":7000")->host, std::string());
        QCOMPARE(readListenAddress("7000")->port, std::uint16_t{7000});
        QCOMPARE(readListenAddress("10.0.0.1")->port, kDefaultPort);
        QVERIFY(!readListenAddress("99999"));
    }

    // Certificates.

    void fingerprints_areReadAsWritten() {
        const Identity identity, other;
        QVERIFY(identity.fingerprint() != other.fingerprint());
        const std::string hex = hexOf(identity.fingerprint());
        QCOMPARE(hex.size(), std::size_t{95});
        QVERIFY(*readFingerprint(hex + "\n") == identity.fingerprint());
        QVERIFY(!readFingerprint(hex.substr(1)));
        QVERIFY(!readFingerprint(hex + ":00"));
        QVERIFY(!readFingerprint("not hex at all"));
        QVERIFY((ExpectedCertificate{identity.fingerprint(), ""}).fits(identity.fingerprint()));
        QVERIFY(!(ExpectedCertificate{identity.fingerprint(), ""}).fits(other.fingerprint()));
        QVERIFY(!ExpectedCertificate{}.fits(identity.fingerprint()));  // nothing known is no permission
    }

    // The book of members.

    void machinesOfOneName_comeBackAsThoseTheyWere() {
        MemberBook book;
        for (int i = 0; i < 3; ++i) book.enter("lab", std::nullopt, "10.0.0.1");
        QCOMPARE(book.find(3)->name, std::string("lab (3)"));
        for (const MemberId id : {1u, 2u, 3u}) book.gone(id, MemberState::Lost, "power cut");
        for (int i = 0; i < 3; ++i) QVERIFY(book.enter("lab", std::nullopt, "10.0.0.1").returned);
        QCOMPARE(book.all().size(), std::size_t{3});
        QCOMPARE(book.present(), std::size_t{3});
    }

    void longName_keepsRoomForItsNumber() {
        MemberBook book;
        std::string name;
        while (name.size() + 2 <= kMostNameBytes) name += "ä";
        book.enter(name, std::nullopt, "");
        book.enter(name, std::nullopt, "");
        const std::string second = book.find(2)->name;
        QVERIFY(second.size() <= kMostNameBytes);
        QVERIFY(second.ends_with("ä (2)"));
    }

    void whoWasSentAway_isForgotten() {
        MemberBook book;
        const auto first = book.enter("ann", std::nullopt, "");
        book.gone(first.member, MemberState::Removed, "why");
        QVERIFY(!book.ofToken(first.token));
        const auto again = book.enter("ann", first.token, "");
        QVERIFY(!again.returned);
        QCOMPARE(again.member, 2u);
        QCOMPARE(book.find(2)->name, std::string("ann"));  // the name is free again
    }

    void whoComesAndGoesWithoutEnd_doesNotFillTheBook() {
        MemberBook book;
        const auto stays = book.enter("stays", std::nullopt, "").member;
        for (int i = 0; i < 10'000; ++i)
            book.gone(book.enter("name " + std::to_string(i), std::nullopt, "").member, MemberState::Left,
                      "");
        QVERIFY(book.all().size() <= 4096);
        QVERIFY(book.find(stays)->present());
        QCOMPARE(book.enter("new", std::nullopt, "").member, 10'002u);  // numbers are never used again
    }
};

QTEST_GUILESS_MAIN(TestWsParts)
#include "tst_ws_parts.moc"
