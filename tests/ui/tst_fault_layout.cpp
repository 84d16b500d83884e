#include <QtTest>

#include "ui/draw/fault_layout.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

constexpr double kForGood = std::numeric_limits<double>::infinity();

FaultHappened fault(FaultKind kind, int rank, double at, double seconds = kForGood, int peer = kNone) {
    FaultHappened made;
    made.stamp.rank = Rank{rank};
    made.stamp.at = Nanoseconds{static_cast<std::int64_t>(at * 1e9)};
    made.kind = kind;
    made.peer = Rank{peer};
    made.seconds = seconds;
    return made;
}

/// 100 pixels a second.
double pixels(double seconds) {
    return seconds * 100;
}

FaultLayout layoutOf(const std::vector<FaultHappened>& faults, double reached = 10, double left = 0,
                     double right = 1000) {
    return FaultLayout::of(timesOf(faults), pixels, reached, left, right);
}

}  // namespace

class TestFaultLayout : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void fault_isALineWhereItBegan_andABandWhileItLasted() {
        const auto layout = layoutOf({fault(FaultKind::Slow, 2, 1.0, 2.5)});
        QCOMPARE(layout.lines.size(), std::size_t{1});
        QCOMPARE(layout.lines[0].x, 100.0);
        QCOMPARE(layout.bands.size(), std::size_t{1});
        QCOMPARE(layout.bands[0].left, 100.0);
        QCOMPARE(layout.bands[0].right, 350.0);
    }

    void faultForGood_lastsAsFarAsTheRunHasCome() {
        QCOMPARE(layoutOf({fault(FaultKind::Kill, 2, 1.0)}, 4.0).bands[0].right, 400.0);
        QCOMPARE(layoutOf({fault(FaultKind::Slow, 2, 1.0, 9.0)}, 4.0).bands[0].right, 400.0);
    }

    void whoWasKilled_isGoneWhateverAStreamSays() {
        const FaultHappened killed = fault(FaultKind::Kill, 2, 1.0, 0.5);
        QVERIFY(activeAt(killed, 100));
        QVERIFY(isGone(std::vector{killed}, 2, 100));
        QVERIFY(!isGone(std::vector{killed}, 2, 0.9));
        QVERIFY(!isGone(std::vector{killed}, 1, 100));
    }

    void bands_thatOverlapAreOne() {
        const auto layout =
            layoutOf({fault(FaultKind::Slow, 2, 1.0, 2.0), fault(FaultKind::Slow, 3, 2.0, 2.0),
                      fault(FaultKind::Slow, 3, 6.0, 1.0)});
        QCOMPARE(layout.bands.size(), std::size_t{2});
        QCOMPARE(layout.bands[0].right, 400.0);
        QCOMPARE(layout.bands[1].left, 600.0);
        QCOMPARE(layout.lines.size(), std::size_t{3});
    }

    void lines_thatCanNotBeToldApartAreOne_andCount() {
        const auto layout = layoutOf({fault(FaultKind::Slow, 2, 1.0), fault(FaultKind::Slow, 3, 1.01),
                                      fault(FaultKind::Slow, 4, 1.02), fault(FaultKind::Slow, 5, 1.5)});
        QCOMPARE(layout.lines.size(), std::size_t{2});
        QCOMPARE(layout.lines[0].count, 3);
        QCOMPARE(layout.lines[0].fault, std::size_t{0});
        QCOMPARE(layout.lines[1].fault, std::size_t{3});
    }

    void orderOfArrival_doesNotMatter() {
        const auto layout =
            layoutOf({fault(FaultKind::Slow, 2, 5.0, 1.0), fault(FaultKind::Slow, 3, 1.0, 1.0)});
        QCOMPARE(layout.lines[0].x, 100.0);
        QCOMPARE(layout.lines[0].fault, std::size_t{1});
        QCOMPARE(layout.bands[1].right, 600.0);
    }

    void whatIsOutOfSight_isLeftOut_butABandThatReachesIn() {
        const auto layout =
            layoutOf({fault(FaultKind::Slow, 2, 1.0, 1.0), fault(FaultKind::Slow, 3, 2.0, 2.0),
                      fault(FaultKind::Slow, 4, 9.0, 0.5)},
                     10, 300, 800);
        QVERIFY(layout.lines.empty());
        QCOMPARE(layout.bands.size(), std::size_t{1});
        QCOMPARE(layout.bands[0].left, 300.0);
        QCOMPARE(layout.bands[0].right, 400.0);
    }

    void manyFaults_areAsManyStrokesAsPixelsAtMost() {
        std::vector<FaultHappened> faults;
        for (int i = 0; i < 4000; ++i) faults.push_back(fault(FaultKind::Slow, i % 8, i * 0.0025, 0.001));
        const auto layout = layoutOf(faults);
        QVERIFY(layout.lines.size() <= 1000 / FaultLayout::kApart + 1);
        int all = 0;
        for (const auto& line : layout.lines) all += line.count;
        QCOMPARE(all, 4000);
    }

    void pointer_meansWhatBeganThere_elseWhatWasFeltThere() {
        const std::vector faults{fault(FaultKind::Slow, 2, 1.0, 5.0), fault(FaultKind::Pause, 3, 3.0, 0.1)};
        const auto at = [&](double x) { return faultsAt(timesOf(faults), pixels, 10, x); };
        QCOMPARE(at(302), std::vector<std::size_t>{1});
        QCOMPARE(at(450), std::vector<std::size_t>{0});
        QVERIFY(at(700).empty());
    }

    void linkFault_strikesBothWays_andNoWorker() {
        const FaultHappened cut = fault(FaultKind::CutLink, 2, 1.0, 1.0, 3);
        QVERIFY(strikes(cut, LinkId{2, 3}));
        QVERIFY(strikes(cut, LinkId{3, 2}));
        QVERIFY(!strikes(cut, LinkId{2, 4}));
        QVERIFY(!strikes(cut, 2));
        QVERIFY(strikes(fault(FaultKind::Pause, 2, 1.0, 1.0), 2));
    }
};

QTEST_APPLESS_MAIN(TestFaultLayout)
#include "tst_fault_layout.moc"
