#include <QAction>
#include <QLabel>
#include <QMenu>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>
#include <QTextEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "tests/support/made_events.h"
#include "tests/support/made_window.h"
#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/results_panel.h"
#include "ui/window/frame_clock.h"
#include "ui/window/top_bar.h"
#include "ui/window/window_sheet.h"

using namespace rondo;
using namespace rondo::ui;

class TestPanels final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void guessAndOutcome_areComparedInWords() {
        GuessPanel panel;
        QSignalSpy told(&panel, &GuessPanel::guessChanged);
        panel.setGuess(0.9, 10.0);
        QVERIFY(told.count() >= 2);
        Outcome outcome;
        outcome.accuracy = 0.953;
        outcome.seconds = 12.0;
        panel.showOutcome(outcome, Prediction{});
        QVERIFY(panel.showsOutcome());
        QVERIFY2(panel.words().contains("5.3 points more than you guessed"), qPrintable(panel.words()));
        QVERIFY2(panel.words().contains("20 % longer than you guessed"), qPrintable(panel.words()));
    }

    void stoppedRun_isComparedWithTheoryOfItsSteps() {
        GuessPanel panel;
        panel.setGuess(0.9, 10.0);
        Outcome outcome;
        outcome.status = "stopped";
        outcome.accuracy = 0.5;
        outcome.steps = 30;
        outcome.seconds = 3.3;
        Prediction theory;
        theory.steps = 300;
        theory.stepSeconds = 0.1;
        theory.seconds = 30;
        panel.showOutcome(outcome, theory);
        QVERIFY2(panel.words().contains("Stopped after 30 of 300 steps"), qPrintable(panel.words()));
        QVERIFY2(panel.words().contains("10 % longer than theory"), qPrintable(panel.words()));
        QVERIFY2(!panel.words().contains("you guessed"), qPrintable(panel.words()));
        theory.stepSeconds.reset();
        QVERIFY(!predictedSeconds(theory, outcome));
        outcome.steps = 300;
        QCOMPARE(*predictedSeconds(theory, outcome), 30.0);
    }

    void verdict_isSeenWhole_data() {
        QTest::addColumn<QString>("theme");
        QTest::addColumn<int>("width");
        for (const QByteArray theme : {"light", "projector"}) {
            for (const int width : {300, 376, 460})
                QTest::addRow("%s %d", theme.constData(), width) << QString(theme) << width;
        }
    }
    void verdict_isSeenWhole() {
        QFETCH(QString, theme);
        QFETCH(int, width);
        QWidget side;
        side.setStyleSheet(windowSheet(Theme::byName(theme)));
        auto* column = new QVBoxLayout(&side);
        auto* panel = new GuessPanel;
        column->addWidget(panel);
        auto* rest = new QTextEdit;
        column->addWidget(rest, 1);
        side.resize(width, 440);
        side.show();
        QVERIFY(QTest::qWaitForWindowExposed(&side));
        panel->setGuess(0.9, 0.4);
        Outcome outcome;
        outcome.accuracy = 0.921;
        outcome.seconds = 0.511;
        Prediction theory;
        theory.seconds = 0.511;
        panel->showOutcome(outcome, theory);
        QLabel* words = nullptr;
        for (QLabel* label : panel->findChildren<QLabel*>())
            if (label->text() == panel->words()) words = label;
        QVERIFY(words);
        QTRY_VERIFY(words->height() >= words->heightForWidth(words->width()));
        for (QWidget* around = words->parentWidget(); around != panel->parentWidget();
             around = around->parentWidget())
            QVERIFY(QRect(QPoint(), around->size())
                        .contains(QRect(words->mapTo(around, QPoint()), words->size())));
    }

    void results_neverScrollSideways_data() {
        QTest::addColumn<QString>("theme");
        QTest::addColumn<int>("width");
        QTest::newRow("light, pane narrowed") << "light" << 270;
        QTest::newRow("projector") << "projector" << 400;
    }
    void results_neverScrollSideways() {
        QFETCH(QString, theme);
        QFETCH(int, width);
        RunStore store;
        ResultsPanel panel(store);
        panel.setStyleSheet(windowSheet(Theme::byName(theme)));
        auto events = test::madeRun(3, false);
        std::get<RunStarted>(events[0]).virtualTime = true;
        std::get<RunStarted>(events[0]).prediction = R"({"seconds": 0.5109, "samples_per_second": 50123})";
        RunEnded end;
        end.report = R"({"status":"finished","test_accuracy":0.921,"train_loss":0.08,"seconds":0.511,)"
                     R"("samples_per_second":50080,"steps":200,"payload_bytes":2231152000})";
        events.push_back(end);
        panel.resize(width, 200);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        store.apply(events);
        QTRY_VERIFY(panel.widget()->findChildren<QLabel*>().size() > 10);
        QCoreApplication::processEvents();
        QCOMPARE(panel.horizontalScrollBar()->maximum(), 0);
    }

    void formula_isThatOfTheCollective() {
        RunSpec spec;
        spec.workers = 4;
        spec.algorithm = AllReduceAlgorithm{.collective = Collective::Ring};
        QVERIFY(formulaOf(spec).contains("2(N−1)(α + S/(Nβ))"));
        spec.algorithm = AllReduceAlgorithm{.collective = Collective::Naive};
        QVERIFY(formulaOf(spec).contains("2(N−1)(α + S/β)"));
        spec.algorithm = SingleAlgorithm{};
        QVERIFY(formulaOf(spec).isEmpty());
    }

    void topBar_givesItsRoomToWhatTheRunDoes_data() {
        QTest::addColumn<QString>("theme");
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("words");
        QTest::newRow("light 1366") << "light" << 1366 << true;
        QTest::newRow("projector 1366") << "projector" << 1366 << false;
        QTest::newRow("light 1000") << "light" << 1000 << false;
    }
    void topBar_givesItsRoomToWhatTheRunDoes() {
        QFETCH(QString, theme);
        QFETCH(int, width);
        QFETCH(bool, words);
        QWidget window;
        window.setStyleSheet(windowSheet(Theme::byName(theme)));
        QMenu topologies, presets;
        QAction run(QStringLiteral("Run")), step(QStringLiteral("Step")), stop(QStringLiteral("Stop")),
            reset(QStringLiteral("Reset")), replay(QStringLiteral("Replay"));
        TopBar bar({&run, &step, &stop, &reset, &replay}, &topologies, &presets, &window);
        bar.setTheme(Theme::byName(theme));
        bar.setBadge(TopBar::Badge::Replay, false);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        bar.resize(width, 60);
        const QString status = QStringLiteral("Finished · test accuracy 92.1 % · 511 ms");
        bar.setStatus(status, QStringLiteral("Test: 92.1 %"));
        QTRY_COMPARE(bar.findChild<QLabel*>(QStringLiteral("runStatus"))->text(), status);
        int named = 0;
        for (const QToolButton* button : bar.findChildren<QToolButton*>())
            named += button->toolButtonStyle() == Qt::ToolButtonTextBesideIcon;
        QCOMPARE(named >= 4, words);
    }

    void everyTab_isThereInTheSmallestWindow_data() {
        QTest::addColumn<QString>("theme");
        for (const char* theme : {"light", "projector"}) QTest::newRow(theme) << QString::fromLatin1(theme);
    }
    void everyTab_isThereInTheSmallestWindow() {
        QFETCH(QString, theme);
        const test::WindowFolder folder;
        const auto window = folder.open(false);
        window->setTheme(Theme::byName(theme));
        window->show();
        QVERIFY(QTest::qWaitForWindowExposed(window.get()));
        window->resize(window->minimumSizeHint());
        // The charts as narrow as they can be made.
        for (QSplitter* splitter : window->findChildren<QSplitter*>()) {
            if (splitter->orientation() == Qt::Horizontal) splitter->setSizes({400, 3000, 1});
        }
        QCoreApplication::processEvents();
        for (const auto& [name, count] : {std::pair("chartTabs", 4), std::pair("lowerTabs", 2)}) {
            const QTabBar& tabs = *window->findChild<QTabWidget*>(name)->tabBar();
            QVERIFY(tabs.count() >= count);
            for (int i = 0; i < tabs.count(); ++i) {
                QVERIFY2(tabs.rect().contains(tabs.tabRect(i)), qPrintable(tabs.tabText(i)));
                QVERIFY(tabs.tabRect(i).width() >= 3 * tabs.fontMetrics().averageCharWidth());
                QCOMPARE(tabs.tabToolTip(i), tabs.tabText(i));
            }
        }
        for (const QScrollBar* scroll :
             window->findChild<QTabWidget*>("chartTabs")->findChildren<QScrollBar*>())
            QVERIFY(scroll->orientation() == Qt::Vertical || scroll->maximum() == 0);
    }

    void noGuess_isNoGuess() {
        GuessPanel panel;
        QVERIFY(!panel.accuracy() && !panel.seconds());
        panel.setGuess(0.5, {});
        QCOMPARE(*panel.accuracy(), 0.5);
        QVERIFY(!panel.seconds());
    }

    void differences_areSaidAsPeopleSayThem_data() {
        QTest::addColumn<double>("outcome");
        QTest::addColumn<double>("expected");
        QTest::addColumn<QString>("words");
        QTest::newRow("same") << 10.0 << 10.0 << "just what you guessed";
        QTest::newRow("shorter") << 5.0 << 10.0 << "50 % shorter";
        QTest::newRow("much longer") << 50.0 << 10.0 << "5 times as long";
        QTest::newRow("much shorter") << 1.0 << 10.0 << "10 times shorter";
        QTest::newRow("twice as long and more") << 24.0 << 10.0 << "140 % longer";
        QTest::newRow("a little") << 10.15 << 10.0 << "1.5 % longer";
        QTest::newRow("enormous") << 12'345.0 << 10.0 << "1,235 times as long";
        QTest::newRow("not a number") << std::nan("") << 10.0 << "";
        QTest::newRow("no expectation") << 1.0 << 0.0 << "";
    }
    void differences_areSaidAsPeopleSayThem() {
        QFETCH(double, outcome);
        QFETCH(double, expected);
        QFETCH(QString, words);
        const QString said = timeDifference(outcome, expected, "you guessed");
        QVERIFY2(words.isEmpty() ? said.isEmpty() : said.contains(words), qPrintable(said));
    }

    void messageThatIsNotTrueAnyMore_goesAlone() {
        MessageBar bar;
        bar.show(Severity::Error, "first");
        bar.show(Severity::Error, "second");
        bar.withdraw("first");
        QCOMPARE(bar.count(), 1);
        QCOMPARE(bar.text(), QString("second"));
    }

    void messages_stackAndCloseOneByOne() {
        MessageBar bar;
        bar.show(Severity::Warning, "first");
        bar.show(Severity::Error, "second");
        bar.show(Severity::Error, "second");
        QCOMPARE(bar.count(), 2);
        QCOMPARE(bar.text(), QString("second"));
        bar.dismiss();
        QCOMPARE(bar.text(), QString("first"));
        bar.dismiss();
        QVERIFY(bar.isHidden());
    }

    void report_standsInTheTable() {
        RunStore store;
        ResultsPanel panel(store);
        store.apply(test::madeRun(3));
        QCOMPARE(panel.cell("Test accuracy", 0), QString("95.3 %"));
        QCOMPARE(panel.cell("Time", 0), QString("12 s").replace(' ', QChar(0x00a0)));
        store.clear();
        QCOMPARE(panel.cell("Test accuracy", 0), QString());
    }

    void pipeline_tellsItsBubbleBesideTheory() {
        RunStore store;
        ResultsPanel panel(store);
        auto events = test::madeRun(4, false);
        RunSpec spec;
        spec.runOn = RunOn::Virtual;
        spec.workers = 4;
        spec.model = MlpModel{{20, 20, 20}};
        spec.stop.steps = 10;
        spec.algorithm =
            PipelineAlgorithm{{.schedule = ScheduleChoice::GPipe, .microBatches = 8, .recompute = false}};
        auto& started = std::get<RunStarted>(events[0]);
        started.spec = prettyPrint(toJson(spec));
        started.prediction = R"({"bubble_fraction": 0.2727, "peak_activations": [8, 8, 8, 8],
                                 "weight_versions": [1, 1, 1, 1]})";
        RunEnded end;
        end.report = R"({"status": "finished", "bubble_fraction": 0.30, "peak_activations": [8, 8, 8, 7],
                         "weight_versions": [1, 1, 1, 1], "weight_delay": [0, 0, 0, 0]})";
        events.push_back(end);
        store.apply(events);
        QCOMPARE(panel.cell("Bubble", 0), QString("30.0 %"));
        QCOMPARE(panel.cell("Bubble", 1), QString("27.3 %"));
        QCOMPARE(panel.cell("Activations", 0), QString("8, 8, 8, 7"));
        QCOMPARE(panel.cell("Activations", 2), QString("differs"));
        QCOMPARE(panel.cell("Weight versions", 2), QString("exact"));
        QCOMPARE(panel.cell("Weight delay", 0), QString());  // where there is none
        QVERIFY2(panel.theory().contains("(p − 1) / (m + p − 1) = 27.3 %"), qPrintable(panel.theory()));
        QVERIFY(panel.theory().contains("p = 4, m = 8"));
        store.clear();
        QVERIFY(panel.theory().isEmpty());
    }

    void manyStages_areToldByTheirEnds() {
        QCOMPARE(byStageText({}), QString());
        QCOMPARE(byStageText({4, 3, 2, 1}), QString("4, 3, 2, 1"));
        QCOMPARE(byStageText({8, 7.5, 6, 5, 4}), QString("8, 7.5, 6 … 4"));
    }

    void runThatNeverBegan_hasNoResults() {
        RunStore store;
        ResultsPanel panel(store);
        RunEnded failed;
        failed.state = RunState::Failed;
        failed.report = R"({"status":"failed","error":"no such folder","seconds":0.0,"steps":0})";
        store.apply(std::vector<Event>{failed});
        QCOMPARE(panel.cell("Steps", 0), QString());
        QCOMPARE(panel.cell("Time", 0), QString());
    }

    void figures_areWrittenForPeople_data() {
        QTest::addColumn<QByteArray>("report");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("text");
        QTest::newRow("below a second") << QByteArray(R"({"seconds":0.9996})") << "Time"
                                        << "1.00 s";
        QTest::newRow("minutes") << QByteArray(R"({"seconds":1234.4})") << "Time"
                                 << "1234 s";
        QTest::newRow("many steps") << QByteArray(R"({"steps":1234567})") << "Steps"
                                    << "1,234,567";
        QTest::newRow("samples") << QByteArray(R"({"samples_per_second":84123.4})") << "Samples/s"
                                 << "84,123";
        QTest::newRow("loss") << QByteArray(R"({"train_loss":0.01234})") << "Training loss"
                              << "0.0123";
    }
    void figures_areWrittenForPeople() {
        QFETCH(QByteArray, report);
        QFETCH(QString, name);
        QFETCH(QString, text);
        RunStore store;
        ResultsPanel panel(store);
        auto events = test::madeRun(3, false);
        RunEnded end;
        end.state = RunState::Finished;
        end.report = report.toStdString();
        events.push_back(end);
        store.apply(events);
        QCOMPARE(panel.cell(name, 0).replace(QChar(0x00a0), QLatin1Char(' ')), text);
    }

    void damagedReport_isNoOutcome() {
        QVERIFY(!Outcome::of("{\"status\":"));
        QVERIFY(!Outcome::of(""));
    }

    void frameTime_isTheMedianOfTheLastFrames() {
        FrameClock clock;
        QCOMPARE(clock.median(), 0.0);
        for (int i = 0; i < 200; ++i) clock.add(i % 10 == 0 ? 100 : 3);
        QCOMPARE(clock.median(), 3.0);
    }

    void slider_hasOnlySpeedsPeopleSay() {
        QAction run, step, stop, reset, replay;
        TopBar bar({&run, &step, &stop, &reset, &replay}, nullptr, nullptr);
        QStringList names;
        for (int place = 0; place <= bar.speedSlider()->maximum(); ++place) {
            bar.speedSlider()->setValue(place);
            names << TopBar::speedText(bar.speed());
        }
        QCOMPARE(names.join(' '), QString("1/1000× 1/500× 1/200× 1/100× 1/50× 1/20× 1/10× 1/5× 1/2× 1× max"));
        bar.setSpeed(0.11);
        QCOMPARE(bar.speed(), 0.1);
    }

    void speeds_haveShortNames() {
        QCOMPARE(TopBar::speedText(0), QString("max"));
        QCOMPARE(TopBar::speedText(1), QString("1×"));
        QCOMPARE(TopBar::speedText(0.001), QString("1/1000×"));
    }
};

QTEST_MAIN(TestPanels)
#include "tst_panels.moc"
