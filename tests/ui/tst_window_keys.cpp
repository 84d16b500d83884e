// Keys of the window: the transport's, and who else may need them.
#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QMenuBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <QToolButton>
#include <boost/json/array.hpp>

#include "tests/support/made_window.h"
#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/setup/setup_form.h"
#include "ui/widgets/bandwidth_view.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"

using namespace rondo;
using namespace rondo::ui;

class TestWindowKeys final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<test::WindowFolder>();
        window_ = folder_->open(false);
        window_->show();
        QVERIFY(QTest::qWaitForWindowActive(window_.get()));
        QTRY_VERIFY(window_->messages().text().contains("can't be kept running"));
        window_->messages().dismissAll();
        window_->openFile(folder_->write("run.rondo", test::streamOf(test::madeRun(12))));
        QTRY_COMPARE(window_->store().steps().size(), std::size_t(12));
    }

    void heldKeys_repeatOnlySteps() {
        const QMap<QString, bool> repeats{
            {"Run", false}, {"Step", true}, {"Stop", false}, {"Reset", false}, {"Replay", false}};
        int seen = 0;
        for (const QAction* action : window_->actions()) {
            if (!repeats.contains(action->text())) continue;
            ++seen;
            QCOMPARE(action->autoRepeat(), repeats[action->text()]);
        }
        QCOMPARE(seen, static_cast<int>(repeats.size()));
    }

    void letters_belongToTheMenuBarWhileItHasTheKeyboard() {
        auto* bar = window_->menuBar();
        bar->setNativeMenuBar(false);
        bar->setFocus(Qt::MenuBarFocusReason);
        QTRY_COMPARE(QApplication::focusWidget(), bar);
        QTest::keyClick(bar, Qt::Key_R);
        QCOMPARE(window_->store().steps().size(), std::size_t(12));
        if (auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget())) menu->close();
        bar->clearFocus();
        window_->topBar().runButton()->setFocus();
        QTest::keyClick(window_.get(), Qt::Key_R);
        QTRY_VERIFY(window_->store().steps().empty());
    }

    void letters_belongToAListWhileItHasTheKeyboard() {
        auto* kind = static_cast<QComboBox*>(window_->setup().editor("data.kind")->field());
        kind->setFocus();
        QTRY_COMPARE(QApplication::focusWidget(), kind);
        QTest::keyClick(kind, Qt::Key_R);
        QCOMPARE(window_->store().steps().size(), std::size_t(12));
    }

    void escape_clearsTheSelectionFirstThenClosesAMessage_data() {
        QTest::addColumn<QByteArray>("view");
        QTest::newRow("topology") << QByteArray("rondo::ui::TopologyView");
        QTest::newRow("timeline") << QByteArray("rondo::ui::TimelineView");
        QTest::newRow("bandwidth") << QByteArray("rondo::ui::BandwidthView");
    }
    void escape_clearsTheSelectionFirstThenClosesAMessage() {
        QFETCH(QByteArray, view);
        QTest::keyClick(child<TopologyView>(), Qt::Key_Right);  // selects worker 0
        window_->messages().show(Severity::Warning, "look");
        QWidget* focus = view.endsWith("TopologyView")   ? static_cast<QWidget*>(child<TopologyView>())
                         : view.endsWith("TimelineView") ? static_cast<QWidget*>(child<TimelineView>())
                                                         : child<BandwidthView>();
        QTest::keyClick(focus, Qt::Key_Escape);
        QCOMPARE(window_->messages().count(), 1);
        QTest::keyClick(focus, Qt::Key_Escape);
        QCOMPARE(window_->messages().count(), 0);
    }

    void anotherRun_forgetsTheSelection() {
        QTest::keyClick(child<TopologyView>(), Qt::Key_Right);
        window_->controller().reset();
        QTRY_VERIFY(window_->store().steps().empty());
        window_->messages().show(Severity::Warning, "look");
        QTest::keyClick(child<TopologyView>(), Qt::Key_Escape);  // nothing is selected: it is for the message
        QCOMPARE(window_->messages().count(), 0);
    }

    void stepOfANewRun_beginsLikeRunDoes() {
        window_->controller().clear();
        window_->messages().show(Severity::Warning, "of the run before");
        QTest::keyClick(window_.get(), Qt::Key_N);
        QVERIFY(window_->controller().busy());
        QVERIFY(window_->messages().text() != "of the run before");
        QCOMPARE(window_->topBar().runButton()->text(), QString("Go on"));
        QTRY_VERIFY(!window_->controller().busy());
    }

    void stepOfSettingsWithProblems_tellsThem() {
        window_->controller().clear();
        window_->document().change("batch", -3, false);
        QTest::keyClick(window_.get(), Qt::Key_N);
        QVERIFY(!window_->controller().busy());
        QVERIFY(window_->messages().text().contains("batch: -3"));
    }

    void enterInAGuess_leavesTheFieldForRun() {
        window_->controller().clear();
        QWidget* time = guessField("Time");
        time->setFocus();
        QTest::keyClick(time, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(time, "5");
        QTest::keyClick(time, Qt::Key_Return);
        QCOMPARE(QApplication::focusWidget(), window_->topBar().runButton());
        QCOMPARE(*window_->guess().seconds(), 5.0);
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
        QVERIFY(window_->controller().busy());
        QCOMPARE(*window_->guess().seconds(), 5.0);
    }

    void space_runsWhereItMeansNothingElse_data() {
        QTest::addColumn<QString>("where");
        for (const char* where : {"guess", "number", "slider", "closed list", "topology", "timeline", "bandwidth",
                                  "button clicked by mouse"})
            QTest::newRow(where) << where;
    }
    void space_runsWhereItMeansNothingElse() {
        QFETCH(QString, where);
        window_->controller().clear();
        const QString settings = window_->document().text();
        QWidget* focus = where == "guess"         ? guessField("Time")
                         : where == "number"      ? window_->setup().editor("batch")->field()
                         : where == "slider"      ? window_->guess().findChild<QSlider*>()
                         : where == "closed list" ? window_->setup().editor("data.kind")->field()
                         : where == "topology"    ? static_cast<QWidget*>(child<TopologyView>())
                         : where == "timeline"    ? static_cast<QWidget*>(child<TimelineView>())
                         : where == "bandwidth"   ? static_cast<QWidget*>(child<BandwidthView>())
                                                  : fold();
        if (where.startsWith("button"))
            QTest::mouseClick(focus, Qt::LeftButton);
        else
            focus->setFocus();
        QCOMPARE(QApplication::focusWidget(), focus);
        QTest::keyClick(focus, Qt::Key_Space);
        QVERIFY(window_->controller().busy());
        QCOMPARE(window_->document().text(), settings);
        QVERIFY(!QApplication::activePopupWidget());
    }

    void space_pressesAButtonReachedByTab() {
        window_->controller().clear();
        QToolButton* button = fold();
        for (int i = 0; i < 100 && QApplication::focusWidget() != button; ++i)
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        QCOMPARE(QApplication::focusWidget(), button);
        const bool open = button->isChecked();
        QTest::keyClick(button, Qt::Key_Space);
        QCOMPARE(button->isChecked(), !open);
        QVERIFY(!window_->controller().busy());
    }

    void addPressed_isStillTheKeysAfterTheFormWasMadeAgain_data() {
        QTest::addColumn<bool>("byMouse");
        QTest::newRow("by Tab and Space") << false;
        QTest::newRow("by mouse") << true;
    }
    void addPressed_isStillTheKeysAfterTheFormWasMadeAgain() {
        QFETCH(bool, byMouse);
        window_->controller().clear();
        window_->setup().setClosedSections({});
        const auto add = [&] { return window_->setup().editor("cluster.overrides")->addButton(); };
        const auto exceptions = [&] {
            return valueAt(window_->document().json(), "cluster.overrides").as_array().size();
        };
        if (byMouse) {
            QTRY_VERIFY(add()->height() > 0);  // its section was opened just now
            QTest::mouseClick(add(), Qt::LeftButton);
        } else {
            for (int i = 0; i < 100 && QApplication::focusWidget() != add(); ++i)
                QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QTest::keyClick(add(), Qt::Key_Space);
        }
        QCOMPARE(exceptions(), std::size_t(1));
        QCOMPARE(QApplication::focusWidget(), add());
        QTest::keyClick(add(), Qt::Key_Space);
        QCOMPARE(exceptions(), std::size_t(byMouse ? 1 : 2));
        QCOMPARE(window_->controller().busy(), byMouse);
    }

    void replayClicked_spacePausesIt() {
        window_->topBar().setSpeed(0.001);
        QToolButton* button = buttonOf("Replay");
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(!button->isEnabled());
        QCOMPARE(QApplication::focusWidget(), window_->topBar().runButton());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
        QCOMPARE(window_->controller().state(), RunController::State::Paused);
    }

    void stopClicked_leavesTheKeyboardToRun() {
        window_->topBar().setSpeed(0.001);
        window_->controller().replay();
        QToolButton* button = buttonOf("Stop");
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(!button->isEnabled());
        QCOMPARE(QApplication::focusWidget(), window_->topBar().runButton());
    }

    void guessAgain_leavesSpaceToRun() {
        window_->guess().setGuess(0.9, 24.0);
        window_->controller().replay();
        QTRY_VERIFY(window_->guess().showsOutcome());
        auto* again = window_->guess().findChild<QPushButton*>();
        QVERIFY(again->isVisible());
        QTest::mouseClick(again, Qt::LeftButton);
        window_->controller().clear();
        QVERIFY(window_->guess().isAncestorOf(QApplication::focusWidget()));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
        QVERIFY(window_->controller().busy());
    }

  private:
    QWidget* guessField(const QString& name) const {
        for (QDoubleSpinBox* box : window_->guess().findChildren<QDoubleSpinBox*>())
            if (box->accessibleName().startsWith(name)) return box;
        return nullptr;
    }
    QToolButton* buttonOf(const QString& action) const {
        for (QToolButton* button : window_->topBar().findChildren<QToolButton*>())
            if (button->defaultAction() && button->defaultAction()->text() == action) return button;
        return nullptr;
    }
    QToolButton* fold() const {  ///< the first section's arrow
        for (QWidget* stop : window_->setup().tabOrder())
            if (auto* button = qobject_cast<QToolButton*>(stop)) return button;
        return nullptr;
    }
    template <class View>
    View* child() const {
        return window_->findChild<View*>();
    }
    std::unique_ptr<test::WindowFolder> folder_;
    std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(TestWindowKeys)
#include "tst_window_keys.moc"
