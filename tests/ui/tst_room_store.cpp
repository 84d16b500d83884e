#include <QSignalSpy>
#include <QTest>

#include "tests/support/made_room.h"
#include "ui/room/qr_code.h"
#include "ui/room/room_words.h"

using namespace rondo;
using namespace rondo::test;
using namespace rondo::ui;
using State = MemberChanged::State;

namespace {

void tell(RoomStore& store, std::vector<Event> events) {
    store.apply(events);
}

QStringList namesOf(const RoomStore& store) {
    QStringList names;
    for (const RoomStore::Member& member : store.members())
        names << QString::fromStdString(member.known.name);
    return names;
}

}  // namespace

class tst_room_store final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void room_isWhatTheLatestEventSays() {
        RoomStore store;
        QVERIFY(!store.open());
        tell(store, {madeRoom()});
        QVERIFY(store.open());
        QCOMPARE(store.place().code, std::string("K7M-Q2X"));
        RoomChanged closed;
        closed.detail = "port 7077 is taken by another program";
        tell(store, {closed});
        QCOMPARE(store.state(), RoomStore::State::Closed);
        QCOMPARE(store.problem(), QString("port 7077 is taken by another program"));
        QVERIFY(store.place().code.empty());
    }

    void member_isKnownByItsNumber_whateverItIsCalled() {
        RoomStore store;
        tell(store, {madeRoom(), madeMember(1, "desk-1"), madeMember(2, "desk-2"), madeMember(1, "Ada")});
        QCOMPARE(namesOf(store), QStringList({"Ada", "desk-2"}));
    }

    void joiningMember_isPresentButNotReady() {
        RoomStore store;
        tell(store, {madeRoom(), madeMember(1, "a", State::Joining), madeMember(2, "b"),
                     madeMember(3, "c", State::Training), madeMember(4, "d", State::Lost)});
        QCOMPARE(store.present(), 3);
        QCOMPARE(store.ready(), 2);
        QCOMPARE(rosterWords(store), QString("3 machines: 1 ready, 1 trains, 1 joining, 1 gone"));
    }

    void whoWasSentAway_isShownNoMore() {
        RoomStore store;
        tell(store, {madeRoom(), madeMember(1, "a"), madeMember(2, "b")});
        QSignalSpy removed(&store, &RoomStore::memberRemoved);
        tell(store, {madeMember(1, "a", State::Removed)});
        QCOMPARE(namesOf(store), QStringList({"b"}));
        QCOMPARE(removed.size(), 1);
        QCOMPARE(removed[0][0].toInt(), 0);
    }

    void closedRoom_hasNoMembers() {
        RoomStore store;
        tell(store, madeClass(5));
        tell(store, {RoomChanged{}});
        QVERIFY(store.members().empty());
        QCOMPARE(store.present(), 0);
    }

    void hostThatIsLost_isAwaited_andItsMembersComeBackUnderTheirNames() {
        RoomStore store;
        tell(store, {madeRoom(), madeMember(1, "a"), madeMember(2, "b"), madeMember(3, "c", State::Left)});
        store.setLost("The training process ended.");
        QCOMPARE(store.state(), RoomStore::State::Lost);
        QCOMPARE(store.place().code, std::string("K7M-Q2X"));  // who dials needs it still
        QCOMPARE(store.ready(), 0);
        QCOMPARE(stateWords(store.members()[0]), QString("awaited"));

        // The new host counts from 1 again, in the order in which they come.
        tell(store, {madeRoom(), madeMember(1, "b")});
        QVERIFY(store.open() && !store.codeIsNew());
        QCOMPARE(namesOf(store), QStringList({"a", "b"}));
        QVERIFY(store.members()[0].awaited && !store.members()[1].awaited);
        QCOMPARE(store.ready(), 1);
        tell(store, {madeMember(1, "b2")});
        QCOMPARE(namesOf(store), QStringList({"a", "b2"}));
        tell(store, {madeMember(2, "a"), madeMember(3, "new")});
        QCOMPARE(namesOf(store), QStringList({"a", "b2", "new"}));
        QCOMPARE(store.ready(), 3);
    }

    void certificateOfANewHost_isToldOf() {
        RoomStore store;
        tell(store, {madeRoom("K7M-Q2X-ABCDE-FGHJK")});
        store.setLost("gone");
        tell(store, {madeRoom("K7M-Q2X-22222-33333")});
        QVERIFY(store.codeIsNew());
        tell(store, {RoomChanged{}});
        tell(store, {madeRoom("222-222")});
        QVERIFY(!store.codeIsNew());  // a room of its own, which nobody knows yet
    }

    void whoIsAwaited_canBeForgotten_whoIsThereCant() {
        RoomStore store;
        tell(store, {madeRoom(), madeMember(1, "a"), madeMember(2, "b")});
        store.forget(0);
        QCOMPARE(store.members().size(), std::size_t{2});
        store.setLost("gone");
        store.forget(0);
        store.forget(7);
        QCOMPARE(namesOf(store), QStringList({"b"}));
    }

    void namesWithoutEnd_takeBoundedMemory_andPushOutNobodyWhoIsThere() {
        RoomStore store;
        tell(store, {madeRoom(), madeMember(1, "stays")});
        for (std::uint32_t i = 2; i < 5000; ++i)
            tell(store, {madeMember(i, "guest " + std::to_string(i), State::Left)});
        QCOMPARE(store.members().size(), RoomStore::kMostMembers);
        QCOMPARE(store.members().front().known.name, std::string("stays"));
        QCOMPARE(store.members().back().known.member, 4999u);
    }

    void everyChange_isToldByRow() {
        RoomStore store;
        QSignalSpy added(&store, &RoomStore::memberAdded), changed(&store, &RoomStore::memberChanged),
            any(&store, &RoomStore::changed);
        tell(store, {madeRoom(), madeMember(1, "a"), madeMember(2, "b"), madeMember(2, "b2")});
        QCOMPARE(added.size(), 2);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toInt(), 1);
        QCOMPARE(any.size(), 1);
        tell(store, {Notice{}});
        QCOMPARE(any.size(), 1);
    }

    void figures_inWords() {
        MemberChanged member = madeMember(1, "a");
        QCOMPARE(clockWords(member).replace(QChar(0xa0), ' '), QString("−2.1 h ± 80.0 µs"));
        QCOMPARE(roundTripWords(member).replace(QChar(0xa0), ' '), QString("740 µs"));
        QCOMPARE(speedWords(member), QString("52 GFLOP/s"));
        member.clockOffset = std::chrono::microseconds(1250);
        QCOMPARE(clockWords(member).replace(QChar(0xa0), ' '), QString("+1.25 ms ± 80.0 µs"));
        member.gflops = 0;
        member.roundTrip = member.clockOffset = member.clockUncertainty = Nanoseconds{0};
        QCOMPARE(speedWords(member), QString("–"));
        QCOMPARE(roundTripWords(member), QString("–"));
        QCOMPARE(clockWords(member), QString("–"));
    }

    void whatALabRunLacks_isSaid_data() {
        QTest::addColumn<int>("ready");
        QTest::addColumn<QString>("why");
        QTest::addColumn<QString>("line");
        QTest::newRow("no room") << -1 << "no room is open"
                                 << "None is open";
        QTest::newRow("nobody") << 0 << "need 4 machines, and none is ready"
                                << "0 of the 4 machines";
        QTest::newRow("one") << 1 << "need 4 machines, and 1 is ready"
                             << "1 of the 4 machines it needs is";
        QTest::newRow("three") << 3 << "and 3 are ready"
                               << "3 of the 4 machines it needs are ready";
        QTest::newRow("all") << 4 << ""
                             << "All 4 machines are ready.";
        QTest::newRow("more") << 6 << ""
                              << "6 machines are ready; it trains on the first 4.";
    }
    void whatALabRunLacks_isSaid() {
        QFETCH(int, ready);
        QFETCH(QString, why);
        QFETCH(QString, line);
        RoomStore store;
        if (ready >= 0) tell(store, {madeRoom()});
        for (int i = 1; i <= ready; ++i)
            tell(store, {madeMember(static_cast<std::uint32_t>(i), "m" + std::to_string(i))});
        QCOMPARE(whyNoLab(store, 4).isEmpty(), why.isEmpty());
        QVERIFY2(whyNoLab(store, 4).contains(why), qPrintable(whyNoLab(store, 4)));
        QVERIFY2(labWords(store, 4).contains(line), qPrintable(labWords(store, 4)));
    }

    void addressOfThisComputerOnly_isKnown() {
        RoomChanged room = madeRoom();
        QVERIFY(!onlyHere(room));
        room.url = "ws://127.0.0.1:7077";
        QVERIFY(!onlyHere(room));  // the others are reached from elsewhere
        room.others.clear();
        QVERIFY(onlyHere(room));
        room.url = "wss://[::1]:7077";
        QVERIFY(onlyHere(room));
    }

    void qrCode_hasItsFindersAndItsMargin() {
        const QImage code = qrCode("rondo-cli worker --join ws://192.168.1.20:7077 --code K7M-Q2X");
        QVERIFY(!code.isNull());
        QCOMPARE(code.width(), code.height());
        QCOMPARE((code.width() - 8 - 17) % 4, 0);  // as wide as some version of the standard
        const auto dark = [&](int x, int y) { return code.pixel(x, y) == qRgb(0, 0, 0); };
        for (int i = 0; i < code.width(); ++i)
            for (int edge = 0; edge < 4; ++edge) QVERIFY(!dark(i, edge) && !dark(edge, i));
        const int last = code.width() - 5;
        for (const QPoint corner : {QPoint(4, 4), QPoint(last - 6, 4), QPoint(4, last - 6)}) {
            for (int i = 0; i < 7; ++i) {
                QVERIFY(dark(corner.x() + i, corner.y()) && dark(corner.x(), corner.y() + i));
                QVERIFY(dark(corner.x() + i, corner.y() + 6) && dark(corner.x() + 6, corner.y() + i));
            }
            QVERIFY(!dark(corner.x() + 1, corner.y() + 1) && dark(corner.x() + 3, corner.y() + 3));
        }
        QVERIFY(qrCode({}).isNull());
        QVERIFY(qrCode(QString(4000, 'x')).isNull());
        QVERIFY(qrCode("a") != qrCode("b"));
    }
};

QTEST_MAIN(tst_room_store)
#include "tst_room_store.moc"
