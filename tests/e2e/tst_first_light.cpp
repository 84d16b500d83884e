// The whole of it: the real window, the real training process, a click on Run, and a loss that falls.
#include <signal.h>

#include <QDir>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/outcome.h"
#include "ui/setup/setup_form.h"
#include "ui/window/main_window.h"

using namespace rondo;
using namespace rondo::ui;

class TestFirstLight final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        window_ = std::make_unique<MainWindow>(
            MainWindow::Places{.engine = {QStringLiteral(RONDO_BINARIES "/rondo-cli")},
                               .resources = QStringLiteral(RONDO_ROOT "/resources"),
                               .recordings = folder_->filePath("recordings"),
                               .sessionFile = folder_->filePath("session.ini")});
        window_->resize(1366, 768);
        window_->restoreSession();
        window_->document().change("data.train", 1600, false);
        window_->document().change("data.test", 400, false);
        window_->document().change("model.kind", "mlp", false);
        window_->document().change("optimizer.learning_rate", 0.1, false);
        window_->document().change("stop.steps", 60, false);
        window_->document().change("evaluate_every", 20, false);
        QVERIFY(window_->document().problems().empty());
        window_->show();
        QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
    }
    void cleanup() { window_.reset(); }

    void clickOnRun_trainsAndTheLossFalls() {
        QElapsedTimer sinceClick;
        sinceClick.start();
        clickRun();
        const auto& store = window_->store();
        QTRY_VERIFY(!store.steps().empty() && window_->controller().source() == RunController::Source::Live);
        qInfo("first loss %lld ms after the click", sinceClick.elapsed());
        QTRY_VERIFY_WITH_TIMEOUT(store.steps().size() >= 60 && !store.report().isEmpty(), 60'000);
        QTRY_VERIFY(!window_->controller().busy());
        const auto meanLoss = [&](std::size_t from) {
            double sum = 0;
            for (std::size_t i = from; i < from + 10; ++i) sum += store.steps()[i].loss;
            return sum / 10;
        };
        QVERIFY2(meanLoss(50) < 0.8 * meanLoss(0), qPrintable(QString::number(meanLoss(50))));
        QVERIFY(store.links().size() >= 4);
        QVERIFY(!store.lanes().empty());
        const auto outcome = Outcome::of(store.report());
        QVERIFY(outcome && outcome->status == "finished" && outcome->accuracy);
        QVERIFY(*outcome->accuracy > 0.3);
        QVERIFY(QFileInfo::exists(window_->controller().recordingFile()));
        picture("first-light.png");
    }

    void theRecordingOfTheRun_replaysTheSame() {
        clickRun();
        QTRY_VERIFY_WITH_TIMEOUT(!window_->store().report().isEmpty() && !window_->controller().busy(),
                                 60'000);
        const auto steps = window_->store().steps();
        const QString file = window_->controller().recordingFile();
        window_->openFile(file);
        QTRY_COMPARE(window_->controller().source(), RunController::Source::Replay);
        QTRY_COMPARE(window_->store().steps().size(), steps.size());
        for (std::size_t i = 0; i < steps.size(); ++i)
            QCOMPARE(window_->store().steps()[i].loss, steps[i].loss);
        QTRY_VERIFY(!window_->store().report().isEmpty());
    }

    void reference_isTheSameTrainingByOneWorkerAndIsKept() {
        window_->document().change("run_on", "virtual", false);
        clickRun();
        QTRY_VERIFY_WITH_TIMEOUT(!window_->store().report().isEmpty() && !window_->controller().busy(),
                                 60'000);
        const auto action = [this](const QString& name) {
            for (QAction* one : window_->actions())
                if (one->text() == name) return one;
            return static_cast<QAction*>(nullptr);
        };
        action("Run the reference")->trigger();
        QVERIFY(window_->controller().busy());
        QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), 60'000);
        const auto& kept = window_->kept().entries();
        QCOMPARE(kept.size(), std::size_t(2));
        const KeptRun &ring = *kept[0].run, &alone = *kept[1].run;
        QCOMPARE(ring.spec.workers, std::int64_t(4));
        QCOMPARE(alone.spec.workers, std::int64_t(1));
        QCOMPARE(*alone.payloadBytes, qint64(0));
        QVERIFY(*ring.payloadBytes > 0);
        // The same samples in every step: the same losses, up to rounding.
        QCOMPARE(alone.loss.size(), ring.loss.size());
        for (std::size_t i = 0; i < 20; ++i)
            QVERIFY(std::abs(alone.loss[i].value - ring.loss[i].value) < 1e-3 * ring.loss[i].value);
        QVERIFY(!action("Run the reference")->isEnabled());
        // The settings are the person's as before.
        QCOMPARE(window_->document().validSpec().workers, std::int64_t(4));
    }

    void killedTrainingProcess_leavesTheWindowAlive() {
        window_->document().change("stop.steps", 100000, false);
        clickRun();
        QTRY_VERIFY_WITH_TIMEOUT(window_->store().steps().size() > 5, 30'000);
        ::kill(static_cast<pid_t>(window_->controller().enginePid()), SIGKILL);
        QTRY_VERIFY(!window_->controller().busy());
        QVERIFY(window_->messages().text().contains("signal 9"));
        QVERIFY(window_->store().interrupted());
        QVERIFY(window_->topBar().status().startsWith("Interrupted"));
        QVERIFY(window_->store().steps().size() > 5);
        window_->document().change("stop.steps", 5, false);
        clickRun();
        QTRY_VERIFY_WITH_TIMEOUT(!window_->store().report().isEmpty(), 30'000);
        QCOMPARE(window_->store().steps().size(), std::size_t(5));
    }

    void pausedWhilePreparing_standsBeforeTheFirstStep() {
        using State = RunController::State;
        clickRun();
        QCOMPARE(window_->controller().state(), State::Preparing);
        clickRun();
        QCOMPARE(window_->topBar().runButton()->text(), QString("Go on"));
        QTRY_COMPARE_WITH_TIMEOUT(window_->controller().state(), State::Paused, 30'000);
        QVERIFY(window_->store().hasRun() && window_->store().steps().empty());
        clickRun();
        QTRY_COMPARE_WITH_TIMEOUT(window_->store().steps().size(), std::size_t(60), 30'000);
        QTRY_VERIFY(!window_->controller().busy());
    }

    void runThatCantBegin_saysWhyAndLeavesNoRecording() {
        window_->document().change("data.kind", "idx", false);
        window_->document().change("data.path", "nowhere", false);
        clickRun();
        QTRY_VERIFY_WITH_TIMEOUT(window_->topBar().status().startsWith("Failed: data.path: nowhere"), 30'000);
        QVERIFY(window_->topBar().badge()->isHidden());
        QVERIFY(window_->controller().recordings().newestFirst().isEmpty());
        QVERIFY(window_->messages().text().contains("relative to " + QDir::currentPath()));
        QVERIFY(window_->setup().editor("data.path")->problem().contains("nowhere"));
        window_->document().change("data.path", "elsewhere", false);
        QVERIFY(window_->setup().editor("data.path")->problem().isEmpty());
    }

    void stopClicked_thenSpaceDoesNothingUntilTheRunHasEnded() {
        window_->document().change("stop.steps", 100000, false);
        clickRun();
        QTRY_VERIFY_WITH_TIMEOUT(window_->store().steps().size() > 5, 30'000);
        for (QToolButton* button : window_->topBar().findChildren<QToolButton*>())
            if (button->text() == "Stop") QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(window_->controller().state(), RunController::State::Stopping);
        QWidget* focus = QApplication::focusWidget();
        QTest::keyClick(focus ? focus : window_.get(), Qt::Key_Space);
        QTRY_VERIFY(!window_->controller().busy());
        const auto outcome = Outcome::of(window_->store().report());
        QVERIFY(outcome && outcome->status == "stopped");
        QCOMPARE(QApplication::focusWidget(), window_->topBar().runButton());
        QVERIFY2(window_->guess().words().contains("Stopped after"), qPrintable(window_->guess().words()));
    }

    void pauseStepStop_actOnTheRun() {
        window_->document().change("stop.steps", 100000, false);
        using State = RunController::State;
        window_->controller().clear();  // with the welcome recording on the screen, Step would step that
        window_->controller().step(window_->document().validSpec());
        QTRY_VERIFY_WITH_TIMEOUT(
            window_->controller().state() == State::Paused && window_->store().steps().size() == 1, 30'000);
        window_->controller().step({});
        QTRY_COMPARE(window_->store().steps().size(), std::size_t(2));
        window_->controller().resume();
        QTRY_VERIFY(window_->store().steps().size() > 4);
        window_->controller().stop();
        QTRY_VERIFY(!window_->controller().busy());
        const auto outcome = Outcome::of(window_->store().report());
        QVERIFY2(outcome, qPrintable(window_->messages().text()));
        QCOMPARE(outcome->status, QString("stopped"));
    }

  private:
    void clickRun() { QTest::mouseClick(window_->topBar().runButton(), Qt::LeftButton); }
    void picture(const QString& name) {
        const QString file = QDir(QCoreApplication::applicationDirPath()).filePath(name);
        QVERIFY(window_->grab().save(file));
    }
    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(TestFirstLight)
#include "tst_first_light.moc"
