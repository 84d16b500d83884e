#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTabBar>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "tests/support/made_events.h"
#include "tests/support/ring_run.h"
#include "ui/draw/custom_plot.h"
#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/preset_hint.h"
#include "ui/setup/presets.h"
#include "ui/setup/setup_form.h"
#include "ui/widgets/consensus_view.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"
#include "ui/window/main_window.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::RingRun;

namespace {
const QString kResources = QStringLiteral(RONDO_ROOT "/resources");
}

class TestMainWindow final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }

    void firstLaunch_showsTheWelcomeSettingsAndRun() {
        auto window = make();
        QCOMPARE(window->document().name(), QString("Ring of four"));
        QVERIFY(!window->document().dirty());
        QVERIFY(window->topBar().runButton()->isEnabled());
        QCOMPARE(window->topBar().runButton()->text(), QString("Run"));
    }

    void messageOfProblems_goesWithThem_data() {
        QTest::addColumn<bool>("undo");
        QTest::newRow("corrected") << true;
        QTest::newRow("others loaded") << false;
    }
    void messageOfProblems_goesWithThem() {
        QFETCH(bool, undo);
        auto window = make();
        window->document().change("batch", -3, false);
        window->startRun();
        QCOMPARE(window->messages().count(), 1);
        if (undo)
            window->document().undoStack().undo();
        else
            choosePreset(*window);
        QCOMPARE(window->messages().count(), 0);
    }

    void preset_saysWhatToLookForUntilOthersAreLoaded() {
        auto window = make();
        auto* hint = window->findChild<PresetHint*>();
        QVERIFY(hint->text().isEmpty());
        choosePreset(*window, "Gossip on a ring");
        QVERIFY(hint->text().contains("neighbours"));
        QCOMPARE(window->findChild<QTabWidget*>("lowerTabs")->currentWidget(),
                 window->findChild<ConsensusView*>());
        window->document().change("seed", 3, false);
        QVERIFY2(!hint->text().isEmpty(), "a changed setting is still the same experiment");
        window->messages().show(Severity::Error, "more urgent");
        QVERIFY(hint->text().isEmpty());
        window->messages().dismissAll();
        QVERIFY(!hint->text().isEmpty());
        window->document().undoStack().undo();
        window->document().undoStack().undo();
        QVERIFY(hint->text().isEmpty());
        window->document().undoStack().redo();
        QVERIFY(!hint->text().isEmpty());
        hint->findChild<QToolButton*>()->click();
        QVERIFY(hint->text().isEmpty());
        choosePreset(*window, "Gossip on a ring");
        window->openFile(kResources + "/runs/welcome.json");
        QVERIFY(hint->text().isEmpty());
    }
    void presets_nameViewsThatAreThere() {
        auto window = make();
        QStringList views;
        for (const QTabWidget* tabs : window->findChildren<QTabWidget*>())
            for (int i = 0; i < tabs->count(); ++i) views << tabs->widget(i)->property("view").toString();
        for (const Preset& preset : findPresets(kResources + "/runs")) {
            QVERIFY2(!preset.show.isEmpty(), qPrintable(preset.title));
            for (const QString& name : preset.show) QVERIFY2(views.contains(name), qPrintable(name));
        }
    }
    void preset_isTakenBackByOneUndo() {
        auto window = make();
        window->document().change("name", "Mine", false);
        const QString mine = window->document().text();
        choosePreset(*window);
        QVERIFY(window->document().text() != mine);
        QVERIFY(!window->isWindowModified());
        window->document().undoStack().undo();
        QCOMPARE(window->document().text(), mine);
        QVERIFY(window->windowTitle().startsWith("Mine"));
        QVERIFY(window->isWindowModified());
    }

    void changesDuringARun_areSaidToBeForTheNext() {
        auto window = make();
        const auto said = [&] {
            for (const QLabel* label : window->findChildren<QLabel*>())
                if (label->isVisible() && label->text().contains("next run")) return true;
            return false;
        };
        window->startRun();
        QVERIFY(window->controller().busy());
        QVERIFY(!said());
        window->document().change("batch", 77, false);
        QVERIFY(said());
        window->document().undoStack().undo();
        QVERIFY(!said());
        window->document().change("batch", 77, false);
        QTRY_VERIFY(!window->controller().busy());  // there is no training process
        QVERIFY(!said());
    }

    void runWithProblems_tellsThemAndStartsNothing() {
        auto window = make();
        window->document().change("batch", -3, false);
        QTest::mouseClick(window->topBar().runButton(), Qt::LeftButton);
        QVERIFY(window->messages().text().contains("batch: -3"));
        QCOMPARE(window->messages().severity(), Severity::Error);
        QVERIFY(!window->controller().busy());
    }

    void missingTrainingProcess_isAMessage() {
        auto window = make();
        QTest::keyClick(window.get(), Qt::Key_Space);
        QTRY_VERIFY(window->messages().count() > 0);
        QTRY_VERIFY(!window->controller().busy());
        QCOMPARE(window->messages().severity(), Severity::Error);
    }

    void recording_fillsTheWindowAndIsBadgedReplay() {
        auto window = make();
        window->openFile(write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_COMPARE(window->store().steps().size(), std::size_t(12));
        QCOMPARE(window->topBar().badge()->text(), QString("REPLAY"));
        QTRY_VERIFY(window->topBar().status().contains("95.3 %"));
        QVERIFY(window->topBar().speedSlider()->isEnabled());
    }

    void resetRecording_playsOnAndStopShowsItWhole() {
        auto window = make();
        window->openFile(write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_COMPARE(window->store().steps().size(), std::size_t(12));
        QTest::keyClick(window.get(), Qt::Key_R);
        QTRY_VERIFY(window->store().steps().empty());
        QCOMPARE(window->topBar().runButton()->text(), QString("Go on"));
        QTest::keyClick(window.get(), Qt::Key_N);
        QTRY_COMPARE(window->store().steps().size(), std::size_t(1));
        QTest::keyClick(window.get(), Qt::Key_Space);
        QCOMPARE(window->controller().state(), RunController::State::Running);
        window->controller().stop();
        QTRY_COMPARE(window->store().steps().size(), std::size_t(12));
        QCOMPARE(window->topBar().runButton()->text(), QString("Run"));
    }

    void guess_isComparedWhenTheRecordingEnds() {
        auto window = make();
        window->guess().setGuess(0.9, 24.0);
        window->openFile(write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_VERIFY(window->guess().showsOutcome());
        QVERIFY(window->guess().words().contains("5.3 points more"));
    }

    void guessBesideARecording_isNotComparedWithIt() {
        auto window = make();
        window->openFile(write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_VERIFY(!window->store().report().isEmpty());
        window->guess().setGuess(0.9, 24.0);
        QVERIFY(!window->guess().showsOutcome());
        QVERIFY(guessesDrawn(*window).isEmpty());
        window->controller().reset();  // from here on it is a guess about what comes
        QTRY_VERIFY(window->store().steps().empty());
        QCOMPARE(guessesDrawn(*window).size(), 1);
        window->controller().stop();
        QTRY_VERIFY(window->guess().showsOutcome());
    }

    void guess_goesWithTheSettings_data() {
        QTest::addColumn<bool>("preset");
        QTest::newRow("preset") << true;
        QTest::newRow("file") << false;
    }
    void guess_goesWithTheSettings() {
        QFETCH(bool, preset);
        auto window = make();
        window->guess().setGuess(0.9, 24.0);
        if (preset)
            choosePreset(*window);
        else
            window->openFile(write("mine.json", R"({"name": "Mine", "stop": {"steps": 5}})"));
        QVERIFY(!window->guess().accuracy() && !window->guess().seconds());
    }

    void reset_clearsTheOutcome() {
        auto window = make();
        window->guess().setGuess(0.9, 24.0);
        window->openFile(write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_VERIFY(window->guess().showsOutcome());
        window->controller().clear();
        QVERIFY(!window->guess().showsOutcome());
    }

    void slowReplay_endsWithItsSpeed_data() {
        QTest::addColumn<bool>("preset");
        QTest::newRow("preset loaded") << true;
        QTest::newRow("stopped") << false;
    }
    void slowReplay_endsWithItsSpeed() {
        QFETCH(bool, preset);
        auto window = make();
        window->openFile(write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_VERIFY(!window->store().report().isEmpty());
        QTest::keyClick(window.get(), Qt::Key_P);
        QVERIFY(window->topBar().speed() > 0 && window->topBar().speed() < 1);
        if (preset)
            choosePreset(*window);
        else
            window->controller().stop();
        QCOMPARE(window->topBar().speed(), 0.0);
        QCOMPARE(window->controller().speed(), 0.0);
    }

    void speedChosenDuringAReplay_stays() {
        auto window = make();
        window->openFile(write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_VERIFY(!window->store().report().isEmpty());
        QTest::keyClick(window.get(), Qt::Key_P);
        window->topBar().setSpeed(0.01);
        window->controller().stop();
        QCOMPARE(window->topBar().speed(), 0.01);
    }

    void speedWhereItMeansNothing_showsMax() {
        auto window = make();
        window->document().change("run_on", "virtual", false);
        window->topBar().setSpeed(0.001);
        QSlider* slider = window->topBar().speedSlider();
        QCOMPARE(slider->accessibleDescription(), QString("1/1000×"));
        window->document().change("run_on", "threads", false);
        QVERIFY(!slider->isEnabled());
        QCOMPARE(slider->value(), slider->maximum());
        QCOMPARE(slider->accessibleDescription(), QString("max"));
        window->document().change("run_on", "virtual", false);
        QCOMPARE(slider->accessibleDescription(), QString("1/1000×"));
    }

    void badFiles_areMessages_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QTest::newRow("not JSON") << "a.json" << QByteArray("{") << "not JSON";
        QTest::newRow("unknown key") << "b.json" << QByteArray("{\"batsh\": 3}") << "batsh";
        QTest::newRow("negative batch")
            << "c.json" << QByteArray("{\"batch\": -1, \"stop\": {\"steps\": 1}}") << "batch";
        QTest::newRow("not a recording") << "d.rondo" << QByteArray("hello") << "d.rondo";
        QTest::newRow("empty recording") << "e.rondo" << QByteArray() << "e.rondo";
    }
    void badFiles_areMessages() {
        QFETCH(QString, name);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        auto window = make();
        const QString before = window->document().text();
        window->openFile(write(name, bytes.toStdString()));
        QTRY_VERIFY(window->messages().count() > 0);
        QVERIFY2(window->messages().text().contains(says), qPrintable(window->messages().text()));
        QCOMPARE(window->document().text(), before);
    }

    void settingsAndTheme_areThereNextTime() {
        {
            auto window = make();
            window->document().change("batch", 77, false);
            window->setTheme(Theme::dark());
            window->close();
        }
        auto window = make();
        QCOMPARE(window->document().validSpec().batch, 77);
        QVERIFY(window->document().dirty());
    }

    void typedSpace_staysInTheTextField() {
        auto window = make();
        auto* name = static_cast<QLineEdit*>(window->setup().editor("name")->field());
        name->setFocus();
        name->selectAll();
        QTest::keyClicks(name, "a b n r");
        QCOMPARE(name->text(), QString("a b n r"));
        QVERIFY(!window->controller().busy());
    }

    void everyControl_isReachedByTab() {
        auto window = make();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        window->topBar().runButton()->setFocus();
        QSet<QWidget*> reached;
        for (int i = 0; i < 300 && !reached.contains(QApplication::focusWidget()); ++i) {
            reached.insert(QApplication::focusWidget());
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        }
        QVERIFY(reached.size() > 20);
        QVERIFY(reached.contains(window->setup().editor("batch")->field()));
        QVERIFY(reached.contains(window->setup().editor("algorithm.kind")->field()));
    }

    void tab_goesAsTheEyeDoes() {
        auto window = make();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        const auto check = [&] {
            QList<QWidget*> way;
            window->topBar().runButton()->setFocus();
            for (int i = 0; i < 300 && !way.contains(QApplication::focusWidget()); ++i) {
                way << QApplication::focusWidget();
                QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            }
            // Run, the guess, the settings from the top, the picture, the charts, the timeline.
            qsizetype before = -1;
            const auto next = [&](QWidget* widget, const char* name) {
                QVERIFY2(widget && way.indexOf(widget) > before, name);
                before = way.indexOf(widget);
            };
            next(window->topBar().runButton(), "run");
            // A run on this machine has one speed: the slider is off, and Tab passes it.
            if (window->topBar().speedSlider()->isEnabled()) next(window->topBar().speedSlider(), "speed");
            next(window->guess().findChild<QSlider*>(), "guess");
            for (QWidget* stop : window->setup().tabOrder()) {
                if (stop->isVisible() && stop->isEnabled()) next(stop, qPrintable(stop->accessibleName()));
            }
            next(window->findChild<TopologyView*>(), "topology");
            next(window->findChild<CurvePlot*>()->findChild<QComboBox*>(), "curves");
            next(window->findChild<QTabWidget*>("chartTabs")->tabBar(), "tabs");
            next(window->findChild<QTabWidget*>("lowerTabs")->tabBar(), "lower tabs");
            next(window->findChild<TimelineView*>(), "timeline");
        };
        check();
        window->document().change("data.kind", "moons", false);
        QCoreApplication::processEvents();
        check();
    }

    void tab_goesRoundEveryStopOnceAndBack_data() {
        QTest::addColumn<QString>("page");
        for (const char* name : {"Bandwidth", "Step time", "Data", "Results", "Compare (2)"})
            QTest::newRow(name) << name;
    }
    void tab_goesRoundEveryStopOnceAndBack() {
        QFETCH(QString, page);
        auto window = make();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        window->openFile(write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_VERIFY(!window->store().report().isEmpty());
        QVERIFY(window->kept().keep(window->store()) == KeptRuns::Answer::Kept);
        RunStore other;
        other.apply(RingRun{}.all());
        QVERIFY(window->kept().keep(other) == KeptRuns::Answer::Kept);
        QVERIFY(openPage(*window, page));
        QSet<QWidget*> stops;
        for (QWidget* widget : window->findChildren<QWidget*>()) {
            if (widget->focusPolicy() & Qt::TabFocus && !widget->focusProxy() && widget->isVisible() &&
                widget->isEnabled() && widget->window() == window.get())
                stops.insert(widget);
        }
        QWidget* const start = window->topBar().runButton();
        const auto walk = [&](Qt::Key key) {
            start->setFocus();
            QList<QWidget*> way;
            do {
                way << QApplication::focusWidget();
                QTest::keyClick(QApplication::focusWidget(), key,
                                key == Qt::Key_Backtab ? Qt::ShiftModifier : Qt::NoModifier);
            } while (QApplication::focusWidget() != start && way.size() < 300);
            return way;
        };
        const QList<QWidget*> forth = walk(Qt::Key_Tab);
        QCOMPARE(forth.size(), stops.size());
        QCOMPARE(QSet<QWidget*>(forth.begin(), forth.end()), stops);
        QList<QWidget*> back = walk(Qt::Key_Backtab);
        std::reverse(back.begin() + 1, back.end());
        QCOMPARE(back, forth);
    }

    void fieldsAndButtons_haveNamesForAReader() {
        auto window = make();
        for (QWidget* widget : window->findChildren<QWidget*>()) {
            if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible()) continue;
            if (auto* button = qobject_cast<QAbstractButton*>(widget))
                QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty(),
                         qPrintable(button->objectName()));
            if (qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSpinBox*>(widget) ||
                qobject_cast<QSlider*>(widget))
                QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
        }
    }

  private:
    std::unique_ptr<MainWindow> make() {
        auto window =
            std::make_unique<MainWindow>(MainWindow::Places{.engine = {folder_->filePath("no-engine")},
                                                            .resources = kResources,
                                                            .recordings = folder_->filePath("recordings"),
                                                            .sessionFile = folder_->filePath("session.ini")});
        // Nothing of this test is about the recording of the first launch.
        Session(folder_->filePath("session.ini"))
            .keepRecording(write("none.rondo", test::streamOf(test::madeRun(1))));
        window->resize(1366, 768);
        window->restoreSession();
        window->show();
        if (!QTest::qWaitForWindowExposed(window.get())) qWarning("window not exposed");
        if (!QTest::qWaitFor([&] { return window->store().hasRun(); })) qWarning("recording not shown");
        window->controller().clear();
        // There is no training process in this test; that has been told by now.
        if (!QTest::qWaitFor([&] { return window->messages().text().contains("can't be kept running"); }))
            qWarning("missing process not told");
        window->messages().dismissAll();
        return window;
    }
    static bool openPage(MainWindow& window, const QString& page) {
        for (QTabWidget* tabs : window.findChildren<QTabWidget*>()) {
            for (int i = 0; i < tabs->count(); ++i) {
                if (tabs->tabText(i) != page) continue;
                tabs->setCurrentIndex(i);
                return true;
            }
        }
        return false;
    }
    static void choosePreset(MainWindow& window, const QString& title = {}) {
        for (QMenu* menu : window.findChildren<QMenu*>()) {
            if (menu->title() != "&Presets") continue;
            for (QAction* entry : menu->actions())
                if (entry->text() == title || (title.isEmpty() && entry == menu->actions().constLast()))
                    return entry->trigger();
        }
    }
    static QStringList guessesDrawn(MainWindow& window) {
        QStringList texts;
        const QCustomPlot& plot = window.findChild<CurvePlot*>()->plot();
        for (int i = 0; i < plot.itemCount(); ++i)
            if (auto* text = qobject_cast<QCPItemText*>(plot.item(i))) texts << text->text();
        return texts.filter("guess");
    }
    QString write(const QString& name, const std::string& bytes) {
        QFile file(folder_->filePath(name));
        if (file.open(QIODevice::WriteOnly)) file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        return file.fileName();
    }
    std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
