#include <QSignalSpy>
#include <QTest>

#include "tests/support/made_events.h"
#include "ui/bridge/event_pump.h"

using namespace rondo;
using namespace rondo::ui;

class TestEventPump final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void manyPieces_becomeOneBatch() {
        RunStore store;
        EventPump pump(store);
        QSignalSpy batches(&store, &RunStore::changed);
        const std::string bytes = test::streamOf(test::madeRun(50));
        for (const char& byte : bytes) pump.feed({&byte, 1});
        QCOMPARE(batches.count(), 0);  // nothing between frames
        QTRY_COMPARE(store.steps().size(), std::size_t(50));
        QCOMPARE(batches.count(), 1);
        QCOMPARE(pump.waiting(), std::size_t(0));
    }

    void moreThanOneFrameHolds_comesInSeveralBatchesInOrder() {
        RunStore store;
        EventPump pump(store);
        QSignalSpy batches(&store, &RunStore::changed);
        const int steps = static_cast<int>(EventPump::kMostPerFrame) + 10;
        pump.take(test::madeRun(steps));
        QTRY_COMPARE(store.steps().size(), std::size_t(steps));
        QCOMPARE(batches.count(), 2);
        QCOMPARE(store.steps().back().step, steps - 1);
    }

    void damagedBytes_areToldOnceAndWhatCameBeforeStays() {
        RunStore store;
        EventPump pump(store);
        QSignalSpy damage(&pump, &EventPump::damagedStream);
        std::string bytes = test::streamOf(test::madeRun(5));
        bytes += std::string(64, '\xff');
        pump.feed(bytes);
        pump.feed(std::string(64, '\xff'));
        QCOMPARE(damage.count(), 1);
        QVERIFY(!damage[0][0].toString().isEmpty());
        QTRY_COMPARE(store.steps().size(), std::size_t(5));
    }

    void newStreamAfterDamage_isReadAgain() {
        RunStore store;
        EventPump pump(store);
        pump.feed(std::string(64, 'x'));
        QVERIFY(pump.damaged());
        pump.restartStream();
        pump.feed(test::streamOf(test::madeRun(7)));
        QTRY_COMPARE(store.steps().size(), std::size_t(7));
    }

    void discarded_neverReachesTheStore() {
        RunStore store;
        EventPump pump(store);
        QSignalSpy drained(&pump, &EventPump::drained);
        pump.take(test::madeRun(3));
        pump.discardWaiting();
        pump.take(test::madeRun(2));
        QVERIFY(drained.wait());
        QCOMPARE(store.steps().size(), std::size_t(2));
    }
};

QTEST_GUILESS_MAIN(TestEventPump)
#include "tst_event_pump.moc"
