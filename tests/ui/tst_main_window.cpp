#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/made_events.h"
#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/setup/setup_form.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"
#include "ui/window/main_window.h"

using namespace rondo;
using namespace rondo::ui;

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
            next(window->findChild<QTabBar*>(), "tabs");
            next(window->findChild<TimelineView*>(), "timeline");
        };
        check();
        window->document().change("data.kind", "moons", false);
        QCoreApplication::processEvents();
        check();
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
        auto window = std::make_unique<MainWindow>(
            MainWindow::Places{.engine = {folder_->filePath("no-engine")},
                               .resources = QStringLiteral(RONDO_ROOT "/resources"),
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
    QString write(const QString& name, const std::string& bytes) {
        QFile file(folder_->filePath(name));
        if (file.open(QIODevice::WriteOnly)) file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        return file.fileName();
    }
    std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
