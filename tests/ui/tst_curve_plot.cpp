#include <QSignalSpy>
#include <QSlider>
#include <QtTest>
#include <cmath>

#include "tests/support/compared_run.h"
#include "tests/support/ring_run.h"
#include "ui/draw/custom_plot.h"
#include "ui/widgets/curve_plot.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::ComparedRun;
using rondo::test::RingRun;

namespace {

QStringList textsOn(const QCustomPlot& plot) {
    QStringList texts;
    for (int i = 0; i < plot.itemCount(); ++i) {
        const auto* text = qobject_cast<QCPItemText*>(plot.item(i));
        if (text && text->visible()) texts << text->text();
    }
    return texts;
}

}  // namespace

namespace {

/// A plot of a store and of kept runs.
struct Drawn {
    RunStore store;
    Focus focus;
    KeptRuns kept;
    CurvePlot view{store, focus};

    Drawn() {
        view.resize(900, 400);
        view.setKept(kept);
    }
    QCPGraph* graph(int place) { return view.plot().graph(place); }
    QStringList names() { return textsOn(view.plot()); }
    QList<QCPGraph*> keptGraphs() {
        QList<QCPGraph*> graphs;
        for (int i = 0; i < view.plot().graphCount(); ++i)
            if (view.plot().graph(i)->layer()->name() == QStringLiteral("kept"))
                graphs << view.plot().graph(i);
        return graphs;
    }
};

}  // namespace

class tst_curve_plot : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyStepAndEvaluation_isOnThePlot() {
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        const RingRun run;
        store.apply(run.start());
        for (int i = 0; i < run.steps; ++i) store.apply(run.step(i));
        QCOMPARE(plot.plot().graph(0)->dataCount(), 60);
        QCOMPARE(plot.plot().graph(1)->dataCount(), 60);
        QCOMPARE(plot.plot().graph(2)->dataCount(), 3);
        QCOMPARE(plot.plot().graph(0)->dataMainValue(59), store.steps()[59].loss);
        QCOMPARE(plot.plot().graph(2)->dataMainValue(2), store.evaluations()[2].testAccuracy * 100);
        store.apply(run.start());
        QCOMPARE(plot.plot().graph(0)->dataCount(), 0);
    }

    void axis_isStepsSecondsOrEpochs_data() {
        QTest::addColumn<int>("along");
        QTest::addColumn<double>("last");
        QTest::newRow("steps") << 0 << 59.0;
        QTest::newRow("seconds") << 1 << 0.72;
        QTest::newRow("epochs") << 2 << 3.0;
        QTest::newRow("bytes") << 3 << 60.0 * RingRun::kPayload * 2 * 2 * 3 * 4;
    }
    void axis_isStepsSecondsOrEpochs() {
        QFETCH(int, along);
        QFETCH(double, last);
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        store.apply(RingRun{}.all());
        plot.setAlong(static_cast<CurvePlot::Along>(along));
        QVERIFY(std::abs(plot.plot().graph(0)->dataMainKey(59) - last) < 1e-9);
        QVERIFY(plot.plot().xAxis->range().upper >= last);
    }

    void keptRuns_areDrawnUnderTheirNames() {
        Drawn plot;
        ComparedRun{}.keepIn(plot.kept);
        ComparedRun{.name = "Tree", .steps = 40}.keepIn(plot.kept);
        QCOMPARE(plot.names().filter("Ring").size(), 1);
        QCOMPARE(plot.names().filter("Tree").size(), 1);
        // Of each the raw curve, the smooth one and the accuracy; they lie under those of the run.
        const auto kept = plot.keptGraphs();
        QCOMPARE(kept.size(), 6);
        QCOMPARE(kept[1]->dataCount(), 100);
        QCOMPARE(kept[2]->dataCount(), 10);
        QCOMPARE(kept[2]->dataMainValue(9), 100.0);
        QCOMPARE(kept[4]->dataCount(), 40);
        QVERIFY(kept[1]->pen().style() == Qt::CustomDashLine);
        QVERIFY(kept[1]->pen().dashPattern() != kept[4]->pen().dashPattern());
        QVERIFY(kept[1]->pen().color() != kept[4]->pen().color());
        QCOMPARE(plot.graph(0)->dataCount(), 0);  // nothing is on the screen itself
        QVERIFY(plot.names().filter("appear here").isEmpty());
    }

    void namesThatBeginAlike_areToldByWhatDiffers() {
        Drawn plot;
        ComparedRun{.begun = 1}.keepIn(plot.kept);
        ComparedRun{.workers = 8, .begun = 2}.keepIn(plot.kept);
        QVERIFY(plot.names().contains("Ring") && plot.names().contains("workers 8"));
        ComparedRun{.name = "Tree", .begun = 3}.keepIn(plot.kept);
        QVERIFY(plot.names().contains("Ring · workers 8") && plot.names().contains("Tree"));
    }

    void keptRun_staysWhenTheStoreGoesOn() {
        Drawn plot;
        ComparedRun{}.keepIn(plot.kept);
        plot.store.apply(RingRun{}.all());
        plot.store.clear();
        QCOMPARE(plot.keptGraphs().size(), 3);
        QCOMPARE(plot.keptGraphs()[1]->dataCount(), 100);
    }

    void axes_reachTheLongestAndTheHighestOfAll() {
        Drawn plot;
        plot.store.apply(RingRun{}.all());
        const double alone = plot.view.plot().xAxis->range().upper;
        ComparedRun{.steps = 400, .height = 30}.keepIn(plot.kept);
        QVERIFY(alone < 100);
        QVERIFY(plot.view.plot().xAxis->range().upper >= 400);
        QVERIFY(plot.view.plot().yAxis->range().upper >= 25);
        plot.view.setLogarithmic(true);
        QVERIFY(plot.view.plot().yAxis->range().lower <= 30.0 / 400);
        QVERIFY(plot.view.plot().yAxis->range().lower > 0);
        plot.kept.setShown(plot.kept.entries()[0].id, false);
        QVERIFY(plot.keptGraphs().isEmpty());
        QCOMPARE(plot.view.plot().xAxis->range().upper, alone);
    }

    void everyAxis_holdsForKeptRunsToo_data() {
        QTest::addColumn<int>("along");
        QTest::addColumn<double>("last");
        QTest::newRow("steps") << 0 << 99.0;
        QTest::newRow("seconds") << 1 << 10.0;
        QTest::newRow("epochs") << 2 << 10.0;
        QTest::newRow("bytes") << 3 << 100'000.0;
    }
    void everyAxis_holdsForKeptRunsToo() {
        QFETCH(int, along);
        QFETCH(double, last);
        Drawn plot;
        ComparedRun{}.keepIn(plot.kept);
        plot.view.setAlong(static_cast<Along>(along));
        QCOMPARE(plot.keptGraphs()[1]->dataMainKey(99), last);
        QVERIFY(plot.view.plot().xAxis->range().upper >= last);
    }

    void bytesAxis_isWrittenInBytes() {
        Drawn plot;
        ComparedRun{.steps = 5000}.keepIn(plot.kept);
        plot.view.setAlong(Along::Bytes);
        plot.view.plot().replot();
        const auto labels = plot.view.plot().xAxis->tickVectorLabels();
        QVERIFY(labels.size() >= 3);
        for (const QString& label : labels) QVERIFY2(label.endsWith("B"), qPrintable(label));
        QVERIFY(labels.filter("MB").size() >= 2);
    }

    void seeds_areMeanAndRange() {
        Drawn plot;
        ComparedRun{.seed = 1, .height = 2}.keepIn(plot.kept);
        ComparedRun{.seed = 2, .height = 4}.keepIn(plot.kept);
        QVERIFY(plot.names().filter("mean of 2 seeds").size() == 1);
        const auto kept = plot.keptGraphs();  // low, high, mean of the loss, then of the accuracy
        QCOMPARE(kept.size(), 6);
        plot.view.setSmoothing(0);
        const auto raw = plot.keptGraphs();
        QCOMPARE(raw[0]->dataMainValue(9), 0.2);
        QCOMPARE(raw[1]->dataMainValue(9), 0.4);
        QVERIFY(std::abs(raw[2]->dataMainValue(9) - 0.3) < 1e-12);
        QCOMPARE(raw[1]->channelFillGraph(), raw[0]);
        plot.kept.setAsOne(plot.kept.groups()[0].key, false);
        QVERIFY(plot.names().filter("mean").isEmpty());
        QCOMPARE(plot.keptGraphs().size(), 4);  // without smoothing there is no raw curve behind
        plot.kept.setAsOne(plot.kept.groups()[0].key, true);
        plot.kept.setShown(plot.kept.entries()[1].id, false);
        QVERIFY(plot.names().filter("mean").isEmpty());  // of one run there is none
    }

    void seedsOfUnequalLengths_endWithTheShortest() {
        Drawn plot;
        // One that was stopped, of the same settings.
        ComparedRun whole{.seed = 1}, part{.seed = 2};
        whole.keepIn(plot.kept);
        auto events = part.events();
        events.erase(events.begin() + 2 + 40 + 4, events.end());
        RunStore store;
        store.apply(events);
        plot.kept.keep(store);
        QCOMPARE(plot.kept.groups().size(), std::size_t(1));
        const auto kept = plot.keptGraphs();
        QCOMPARE(kept[2]->dataMainKey(kept[2]->dataCount() - 1), 39.0);
    }

    void keptRunThatLostItsLoss_isAGapAndSaysSo() {
        Drawn plot;
        ComparedRun{.lostFrom = 60}.keepIn(plot.kept);
        QVERIFY(std::isnan(plot.keptGraphs()[1]->dataMainValue(60)));
        QVERIFY(std::isfinite(plot.keptGraphs()[1]->dataMainValue(59)));
        QCOMPARE(plot.names().filter("loss lost").size(), 1);
        QVERIFY(std::isfinite(plot.view.plot().yAxis->range().upper));
    }

    void thirtyRuns_areDrawnAndAFewNamed() {
        Drawn plot;
        for (int i = 0; i < 30; ++i)
            ComparedRun{.workers = i + 1, .height = 1.0 + i * 0.1, .begun = i}.keepIn(plot.kept);
        plot.view.grab();
        QCOMPARE(plot.keptGraphs().size(), 60);
        const QStringList names = plot.names().filter("Ring") + plot.names().filter("workers ") +
                                  plot.names().filter("more: see Compare");
        QVERIFY(names.size() >= 3 && names.size() <= 9);
        QCOMPARE(plot.names().filter("and 22 more").size(), 1);
    }

    void stepsWhileItRuns_leaveTheKeptCurvesAsTheyWereDrawn() {
        Drawn plot;
        for (int i = 0; i < 3; ++i) ComparedRun{.workers = i + 1, .begun = i}.keepIn(plot.kept);
        const RingRun run{.steps = 200, .ended = false, .evaluateEvery = 0};
        plot.store.apply(run.start());
        for (int i = 0; i < 10; ++i) plot.store.apply(run.step(i));  // by then the axes stand
        plot.view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot.view));
        QCoreApplication::processEvents();
        const QImage before = plot.view.grab().toImage();
        QSignalSpy all(&plot.view.plot(), &QCustomPlot::beforeReplot);
        for (int i = 10; i < 50; ++i) plot.store.apply(run.step(i));
        QCoreApplication::processEvents();
        QCOMPARE(all.count(), 0);  // only the layer of the run itself
        QVERIFY(plot.view.grab().toImage() != before);
        RingRun longer{.steps = 400};
        plot.store.apply(longer.start());  // another axis
        plot.store.apply(longer.step(0));
        QCoreApplication::processEvents();
        QVERIFY(all.count() > 0);
    }

    void names_neverLieOverEachOther() {
        Drawn plot;
        for (int i = 0; i < 6; ++i) ComparedRun{.workers = i + 1, .begun = i}.keepIn(plot.kept);
        plot.view.grab();
        QList<QRectF> places;
        for (int i = 0; i < plot.view.plot().itemCount(); ++i) {
            const auto* text = qobject_cast<QCPItemText*>(plot.view.plot().item(i));
            if (!text || !text->visible() || !(text->text() == "Ring" || text->text().startsWith("workers")))
                continue;
            const QRectF place(text->topLeft->pixelPosition(), text->bottomRight->pixelPosition());
            for (const QRectF& other : places) QVERIFY(!place.adjusted(0, 1, 0, -1).intersects(other));
            QVERIFY(QRectF(plot.view.plot().rect()).contains(place.adjusted(0, 1, 0, -1)));
            places << place;
        }
        QCOMPARE(places.size(), 6);
    }

    void smoothing_leavesTheRawCurveBehind() {
        Drawn plot;
        plot.store.apply(RingRun{}.all());
        auto* slider = plot.view.findChild<QSlider*>();
        QVERIFY(slider);
        const auto rough = [&](int graph) {
            double sum = 0;
            for (int i = 1; i < 60; ++i)
                sum +=
                    std::abs(plot.graph(graph)->dataMainValue(i) - plot.graph(graph)->dataMainValue(i - 1));
            return sum;
        };
        const double raw = rough(0), usual = rough(1);
        QVERIFY(usual < raw);
        slider->setValue(slider->maximum());
        QVERIFY(rough(1) < usual);
        QCOMPARE(rough(0), raw);
        slider->setValue(0);
        QCOMPARE(rough(1), raw);
        QVERIFY(slider->toolTip().contains("none"));
    }

    void lostLoss_isAGapWithAFlag() {
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        store.apply(RingRun{.nanAtStep = 41}.all());
        QVERIFY(std::isnan(plot.plot().graph(0)->dataMainValue(41)));
        QVERIFY(std::isfinite(plot.plot().graph(0)->dataMainValue(40)));
        QCOMPARE(textsOn(plot.plot()).filter(QStringLiteral("NaN at step 41")).size(), 1);
    }

    void guess_isDrawnWithTheOutcome() {
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        plot.setGuess(0.9, {});
        QCOMPARE(textsOn(plot.plot()).filter(QStringLiteral("your guess 90.0 %")).size(), 1);
        store.apply(RingRun{}.all());
        QCOMPARE(textsOn(plot.plot()).filter(QStringLiteral("reached 96.")).size(), 1);
        plot.setGuess({}, {});
        QVERIFY(textsOn(plot.plot()).filter(QStringLiteral("guess")).isEmpty());
    }

    void timeTaken_isTheReportsAndNotThatOfTheLastEvent() {
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        plot.resize(900, 400);
        plot.setGuess({}, 0.5);
        const RingRun run{.ended = false};
        store.apply(run.all());
        RunEnded end;
        end.stamp.at = Nanoseconds{5'550'000'000};
        end.state = RunState::Finished;
        end.report = R"({"status": "finished", "seconds": 4.62})";
        const std::vector<Event> last{end};
        store.apply(last);
        const auto said = textsOn(plot.plot()).filter(QStringLiteral("your guess"));
        QCOMPARE(said.size(), 1);
        QVERIFY2(said[0].contains(QStringLiteral("took 4.62")), qPrintable(said[0]));
    }

    void accuracyThatIsNoNumber_isSaidInWords() {
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        plot.resize(900, 400);
        plot.setGuess(0.9, {});
        store.apply(RingRun{.ended = false}.all());
        Evaluated lost;
        lost.step = 59;
        lost.testAccuracy = std::nan("");
        const std::vector<Event> batch{lost};
        store.apply(batch);
        store.apply(RingRun{}.end());
        const auto said = textsOn(plot.plot()).filter(QStringLiteral("your guess"));
        QCOMPARE(said.size(), 1);
        QVERIFY2(!said[0].contains(QStringLiteral("nan")) && said[0].contains(QStringLiteral("no number")),
                 qPrintable(said[0]));
    }

    void longRun_isDrawnInAFewThousandPoints() {
        RunStore store(nullptr, {.steps = 5000});
        Focus focus;
        CurvePlot plot(store, focus);
        const RingRun run{.workers = 0, .steps = 30'000, .evaluateEvery = 0};
        store.apply(run.start());
        for (int i = 0; i < run.steps; ++i) store.apply(run.step(i));
        QVERIFY(plot.plot().graph(0)->dataCount() <= 2 * static_cast<int>(ThinnedCurve::kMost));
        QVERIFY(plot.plot().graph(1)->dataCount() <= 2 * static_cast<int>(ThinnedCurve::kMost));
        // The first steps are forgotten by the store, not by the curve, on any axis.
        for (const auto along : {CurvePlot::Along::Seconds, CurvePlot::Along::Steps}) {
            plot.setAlong(along);
            QVERIFY(plot.plot().graph(0)->dataMainKey(0) <= 20);
            QVERIFY(plot.plot().graph(0)->dataMainValue(0) > 2);
        }
    }

    void cursor_isTheSharedOne() {
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        store.apply(RingRun{}.all());
        focus.setCursor(0.012 * 30 + 0.001);
        QCOMPARE(textsOn(plot.plot()).filter(QStringLiteral("step 30: loss")).size(), 1);
        focus.setCursor({});
        QVERIFY(textsOn(plot.plot()).filter(QStringLiteral("step 30")).isEmpty());
    }

    void cursor_namesAccuracyAndTheAxisItIsOn() {
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        plot.resize(900, 400);
        plot.plot().resize(880, 360);
        store.apply(RingRun{}.all());
        focus.setCursor(0.012 * 30 + 0.001);
        QCOMPARE(textsOn(plot.plot()).filter(QStringLiteral(", accuracy 84.7 %")).size(), 1);
        plot.setAlong(CurvePlot::Along::Epochs);
        QCOMPARE(textsOn(plot.plot()).filter(QStringLiteral("epoch 1.6 · step 30")).size(), 1);
        plot.setAlong(CurvePlot::Along::Seconds);
        QCOMPARE(textsOn(plot.plot()).filter(QStringLiteral("361\u00a0ms · step 30")).size(), 1);
    }

    void namesOfMarks_coverNoCurve_data() {
        QTest::addColumn<QString>("theme");
        QTest::addColumn<QSize>("size");
        for (const QByteArray theme : {"light", "projector"}) {
            for (const QSize size : {QSize(260, 150), QSize(380, 190), QSize(460, 220), QSize(900, 400)})
                QTest::addRow("%s %dx%d", theme.constData(), size.width(), size.height())
                    << QString(theme) << size;
        }
    }
    void namesOfMarks_coverNoCurve() {
        QFETCH(QString, theme);
        QFETCH(QSize, size);
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        plot.setTheme(Theme::byName(theme));
        plot.setGuess(0.93, 0.5);
        plot.resize(size);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        store.apply(RingRun{}.all());
        for (int i = 0; i < 3; ++i) plot.plot().replot();  // the margin follows the names
        for (const auto& cursor : {std::optional<double>(), std::optional(0.1), std::optional(0.4)}) {
            focus.setCursor(cursor);
            QList<QRectF> seen;
            for (int i = 0; i < plot.plot().itemCount(); ++i) {
                const auto* text = qobject_cast<QCPItemText*>(plot.plot().item(i));
                if (!text || !text->visible()) continue;
                const QRectF at(text->topLeft->pixelPosition(), text->bottomRight->pixelPosition());
                QVERIFY2(!at.intersects(plot.plot().axisRect()->rect()), qPrintable(text->text()));
                QVERIFY2(at.top() >= -1 && at.left() >= -1 && at.right() <= plot.plot().width() + 1,
                         qPrintable(text->text()));
                for (const QRectF& other : seen)
                    QVERIFY2(!at.adjusted(2, 1, -2, -1).intersects(other), qPrintable(text->text()));
                seen << at;
            }
            QVERIFY(seen.size() >= (cursor ? 1 : 2));
        }
    }

    void timePredictedExactly_standsAtTheEnd_data() {
        QTest::addColumn<int>("along");
        QTest::addColumn<double>("end");
        QTest::addColumn<int>("planned");
        QTest::newRow("steps") << 0 << 60.0 << 60;
        QTest::newRow("seconds") << 1 << 0.72 << 60;
        QTest::newRow("epochs") << 2 << 3.0 << 60;
        QTest::newRow("seconds, over before its last step") << 1 << 0.72 << 180;
    }
    void timePredictedExactly_standsAtTheEnd() {
        QFETCH(int, along);
        QFETCH(double, end);
        QFETCH(int, planned);
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        std::vector<Event> events = RingRun{}.all();
        std::get<RunStarted>(events[0]).prediction =
            QString(R"({"step_seconds": 0.012, "steps": %1, "seconds": %2})")
                .arg(planned)
                .arg(0.012 * planned)
                .toStdString();
        std::get<RunEnded>(events.back()).report = R"({"status": "finished", "steps": 60})";
        store.apply(events);
        plot.setAlong(static_cast<CurvePlot::Along>(along));
        int found = 0;
        for (int i = 0; i < plot.plot().itemCount(); ++i) {
            const auto* line = qobject_cast<QCPItemLine*>(plot.plot().item(i));
            if (!line || !line->visible()) continue;
            QVERIFY(std::abs(line->start->coords().x() - end) < 1e-6);
            ++found;
        }
        QCOMPARE(found, 1);
        QVERIFY(plot.plot().xAxis->range().upper >= end);
    }

    void logarithmicAxis_staysAboveZero() {
        RunStore store;
        Focus focus;
        CurvePlot plot(store, focus);
        store.apply(RingRun{}.all());
        plot.setLogarithmic(true);
        QVERIFY(plot.plot().yAxis->range().lower > 0);
        store.clear();
        QVERIFY(plot.plot().yAxis->range().lower > 0);
    }
};

QTEST_MAIN(tst_curve_plot)
#include "tst_curve_plot.moc"
