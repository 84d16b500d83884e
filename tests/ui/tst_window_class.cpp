// What the window makes of its room: settings that need one, and who is lost on the way.
#include <QLabel>
#include <QTabWidget>
#include <QTest>

#include "tests/support/made_room.h"
#include "tests/support/made_window.h"
#include "ui/panels/message_bar.h"

using namespace rondo;
using namespace rondo::test;
using namespace rondo::ui;

namespace {

RunSpec labSpec(int workers) {
    RunSpec spec;
    spec.runOn = RunOn::Lab;
    spec.workers = workers;
    spec.stop.steps = 10;
    return spec;
}

}  // namespace

class tst_window_class final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<WindowFolder>();
        window_ = folder_->open(false);
        window_->document().load(labSpec(2));
        window_->show();
    }
    void cleanup() {
        window_.reset();
        folder_.reset();
    }

    void runWithoutARoom_saysWhatToDo_andShowsWhere() {
        window_->startRun();
        QVERIFY(window_->messages().text().contains("no room is open"));
        QCOMPARE(window_->controller().state(), RunController::State::Idle);
        auto* tabs = window_->findChild<QTabWidget*>("lowerTabs");
        QCOMPARE(tabs->tabText(tabs->currentIndex()), QString("Class"));
        QVERIFY(label("labText")->isVisible());

        // It isn't true any more, whatever else is missing.
        hear({madeRoom(), madeMember(1, "a")});
        QCOMPARE(window_->messages().count(), 0);
        QCOMPARE(label("labText")->text(), QString("1 of the 2 machines it needs is ready."));
        QVERIFY(label("roomText")->text().contains("K7M-Q2X"));
        window_->startRun();
        QVERIFY(window_->messages().text().contains("need 2 machines, and 1 is ready"));
        hear({madeMember(2, "b")});
        QCOMPARE(window_->messages().count(), 0);
        QCOMPARE(label("labText")->text(), QString("All 2 machines are ready."));
    }

    void settingsOfAnotherMode_askForNoRoom() {
        window_->startRun();
        QCOMPARE(window_->messages().count(), 1);
        RunSpec spec = labSpec(2);
        spec.runOn = RunOn::Threads;
        window_->document().load(spec);
        QCOMPARE(window_->messages().count(), 0);
        QVERIFY(!label("labText")->isVisible());
    }

    void newRun_forgetsNobodyInTheRoom() {
        hear({madeRoom(), madeMember(1, "a")});
        window_->store().clear();
        window_->controller().clear();
        QCOMPARE(window_->room().store().members().size(), std::size_t{1});
    }

    void lostAndJoinedMembers_areToldOf_withStepAndReason() {
        WorldChanged first, fewer, more;
        first.workers = 3;
        fewer.generation = 1;
        fewer.firstStep = 111;
        fewer.workers = 2;
        fewer.why = "desk-2: connection broke off";
        more = fewer;
        more.generation = 2;
        more.firstStep = 150;
        more.workers = 3;
        more.why = "desk-4 joined";
        const std::vector<Event> start{madeRun(3, false)[0], first};
        window_->store().apply(start);
        QCOMPARE(window_->messages().count(), 0);
        window_->store().apply(std::vector<Event>{fewer});
        QCOMPARE(window_->messages().text(),
                 QString("desk-2: connection broke off. From step 111 on 2 workers train."));
        QCOMPARE(window_->messages().severity(), Severity::Warning);
        window_->store().apply(std::vector<Event>{more});
        QCOMPARE(window_->messages().text(), QString("desk-4 joined. From step 150 on 3 workers train."));
        QCOMPARE(window_->messages().severity(), Severity::Information);
        QCOMPARE(window_->messages().count(), 2);
    }

  private:
    void hear(const std::vector<Event>& events) { Q_EMIT window_->controller().roomNews(events); }
    QLabel* label(const char* name) { return window_->findChild<QLabel*>(QLatin1String(name)); }

    std::unique_ptr<WindowFolder> folder_;
    std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(tst_window_class)
#include "tst_window_class.moc"
