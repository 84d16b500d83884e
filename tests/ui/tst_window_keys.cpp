// Keys of the window: the transport's, and who else may need them.
#include <QAction>
#include <QComboBox>
#include <QMenuBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include "tests/support/made_window.h"
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

  private:
    template <class View>
    View* child() const {
        return window_->findChild<View*>();
    }
    std::unique_ptr<test::WindowFolder> folder_;
    std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(TestWindowKeys)
#include "tst_window_keys.moc"
