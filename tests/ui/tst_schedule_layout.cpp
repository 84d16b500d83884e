#include <QtTest>

#include "ui/draw/schedule_layout.h"

using namespace rondo::ui;

namespace {
const ScheduleLayout::Sizes kSizes{
    .words = 200, .names = 20, .bars = 150, .leastBlock = 32, .leastLane = 8, .mostLane = 26, .gap = 8};
}

class tst_schedule_layout : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void lanes_areAsTallAsFits_data() {
        QTest::addColumn<double>("height");
        QTest::addColumn<double>("lane");
        QTest::newRow("more than enough") << 1000.0 << 26.0;
        QTest::newRow("exactly 12 lanes of 20 and 3 gaps") << 264.0 << 20.0;
        QTest::newRow("a pixel less") << 263.0 << 19.0;
        QTest::newRow("too little: it scrolls") << 50.0 << 8.0;
    }
    void lanes_areAsTallAsFits() {
        QFETCH(double, height);
        const ScheduleLayout layout(1000, height, {4, 4, 4}, kSizes);
        QTEST(layout.laneHeight(), "lane");
        QCOMPARE(layout.contentHeight() <= height, height > 100);
    }

    void allSchedules_shareOneAxis() {
        const ScheduleLayout layout(1000, 300, {4, 2, 8}, kSizes);
        QCOMPARE(layout.left(), 220.0);
        QCOMPARE(layout.right(), 850.0);
        for (int racer = 0; racer < 3; ++racer) {
            QCOMPARE(layout.lane(racer, 1).left(), layout.left());
            QCOMPARE(layout.lane(racer, 1).right(), layout.right());
        }
    }

    void nothingOverlaps() {
        const std::vector<int> stages{1, 16, 0, 5};
        const ScheduleLayout layout(900, 200, stages, kSizes);
        double bottom = 0;
        for (int racer = 0; racer < 4; ++racer) {
            QVERIFY(layout.block(racer).top() >= bottom);
            QVERIFY(layout.block(racer).height() >= kSizes.leastBlock);
            for (int stage = 0; stage < stages[static_cast<std::size_t>(racer)]; ++stage) {
                const QRectF lane = layout.lane(racer, stage);
                QVERIFY(layout.block(racer).contains(lane));
                if (stage > 0) QVERIFY(lane.top() > layout.lane(racer, stage - 1).bottom());
                QVERIFY(!lane.intersects(layout.words(racer)) &&
                        !lane.intersects(layout.bars(racer, stage)) &&
                        !lane.intersects(layout.name(racer, stage)));
            }
            bottom = layout.block(racer).bottom();
        }
        QVERIFY(layout.contentHeight() >= bottom);
    }

    void points_areFoundInTheirLane() {
        const ScheduleLayout layout(900, 300, {4, 0, 5}, kSizes);
        using Place = ScheduleLayout::Place;
        for (int stage = 0; stage < 5; ++stage) {
            QCOMPARE(layout.at(layout.lane(2, stage).center()), (Place{2, stage}));
            QCOMPARE(layout.at(layout.bars(2, stage).center()), (Place{2, stage}));
        }
        QCOMPARE(layout.at(layout.words(0).center()), (Place{0, -1}));
        QCOMPARE(layout.at(layout.block(1).center()), (Place{1, -1}));
        QCOMPARE(layout.at({400, layout.block(0).bottom() + 3}), Place{});
        QCOMPARE(layout.at({400, -1}), Place{});
        QCOMPARE(layout.at({400, layout.contentHeight() + 1}), Place{});
    }

    void narrowWindow_keepsSomeLane() {
        const ScheduleLayout layout(300, 300, {2}, kSizes);
        QVERIFY(layout.lane(0, 0).width() >= 60);
    }

    void nobody_takesNoRoom() { QCOMPARE(ScheduleLayout(900, 300, {}, kSizes).contentHeight(), 0.0); }
};

QTEST_APPLESS_MAIN(tst_schedule_layout)
#include "tst_schedule_layout.moc"
