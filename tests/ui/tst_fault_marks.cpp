// Faults on the charts: seen where they struck, and told when the pointer asks.
#include <QtTest>

#include "tests/support/ring_run.h"
#include "ui/draw/custom_plot.h"
#include "ui/widgets/bandwidth_view.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/fault_marks.h"
#include "ui/widgets/step_time_view.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::RingRun;

namespace {

FaultHappened fault(FaultKind kind, int rank, int step, double steps, int peer = kNone) {
    FaultHappened made;
    made.stamp.rank = Rank{rank};
    made.stamp.at = Nanoseconds{step * RingRun::kStepNs};
    made.kind = kind;
    made.peer = Rank{peer};
    made.step = step;
    made.seconds = steps * RingRun::kStepNs * 1e-9;
    made.factor = 4;
    return made;
}

/// Pixels of a column in the colour of a fault, or near it.
int faultPixels(const QImage& image, int x, const Theme& theme) {
    int seen = 0;
    for (int y = 0; y < image.height(); ++y) {
        const QColor colour = image.pixelColor(x, y);
        seen += std::abs(colour.red() - theme.fault.red()) + std::abs(colour.green() - theme.fault.green()) +
                    std::abs(colour.blue() - theme.fault.blue()) <
                40;
    }
    return seen;
}
int faultPixels(const QImage& image, const Theme& theme) {
    int seen = 0;
    for (int x = 0; x < image.width(); ++x) seen += faultPixels(image, x, theme);
    return seen;
}

const Theme& kTheme = Theme::light();

}  // namespace

class TestFaultMarks : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void curve_marksTheStepAtWhichItBegan_onEveryAxis_data() {
        QTest::addColumn<int>("along");
        QTest::addColumn<double>("x");
        QTest::newRow("steps") << static_cast<int>(Along::Steps) << 30.0;
        QTest::newRow("seconds") << static_cast<int>(Along::Seconds) << 30 * RingRun::kStepNs * 1e-9;
        QTest::newRow("epochs") << static_cast<int>(Along::Epochs) << 1.5;
    }
    void curve_marksTheStepAtWhichItBegan_onEveryAxis() {
        QFETCH(int, along);
        QFETCH(double, x);
        RunStore store;
        Focus focus;
        CurvePlot curves(store, focus);
        curves.resize(500, 300);
        curves.setAlong(static_cast<Along>(along));
        store.apply(RingRun{}.all());
        show(curves);
        curves.plot().replot(QCustomPlot::rpImmediateRefresh);
        const QImage before = curves.plot().grab().toImage();
        const int pixel = static_cast<int>(std::lround(curves.plot().xAxis->coordToPixel(x)));
        store.apply(std::vector<Event>{fault(FaultKind::Slow, 2, 30, 10)});
        curves.plot().replot(QCustomPlot::rpImmediateRefresh);
        const QImage after = curves.plot().grab().toImage();
        const int high = curves.plot().axisRect()->height() / 2;
        int most = 0;
        for (int column = pixel - 1; column <= pixel + 1; ++column) {
            QVERIFY(faultPixels(before, column, kTheme) < high);
            most = std::max(most, faultPixels(after, column, kTheme));
        }
        QVERIFY2(most > high, qPrintable(QString::number(most)));
        const auto* marks = curves.plot().findChild<FaultMarks*>();
        QVERIFY(marks);
        const QRect area = curves.plot().axisRect()->rect();
        const QString tip = marks->tipAt(QPointF(pixel + 1, area.center().y()));
        QVERIFY2(tip.contains("worker 2 ×4 slower") && tip.contains("all wait"), qPrintable(tip));
        QVERIFY(marks->tipAt(QPointF(area.left() + 5, area.center().y())).isEmpty());
    }

    void everyView_showsIt_data() {
        QTest::addColumn<QString>("theme");
        for (const char* name : {"light", "dark", "projector"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void everyView_showsIt() {
        QFETCH(QString, theme);
        const Theme& colours = Theme::byName(theme);
        RunStore store;
        Focus focus;
        BandwidthView bandwidth(store, focus);
        StepTimeView steps(store, focus);
        TimelineView timeline(store, focus);
        TopologyView topology(store, focus);
        store.apply(RingRun{}.all());
        const auto each = [&](const auto& act) {
            act(bandwidth);
            act(steps);
            act(timeline);
            act(topology);
        };
        std::vector<int> before;
        each([&](auto& view) {
            view.resize(700, 400);
            view.setTheme(colours);
            before.push_back(faultPixels(view.grab().toImage(), colours));
        });
        store.apply(std::vector<Event>{fault(FaultKind::Slow, 2, 57, 100)});
        std::size_t i = 0;
        each([&](auto& view) {
            const int now = faultPixels(view.grab().toImage(), colours);
            QVERIFY2(now > before[i] + 40, view.metaObject()->className());
            ++i;
        });
    }

    void badge_isThereOnlyWhileTheFaultLasts() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        view.resize(560, 430);
        store.apply(RingRun{}.all());
        store.apply(std::vector<Event>{fault(FaultKind::Pause, 2, 20, 10)});
        const double step = RingRun::kStepNs * 1e-9;
        const auto seen = [&](double steps) {
            focus.setCursor(steps * step);
            return faultPixels(view.grab().toImage(), kTheme);
        };
        QCOMPARE(seen(19.5), 0);
        QVERIFY(seen(25) > 40);
        QCOMPARE(seen(30.5), 0);
    }

    void cutLink_isBroken_andHealsAgain() {
        RunStore store;
        Focus focus;
        TopologyView view(store, focus);
        view.resize(560, 430);
        store.apply(RingRun{}.all());
        focus.setCursor(25 * RingRun::kStepNs * 1e-9);
        const QImage whole = view.grab().toImage();
        QCOMPARE(faultPixels(whole, kTheme), 0);
        store.apply(std::vector<Event>{fault(FaultKind::CutLink, 1, 20, 10, 2)});
        QVERIFY(faultPixels(view.grab().toImage(), kTheme) > 40);
        focus.setCursor(31 * RingRun::kStepNs * 1e-9);
        QCOMPARE(faultPixels(view.grab().toImage(), kTheme), 0);
    }

    void aHundredFaults_arePaintedInNoMoreStrokesThanPixels() {
        RunStore store;
        Focus focus;
        StepTimeView steps(store, focus);
        TimelineView timeline(store, focus);
        TopologyView topology(store, focus);
        std::vector<Event> events = RingRun{.steps = 200}.all();
        for (int i = 0; i < 100; ++i)
            events.push_back(fault(static_cast<FaultKind>(i % 2), i % 4, 2 * i, 1.5));
        store.apply(events);
        QCOMPARE(store.faults().size(), std::size_t{100});
        for (QWidget* view : {static_cast<QWidget*>(&steps), static_cast<QWidget*>(&timeline),
                              static_cast<QWidget*>(&topology)}) {
            view->resize(700, 400);
            QVERIFY(!view->grab().isNull());
        }
    }

    void newRun_hasNoMarksOfTheOld() {
        RunStore store;
        Focus focus;
        StepTimeView steps(store, focus);
        steps.resize(400, 300);
        store.apply(RingRun{}.all());
        store.apply(std::vector<Event>{fault(FaultKind::Slow, 2, 30, 10)});
        QVERIFY(faultPixels(steps.grab().toImage(), kTheme) > 40);
        store.apply(RingRun{}.all());
        QCOMPARE(faultPixels(steps.grab().toImage(), kTheme), 0);
    }

  private:
    void show(QWidget& view) {
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
    }
};

QTEST_MAIN(TestFaultMarks)
#include "tst_fault_marks.moc"
