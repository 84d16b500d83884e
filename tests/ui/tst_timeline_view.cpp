#include <QApplication>
#include <QHelpEvent>
#include <QScrollBar>
#include <QSignalSpy>
#include <QToolTip>
#include <QWheelEvent>
#include <QtTest>
#include <memory>

#include "tests/support/ring_run.h"
#include "ui/store/lookup.h"
#include "ui/widgets/timeline_view.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::RingRun;

class tst_timeline_view : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void rightClickOnALane_asksForTheMenuOfItsWorker() {
        RunStore store;
        Focus focus;
        TimelineView view(store, focus);
        QSignalSpy wanted(&view, &TimelineView::menuWanted);
        store.apply(RingRun{}.all());
        view.resize(900, 300);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QContextMenuEvent inLanes(QContextMenuEvent::Mouse, {400, 150}, {});
        QApplication::sendEvent(&view, &inLanes);
        QCOMPARE(wanted.count(), 1);
        QVERIFY(focus.rank());
        QContextMenuEvent above(QContextMenuEvent::Mouse, {400, 5}, {});
        QApplication::sendEvent(&view, &above);
        QCOMPARE(wanted.count(), 1);
        QTest::keyClick(&view, Qt::Key_F10, Qt::ShiftModifier);
        QCOMPARE(wanted.count(), 2);
    }

    void init() {
        store_ = std::make_unique<RunStore>();
        focus_ = std::make_unique<Focus>();
        view_ = std::make_unique<TimelineView>(*store_, *focus_);
        view_->resize(1366, 230);
        view_->show();
        QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
        store_->apply(run_.start());
        for (int i = 0; i < 30; ++i) store_->apply(run_.step(i));
    }
    void cleanup() {
        view_.reset();
        focus_.reset();
        store_.reset();
    }

    void liveRun_showsTheLastSteps() {
        QVERIFY(view_->following());
        const double before = view_->window().end;
        QVERIFY(view_->window().length() < 0.05 && view_->window().length() > 0.03);  // three steps of 12 ms
        store_->apply(run_.step(30));
        QVERIFY(view_->window().end > before);
    }

    void wheel_zoomsAtThePointerAndStopsFollowing() {
        QSignalSpy spy(view_.get(), &TimelineView::followingChanged);
        const TimeWindow before = view_->window();
        wheel({700, 120}, 120);
        QVERIFY(view_->window().length() < before.length());
        QVERIFY(!view_->following());
        QCOMPARE(spy.count(), 1);
        const TimeWindow stopped = view_->window();
        store_->apply(run_.step(30));
        QCOMPARE(view_->window(), stopped);
        QTest::keyClick(view_.get(), Qt::Key_End);
        QVERIFY(view_->following());
        QVERIFY(view_->window() != stopped);
    }

    void drag_pansWithThePointer() {
        view_->zoomToAll();
        wheel({700, 120}, 1200);
        const TimeWindow before = view_->window();
        QTest::mousePress(view_.get(), Qt::LeftButton, {}, {900, 120});
        QTest::mouseMove(view_.get(), {800, 120});
        QTest::mouseRelease(view_.get(), Qt::LeftButton, {}, {800, 120});
        QVERIFY(view_->window().begin > before.begin);
        QVERIFY(std::abs(view_->window().length() - before.length()) < 1e-9);
    }

    void shiftDragAndF_zoomToTheArea() {
        view_->zoomToAll();
        const TimeWindow before = view_->window();
        QTest::mousePress(view_.get(), Qt::LeftButton, Qt::ShiftModifier, {400, 120});
        QTest::mouseMove(view_.get(), {600, 120});
        QTest::mouseRelease(view_.get(), Qt::LeftButton, Qt::ShiftModifier, {600, 120});
        QCOMPARE(view_->window(), before);
        QTest::keyClick(view_.get(), Qt::Key_F);
        QVERIFY(view_->window().length() < before.length() * 0.25);
    }

    void keys_moveAsTheySay() {
        QTest::keyClick(view_.get(), Qt::Key_F);
        const TimeWindow all = view_->window();
        QCOMPARE(all.begin, 0.0);
        QVERIFY(all.end >= store_->duration());
        QTest::keyClick(view_.get(), Qt::Key_W);
        const TimeWindow closer = view_->window();
        QVERIFY(closer.length() < all.length());
        QTest::keyClick(view_.get(), Qt::Key_D);
        QVERIFY(view_->window().begin > closer.begin);
        QTest::keyClick(view_.get(), Qt::Key_A);
        QVERIFY(std::abs(view_->window().begin - closer.begin) < 1e-9);
        QTest::keyClick(view_.get(), Qt::Key_S);
        QVERIFY(view_->window().length() > closer.length());
    }

    void fullStopAndComma_goFromStepToStep() {
        QTest::keyClick(view_.get(), Qt::Key_Period);
        const int first = focus_->step().value();
        QTest::keyClick(view_.get(), Qt::Key_Period);
        QCOMPARE(focus_->step().value(), first + 1);
        QTest::keyClick(view_.get(), Qt::Key_Comma);
        QTest::keyClick(view_.get(), Qt::Key_Comma);
        QCOMPARE(focus_->step().value(), first - 1);
        const auto& steps = store_->steps();
        const auto index = indexOfStep(steps, first - 1).value();
        QVERIFY(view_->window().begin <= beginOf(steps, index) &&
                view_->window().end >= steps[index].seconds);
        QTest::keyClick(view_.get(), Qt::Key_Escape);
        QVERIFY(!focus_->step());
    }

    void click_selectsWorkerAndStep() {
        // The first lane's middle, at the right edge of what is shown: the last step.
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, {1200, 66});
        QCOMPARE(focus_->rank(), std::optional(0));
        QVERIFY(focus_->step().value_or(-1) >= 28);
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, {1200, 170});
        QVERIFY(focus_->rank().value_or(0) > 0);
    }

    void clickOnAStepBar_jumpsThere() {
        view_->zoomToAll();
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, {700, 32});
        QVERIFY(focus_->step().has_value());
        QVERIFY(view_->window().length() < 0.02);
    }

    void hover_movesTheSharedCursorAndLeavingTakesItAway() {
        QTest::mouseMove(view_.get(), {700, 120});
        QTRY_VERIFY(focus_->cursor().has_value());
        QVERIFY(*focus_->cursor() > view_->window().begin && *focus_->cursor() < view_->window().end);
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(view_.get(), &leave);
        QVERIFY(!focus_->cursor());
    }

    void stepThatIsPlayed_isInSightBeforeItIsOver() {
        const double now = store_->steps().back().seconds + 0.004;
        const QImage before = view_->grab().toImage();
        Span span;
        span.stamp = {1, Rank{2}, 0, Nanoseconds{static_cast<std::int64_t>((now + 0.003) * 1e9)}};
        span.phase = Phase::Forward;
        span.step = 30;
        span.begin = Nanoseconds{static_cast<std::int64_t>((now - 0.003) * 1e9)};
        store_->setUnderWay(now, {span});
        QVERIFY(view_->window().end >= now);
        // Of what has not happened yet nothing is drawn.
        const QImage image = view_->grab().toImage();
        const auto coloured = [&](double from, double to) {
            const int left = 90, width = view_->width() - 12 - left;
            for (int x = left + static_cast<int>(view_->window().xOf(from, width));
                 x < left + view_->window().xOf(to, width); ++x) {
                for (int y = 60; y < 190; ++y)
                    if (image.pixelColor(std::min(x, image.width() - 1), y) == Theme::light().forward)
                        return true;
            }
            return false;
        };
        QVERIFY(image != before);
        QVERIFY(coloured(now - 0.002, now - 0.0005));
        QVERIFY(!coloured(now + 0.0005, view_->window().end));
    }

    void tip_goesWhenWhatItToldOfHasMovedOn() {
        const QPoint at(700, 66);
        QHelpEvent help(QEvent::ToolTip, at, view_->mapToGlobal(at));
        QApplication::sendEvent(view_.get(), &help);
        QTRY_VERIFY(QToolTip::isVisible());
        store_->apply(run_.step(30));
        QTRY_VERIFY(!QToolTip::isVisible());
    }

    void manyLanes_takeTheRoomOfTheOverview() {
        view_->setTheme(Theme::projector());
        store_->apply(RingRun{.workers = 8}.all());
        view_->resize(1366, 215);
        const auto* scroll = view_->findChild<QScrollBar*>();
        QVERIFY(!scroll->isVisible());
    }

    void newRun_isFollowedAgain() {
        view_->zoomToAll();
        QVERIFY(!view_->following());
        store_->apply(run_.start());
        QVERIFY(view_->following());
        store_->clear();
        view_->grab();  // an empty view paints too
    }

    void smallSize_paints() {
        view_->resize(view_->minimumSizeHint());
        QVERIFY(!view_->grab().toImage().isNull());
        view_->resize(50, 20);
        view_->grab();
    }

  private:
    void wheel(QPoint at, int turn) {
        QWheelEvent event(at, view_->mapToGlobal(at), {}, {0, turn}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(view_.get(), &event);
    }

    RingRun run_;
    std::unique_ptr<RunStore> store_;
    std::unique_ptr<Focus> focus_;
    std::unique_ptr<TimelineView> view_;
};

QTEST_MAIN(tst_timeline_view)
#include "tst_timeline_view.moc"
