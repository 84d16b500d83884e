#include <QApplication>
#include <QtTest>
#include <memory>

#include "tests/support/pipeline_run.h"
#include "tests/support/ring_run.h"
#include "ui/draw/key_place.h"
#include "ui/store/lookup.h"
#include "ui/widgets/timeline_view.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::PipelineRun;
using rondo::test::RingRun;

class tst_timeline_stages : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() { open(std::make_unique<PipelineRun>(ScheduleChoice::GPipe, 4, 4)); }
    void cleanup() {
        view_.reset();
        focus_.reset();
        store_.reset();
        run_.reset();
    }

    void pointerOverABubble_tellsWhatItWaitsFor() {
        view_->zoomToAll();
        const LaneSpan wait = spanOf(2, Phase::Wait, 0, 1);
        const QString tip = tipOf(2, wait);
        QVERIFY2(tip.startsWith(QStringLiteral("Worker 2 waits")), qPrintable(tip));
        QVERIFY2(tip.contains(QStringLiteral("for the activations of micro-batch 0 from worker 1")),
                 qPrintable(tip));
        QVERIFY2(tip.contains(QStringLiteral("Step 1")), qPrintable(tip));
        // It stands before all the stage does in this step, and is not counted.
        QVERIFY2(tip.contains(QStringLiteral("no part of its bubble")), qPrintable(tip));

        const SpanLane& lane = *laneOf(*store_, 1, Lane::Compute);
        for (const LaneSpan& span : lane.spans()) {
            if (span.phase != Phase::Wait || span.step != 1 || span.peer != 2) continue;
            const QString gradient = tipOf(1, span);
            QVERIFY2(gradient.contains(QStringLiteral("for the gradients of micro-batch")) &&
                         gradient.contains(QStringLiteral("from worker 2")) &&
                         !gradient.contains(QStringLiteral("no part")),
                     qPrintable(gradient));
            return;
        }
        QFAIL("nobody waits for a gradient");
    }

    void pointerOverAPass_namesItsMicroBatch() {
        view_->zoomToAll();
        const QString tip = tipOf(1, spanOf(1, Phase::Forward, 2, 2));
        QVERIFY2(tip.startsWith(QStringLiteral("Worker 1: Forward of micro-batch 2\n2\u00a0ms")),
                 qPrintable(tip));
    }

    void pointerBesideALane_tellsItsBubbleAndItsMemory() {
        view_->zoomToAll();
        view_->grab();
        const QString tip = view_->tipAt({20, rowMiddle(3)});
        QVERIFY2(tip.contains(QStringLiteral("Stage 3 of 4")), qPrintable(tip));
        QVERIFY2(tip.contains(QStringLiteral("Keeps the activations of 4 micro-batches at most")),
                 qPrintable(tip));
        QVERIFY2(tip.contains(QStringLiteral("Bubble")) && tip.contains(QStringLiteral("ideal")),
                 qPrintable(tip));
    }

    void pointerOverTheGhost_tellsWhatShouldBe() {
        view_->zoomToAll();
        const LaneSpan forward = spanOf(1, Phase::Forward, 2, 2);
        const QString tip = view_->tipAt(placeOf(1, forward, RowPart::Ghost));
        QVERIFY2(tip.startsWith(QStringLiteral("Ideal, step 2, worker 1: Forward of micro-batch 2")),
                 qPrintable(tip));
        QVERIFY2(tip.contains(QStringLiteral("cost model")), qPrintable(tip));
    }

    void pointerUnderTheLane_tellsWhatIsKept() {
        view_->zoomToAll();
        const LaneSpan last = spanOf(0, Phase::Forward, 3, 1);
        const QString tip = view_->tipAt(placeOf(0, last, RowPart::Memory));
        QVERIFY2(tip.contains(QStringLiteral("keeps the activations of 4 micro-batches here, of 4 at most")),
                 qPrintable(tip));
    }

    void clickedSpan_isLeftForItsNeighboursByFullStopAndComma() {
        view_->zoomToAll();
        const LaneSpan first = spanOf(1, Phase::Forward, 0, 1);
        click(1, first);
        QVERIFY(view_->chosen());
        QCOMPARE(view_->chosen()->span.begin, first.begin);
        QTest::keyClick(view_.get(), Qt::Key_Period);
        QCOMPARE(view_->chosen()->span.begin, first.end);
        QCOMPARE(int(view_->chosen()->span.microBatch), 1);
        QTest::keyClick(view_.get(), Qt::Key_Comma);
        QTest::keyClick(view_.get(), Qt::Key_Comma);
        QCOMPARE(view_->chosen()->span.phase, Phase::Wait);
        QTest::keyClick(view_.get(), Qt::Key_Escape);
        QVERIFY(!view_->chosen() && !focus_->rank());
    }

    void fullStopFarOut_comesCloseEnoughToSeeTheSpan() {
        for (int i = 6; i < 400; ++i) store_->apply(run_->step(i));
        view_->zoomToAll();
        click(2, spanOf(2, Phase::Forward, 1, 1));
        // Hit or not: what is chosen is some span of that lane.
        QVERIFY(view_->chosen());
        QTest::keyClick(view_.get(), Qt::Key_Period);
        const auto& span = view_->chosen()->span;
        const double pixels = span.seconds() / view_->window().length() * 1000;
        QVERIFY2(pixels > 5, qPrintable(QString::number(pixels)));
        QVERIFY(static_cast<double>(span.begin) * 1e-9 >= view_->window().begin &&
                static_cast<double>(span.end) * 1e-9 <= view_->window().end);
    }

    void brackets_goAlongTheMessageAndBack() {
        view_->zoomToAll();
        click(0, spanOf(0, Phase::Forward, 2, 1));
        for (const int rank : {1, 2, 3}) {
            QTest::keyClick(view_.get(), Qt::Key_BracketRight);
            QCOMPARE(view_->chosen()->rank, rank);
            QCOMPARE(view_->chosen()->span.phase, Phase::Forward);
            QCOMPARE(int(view_->chosen()->span.microBatch), 2);
            QCOMPARE(view_->chosen()->span.step, 1);
            QCOMPARE(focus_->rank(), std::optional(rank));
        }
        // The last stage gives nothing on.
        QTest::keyClick(view_.get(), Qt::Key_BracketRight);
        QCOMPARE(view_->chosen()->rank, 3);
        for (const int rank : {2, 1, 0}) {
            QTest::keyClick(view_.get(), Qt::Key_BracketLeft);
            QCOMPARE(view_->chosen()->rank, rank);
            QCOMPARE(int(view_->chosen()->span.microBatch), 2);
        }
        // Gradients come down.
        click(3, spanOf(3, Phase::BackwardInput, 1, 1));
        QTest::keyClick(view_.get(), Qt::Key_BracketRight);
        QCOMPARE(view_->chosen()->rank, 2);
        QCOMPARE(view_->chosen()->span.phase, Phase::BackwardInput);
        QCOMPARE(int(view_->chosen()->span.microBatch), 1);
        QTest::keyClick(view_.get(), Qt::Key_BracketLeft);
        QCOMPARE(view_->chosen()->rank, 3);
    }

    void bracketOnABubble_goesToWhomItWaitsFor() {
        view_->zoomToAll();
        click(2, spanOf(2, Phase::Wait, 0, 1));
        QTest::keyClick(view_.get(), Qt::Key_BracketLeft);
        QCOMPARE(view_->chosen()->rank, 1);
        QCOMPARE(view_->chosen()->span.phase, Phase::Forward);
        QCOMPARE(int(view_->chosen()->span.microBatch), 0);
        QCOMPARE(view_->chosen()->span.step, 1);
    }

    void brackets_followChunksAroundAndRecomputedPasses() {
        open(std::make_unique<PipelineRun>(ScheduleChoice::Interleaved, 4, 4, true, true));
        view_->zoomToAll();
        // From the last stage's first chunk to the first stage's second.
        const SpanLane& lane = *laneOf(*store_, 3, Lane::Compute);
        for (const LaneSpan& span : lane.spans())
            if (span.phase == Phase::Forward && span.chunk == 0 && span.microBatch == 1 && span.step == 2) {
                click(3, span);
                break;
            }
        QVERIFY(view_->chosen());
        QTest::keyClick(view_.get(), Qt::Key_BracketRight);
        QCOMPARE(view_->chosen()->rank, 0);
        QCOMPARE(int(view_->chosen()->span.chunk), 1);
        QCOMPARE(int(view_->chosen()->span.microBatch), 1);
        // A gradient is first met by what must be computed again.
        const LaneSpan backward = spanOf(3, Phase::BackwardInput, 1, 2);
        click(3, backward);
        QTest::keyClick(view_.get(), Qt::Key_BracketRight);
        QCOMPARE(view_->chosen()->rank, 2);
        QCOMPARE(view_->chosen()->span.phase, Phase::Recompute);
        QTest::keyClick(view_.get(), Qt::Key_BracketLeft);
        QCOMPARE(view_->chosen()->rank, 3);
        QCOMPARE(view_->chosen()->span.phase, Phase::BackwardInput);
    }

    void brackets_followTheMessagesOfARingToo() {
        RunStore store;
        Focus focus;
        TimelineView view(store, focus);
        view.resize(1366, 300);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        store.apply(RingRun{}.all());
        const LaneSpan span = laneOf(store, 1, Lane::Communication)->spans()[20];
        const PlacedSpan from{1, Lane::Communication, span};
        const Message* message = sentBy(store, from);
        QVERIFY(message);
        QCOMPARE(message->from.value, 1);
        const auto to = receiverOf(store, *message);
        QVERIFY(to);
        QCOMPARE(to->rank, 2);
        QCOMPARE(to->span.step, span.step);
        QCOMPARE(to->span.bucket, span.bucket);
    }

    void shiftDrag_sumsUpAnAreaThatFShowsAndEscTakesAway() {
        view_->zoomToAll();
        const TimeWindow all = view_->window();
        const int from = 400, to = 700, y = rowMiddle(1);
        QTest::mousePress(view_.get(), Qt::LeftButton, Qt::ShiftModifier, {from, y});
        QTest::mouseMove(view_.get(), {550, y});
        QTest::mouseRelease(view_.get(), Qt::LeftButton, Qt::ShiftModifier, {to, y});
        QVERIFY(view_->area());
        QCOMPARE(view_->window(), all);
        const TimeWindow area = *view_->area();
        QVERIFY(std::abs(area.length() / all.length() - 300.0 / view_->placeOf(0, Lane::Compute).width()) <
                0.01);
        view_->grab();  // with its table
        QTest::keyClick(view_.get(), Qt::Key_F);
        QVERIFY(std::abs(view_->window().begin - area.begin) < 1e-9);
        QVERIFY(std::abs(view_->window().end - area.end) < 1e-9);
        QTest::keyClick(view_.get(), Qt::Key_F);  // once more: everything
        QVERIFY(view_->window().length() > 2 * area.length());
        QTest::keyClick(view_.get(), Qt::Key_Escape);
        QVERIFY(!view_->area());
        QTest::keyClick(view_.get(), Qt::Key_F);
        QCOMPARE(view_->window(), all);
    }

    void newRun_forgetsWhatWasSelected() {
        view_->zoomToAll();
        click(0, spanOf(0, Phase::Forward, 2, 1));
        view_->selectArea(TimeWindow{0, 0.01});
        store_->apply(RingRun{}.all());
        QVERIFY(!view_->area() && !view_->chosen() && !view_->stages().any());
        view_->grab();
    }

    void bubblesAndMicroBatches_areSeen() {
        view_->zoomToAll();
        const QImage image = view_->grab().toImage();
        // Somewhere in the first stage's lane there are passes, and the hatch between them.
        const int y = rowMiddle(0);
        const LaneSpan forward = spanOf(0, Phase::Forward, 0, 1);
        QCOMPARE(image.pixelColor(xOf(forward) - pixelsOf(forward) / 2 + 3, y + 7), Theme::light().forward);
        const LaneSpan wait = spanOf(0, Phase::Wait, 0, 1);
        bool hatched = false, ground = false;
        for (int x = xOf(wait) - pixelsOf(wait) / 2 + 3; x < xOf(wait) + pixelsOf(wait) / 2 - 3; ++x) {
            const QColor colour = image.pixelColor(x, y + 7);
            ground |= colour == Theme::light().wait;
            hatched |= colour != Theme::light().wait;
        }
        QVERIFY(hatched && ground);
        // Both halves of a fused backward: the colour of the weight gradient at its lower edge.
        const LaneSpan backward = spanOf(0, Phase::BackwardInput, 0, 1);
        bool both = false;
        for (int at = y; at < y + 14; ++at)
            both |= image.pixelColor(xOf(backward), at) == Theme::light().backwardWeight;
        QVERIFY(both);
    }

    void keysByPlace_lieAlikeOnEveryKeyboard() {
        const QString x11 = QStringLiteral("xcb"), other = QStringLiteral("offscreen");
        // AZERTY has Z and Q where W and A are.
        QCOMPARE(keyByPlace(x11, 25, Qt::Key_Z), int(Qt::Key_W));
        QCOMPARE(keyByPlace(x11, 38, Qt::Key_Q), int(Qt::Key_A));
        QCOMPARE(keyByPlace(x11, 39, Qt::Key_S), int(Qt::Key_S));
        QCOMPARE(keyByPlace(QStringLiteral("wayland-egl"), 40, Qt::Key_D), int(Qt::Key_D));
        QCOMPARE(keyByPlace(other, 25, Qt::Key_Z), int(Qt::Key_Z));
        QCOMPARE(keyByPlace(x11, 0, Qt::Key_W), int(Qt::Key_W));
        // German: Ü and + where the brackets are; + goes on to zoom.
        QCOMPARE(keyByPlace(x11, 34, Qt::Key_Udiaeresis), int(Qt::Key_BracketLeft));
        QCOMPARE(keyByPlace(x11, 35, Qt::Key_Plus), int(Qt::Key_Plus));
        QCOMPARE(keyByPlace(x11, 35, Qt::Key_BracketRight), int(Qt::Key_BracketRight));
    }

    void everySizeAndTheme_paints() {
        for (const ScheduleChoice schedule :
             {ScheduleChoice::ZbH1, ScheduleChoice::Interleaved, ScheduleChoice::PipeDream}) {
            open(
                std::make_unique<PipelineRun>(schedule, 4, 4, true, schedule == ScheduleChoice::Interleaved));
            for (const Theme* theme : {&Theme::light(), &Theme::dark(), &Theme::projector()}) {
                view_->setTheme(*theme);
                for (const QSize size :
                     {QSize(50, 20), view_->minimumSizeHint(), QSize(1366, 230), QSize(1920, 600)}) {
                    view_->resize(size);
                    view_->zoomToAll();
                    view_->selectArea(TimeWindow{0.005, 0.02});
                    QVERIFY(!view_->grab().toImage().isNull());
                }
            }
        }
    }

  private:
    void open(std::unique_ptr<PipelineRun> run) {
        cleanup();
        run_ = std::move(run);
        store_ = std::make_unique<RunStore>();
        focus_ = std::make_unique<Focus>();
        view_ = std::make_unique<TimelineView>(*store_, *focus_);
        view_->resize(1920, 400);
        view_->show();
        QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
        store_->apply(run_->all(4));
        QCOMPARE(store_->lanes().size(), std::size_t{4});
    }
    /// The first one of its kind in a step.
    LaneSpan spanOf(int rank, Phase phase, int microBatch, int step) const {
        for (const LaneSpan& span : laneOf(*store_, rank, Lane::Compute)->spans())
            if (span.phase == phase && span.microBatch == microBatch && span.step == step) return span;
        qFatal("no such span");
        return {};
    }
    QPoint placeOf(int rank, const LaneSpan& span, RowPart part = RowPart::Lane) const {
        return view_->placeOf({rank, Lane::Compute, span}, part).center().toPoint();
    }
    int rowMiddle(int rank) const {
        return static_cast<int>(view_->placeOf(rank, Lane::Compute).center().y());
    }
    int xOf(const LaneSpan& span) const { return placeOf(0, span).x(); }
    int pixelsOf(const LaneSpan& span) const {
        return static_cast<int>(view_->placeOf({0, Lane::Compute, span}).width());
    }
    QString tipOf(int rank, const LaneSpan& span) const { return view_->tipAt(placeOf(rank, span)); }
    void click(int rank, const LaneSpan& span) {
        QTest::mouseClick(view_.get(), Qt::LeftButton, {}, placeOf(rank, span));
    }

    std::unique_ptr<PipelineRun> run_;
    std::unique_ptr<RunStore> store_;
    std::unique_ptr<Focus> focus_;
    std::unique_ptr<TimelineView> view_;
};

QTEST_MAIN(tst_timeline_stages)
#include "tst_timeline_stages.moc"
