// Pictures and behaviour of the race of schedules.
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSpinBox>
#include <QtTest>

#include "ui/panels/race_panel.h"
#include "ui/panels/race_setup.h"
#include "ui/widgets/schedule_view.h"
#include "ui/window/window_sheet.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

RunSpec pipelineSpec(ScheduleChoice schedule = ScheduleChoice::OneFOneB) {
    RunSpec spec;
    spec.workers = 3;
    spec.batch = 32;
    spec.model = MlpModel{{16, 16, 16}};
    PipelineAlgorithm pipeline;
    pipeline.stages.schedule = schedule;
    pipeline.stages.microBatches = 4;
    spec.algorithm = pipeline;
    spec.cluster.times = {2.0, 1.0, 1.0, {}, 0.0};
    return spec;
}

}  // namespace

class tst_race_panel : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        qApp->setStyleSheet({});
        panel_ = std::make_unique<RacePanel>();
        panel_->resize(1366, 300);
        panel_->show();
        QVERIFY(QTest::qWaitForWindowActive(panel_.get()));
    }
    void cleanup() { panel_.reset(); }

    void begins_atTheEndOfAll() {
        QCOMPARE(view().racers().size(), std::size_t{3});
        QCOMPARE(view().end(), 33e-3);
        QCOMPARE(view().clock(), view().end());
        QVERIFY2(panel_->words().startsWith("ZB-H1 is first"), qPrintable(panel_->words()));
    }

    void keys_moveTheClock() {
        view().setFocus();
        key(Qt::Key_Home);
        QCOMPARE(view().clock(), 0.0);
        key(Qt::Key_Right);
        QCOMPARE(view().clock(), 1e-3);
        key(Qt::Key_Right);
        key(Qt::Key_Left);
        QCOMPARE(view().clock(), 1e-3);
        key(Qt::Key_End);
        QCOMPARE(view().clock(), 33e-3);
        key(Qt::Key_Right);
        QCOMPARE(view().clock(), 33e-3);
        QVERIFY2(view().accessibleDescription().contains("GPipe after 33"),
                 qPrintable(view().accessibleDescription()));
    }

    void clock_followsTheMouse_andStopsPlaying() {
        const ScheduleLayout layout = view().layout();
        const auto at = [&](double share) {
            return QPoint(static_cast<int>(layout.left() + share * (layout.right() - layout.left())), 60);
        };
        panel_->play(true);
        QTest::mousePress(view().viewport(), Qt::LeftButton, {}, at(0.25));
        QVERIFY(!panel_->playing());
        QVERIFY(std::abs(view().clock() - 0.25 * view().end()) < 0.01 * view().end());
        QTest::mouseMove(view().viewport(), at(0.5));
        QMouseEvent move(QEvent::MouseMove, at(0.75), view().viewport()->mapToGlobal(at(0.75)), Qt::NoButton,
                         Qt::LeftButton, {});
        QCoreApplication::sendEvent(view().viewport(), &move);
        QVERIFY(std::abs(view().clock() - 0.75 * view().end()) < 0.01 * view().end());
        QTest::mouseRelease(view().viewport(), Qt::LeftButton, {}, at(0.75));
    }

    void played_goesToTheEndAndStops_andBeginsAnewFromThere() {
        panel_->play(true);
        QVERIFY(panel_->playing());
        QCOMPARE(view().clock(), 0.0);
        panel_->advance(5);  // of ten seconds for all
        QCOMPARE(view().clock(), 33e-3 / 2);
        panel_->advance(4.9);
        QVERIFY(panel_->playing());
        panel_->advance(0.2);
        QVERIFY(!panel_->playing());
        QCOMPARE(view().clock(), view().end());
    }

    void returnKey_playsAndPauses() {
        view().setFocus();
        key(Qt::Key_Return);
        QVERIFY(panel_->playing());
        key(Qt::Key_Return);
        QVERIFY(!panel_->playing());
    }

    void hidden_doesNotPlayOn() {
        panel_->play(true);
        panel_->hide();
        QVERIFY(!panel_->playing());
    }

    void zoom_keepsTheClockInPlace_andFShowsAll() {
        view().setFocus();
        view().setClock(10e-3);
        const double before = (10e-3 - view().window().begin) / view().window().length();
        key(Qt::Key_W);
        QVERIFY(view().window().length() < 33e-3);
        QVERIFY(std::abs((10e-3 - view().window().begin) / view().window().length() - before) < 1e-9);
        key(Qt::Key_A);
        key(Qt::Key_A);
        QVERIFY(view().window().begin >= 0);
        key(Qt::Key_F);
        QCOMPARE(view().window().begin, 0.0);
        QCOMPARE(view().window().end, 33e-3);
    }

    void runSettings_areFollowed_untilANumberIsChanged() {
        panel_->setPreview(pipelineSpec());
        QCOMPARE(panel_->setup().settings().stages, 3);
        QCOMPARE(panel_->setup().settings().microBatches, 4);
        QCOMPARE(view().end(), (4 + 2) * 4e-3);
        auto* stages = panel_->findChildren<QSpinBox*>().first();
        QCOMPARE(stages->value(), 3);
        stages->setValue(5);
        QVERIFY(!panel_->setup().follows());
        QCOMPARE(view().end(), (4 + 4) * 4e-3);
        RunSpec other = pipelineSpec();
        other.workers = 2;
        panel_->setPreview(other);
        QCOMPARE(panel_->setup().settings().stages, 5);
        for (auto* box : panel_->findChildren<QCheckBox*>())
            if (box->text() == QLatin1String("As set for the run")) box->click();
        QVERIFY(panel_->setup().follows());
        QCOMPARE(panel_->setup().settings().stages, 2);
    }

    void schedule_namedByTheRun_joinsTheRace_once() {
        panel_->setPreview(pipelineSpec(ScheduleChoice::ZbH2));
        const std::vector<ScheduleChoice> joined{ScheduleChoice::GPipe, ScheduleChoice::OneFOneB,
                                                 ScheduleChoice::ZbH1, ScheduleChoice::ZbH2};
        QCOMPARE(panel_->setup().settings().racers, joined);
        panel_->setPreview(pipelineSpec(ScheduleChoice::Interleaved));
        QCOMPARE(panel_->setup().settings().racers.back(), ScheduleChoice::Interleaved);
        choose(3, "nobody");
        RunSpec same = pipelineSpec(ScheduleChoice::Interleaved);
        same.seed = 9;
        panel_->setPreview(same);
        QCOMPARE(panel_->setup().settings().racers.size(), std::size_t{3});
    }

    void settingsThatChangeNothingHere_leaveTheClock() {
        RunSpec spec;
        panel_->setPreview(spec);
        view().setClock(5e-3);
        spec.seed = 99;
        panel_->setPreview(spec);
        QCOMPARE(view().clock(), 5e-3);
    }

    void byHand_beginsWithSomethingThatGoes_andNamesWhatDoesNot() {
        choose(3, "By hand");
        QVERIFY(panel_->setup().page() == RaceSetup::Page::ByHand);
        auto* text = panel_->findChild<QPlainTextEdit*>();
        QVERIFY(text->hasFocus() && text->toPlainText().startsWith("F0 F1 F2 F3 BW0"));
        QVERIFY(view().racers().back().ok());
        QCOMPARE(view().racers().back().track.end(), 33e-3);
        text->setPlainText("F0 F1 BW0 BW1\nBW0 F0 F1 BW1");
        const QString problem = view().racers().back().problem;
        QVERIFY2(problem.contains("stage 1: BW0 can never begin"), qPrintable(problem));
        bool told = false;
        for (const auto* label : panel_->setup().findChildren<QLabel*>())
            told = told || (label->isVisible() && label->text() == problem);
        QVERIFY(told);
        QVERIFY(view().racers().front().ok());  // the others race on
        QCOMPARE(view().end(), 33e-3);
    }

    void whatCantGo_spoilsNothing() {
        RaceSettings wrong;
        wrong.microBatches = 6;
        wrong.racers = {ScheduleChoice::Interleaved, ScheduleChoice::Hand};
        panel_->setup().setSettings(wrong);
        QCOMPARE(view().end(), 0.0);
        QCOMPARE(panel_->words(), QStringLiteral("None of these schedules can go."));
        panel_->play(true);
        QVERIFY(!panel_->playing());
        view().setFocus();
        for (const Qt::Key one : {Qt::Key_Left, Qt::Key_Right, Qt::Key_W, Qt::Key_S, Qt::Key_D}) key(one);
        QTest::mouseClick(view().viewport(), Qt::LeftButton, {}, {700, 60});
        panel_->grab();
    }

    void manyStages_scroll() {
        QCOMPARE(view().verticalScrollBar()->maximum(), 0);
        RaceSettings many;
        many.stages = 64;
        many.microBatches = 64;
        panel_->setup().setSettings(many);
        QVERIFY(view().verticalScrollBar()->maximum() > 500);
        view().verticalScrollBar()->setValue(view().verticalScrollBar()->maximum());
        const QPointF bottom(700, view().viewport()->height() - 20);
        QCOMPARE(view().layout().at(view().toContent(bottom)).racer, 2);
    }

    void savedPictures_areWhatTheyShouldBe() {
        QTemporaryDir folder;
        const QString svg = folder.filePath("a.svg"), png = folder.filePath("a.png");
        QCOMPARE(panel_->saveSvg(1, svg), QString());
        QFile in(svg);
        QVERIFY(in.open(QIODevice::ReadOnly));
        const QByteArray text = in.readAll();
        QVERIFY(text.startsWith("<svg") && text.contains("1F1B, 4 stages, 8 micro-batches"));
        QCOMPARE(panel_->savePng(-1, png), QString());
        const QImage all(png);
        QCOMPARE(panel_->savePng(0, png), QString());
        const QImage one(png);
        QCOMPARE(all.width(), 2800);
        QVERIFY(all.height() > 2 * one.height());
        QVERIFY(!panel_->savePng(0, folder.filePath("none/a.png")).isEmpty());
        QVERIFY(!panel_->saveSvg(0, folder.filePath("none/a.svg")).isEmpty());
    }

    void programThatIsNotThere_isSaidOfEachRacer() {
        RacePanel panel("/nonexistent/rondo-cli");
        panel.setPreview(pipelineSpec());
        panel.show();
        panel.train();
        QTRY_VERIFY(!panel.training());
        QCOMPARE(panel.runs().size(), std::size_t{3});
        for (const RaceRun& run : panel.runs()) QVERIFY(!run.problem.isEmpty());
    }

    void trainingThatFails_tellsItsLastWords() {
        QTemporaryDir folder;
        QFile script(folder.filePath("trainer"));
        QVERIFY(script.open(QIODevice::WriteOnly));
        script.write("#!/bin/sh\necho 'making the data' >&2\necho 'batch: 7, expected more' >&2\nexit 2\n");
        script.close();
        script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        RacePanel panel(script.fileName());
        panel.setPreview(pipelineSpec());
        panel.show();
        panel.train();
        QTRY_VERIFY(!panel.training());
        QCOMPARE(panel.runs().front().problem, QStringLiteral("batch: 7, expected more"));
        QVERIFY(!panel.view().racers().front().ok());
        panel.showMeasured(false);
        QVERIFY(panel.view().racers().front().ok());
    }

    void pictures_data() {
        QTest::addColumn<QString>("theme");
        for (const char* name : {"light", "dark", "projector"}) QTest::newRow(name) << QString(name);
    }
    void pictures() {
        QFETCH(QString, theme);
        const Theme& colours = Theme::byName(theme);
        qApp->setStyle(QStringLiteral("Fusion"));
        qApp->setPalette(paletteOf(colours));
        qApp->setStyleSheet(windowSheet(colours));
        const auto shoot = [&](const QString& name, QSize size, RaceSettings settings, double clock,
                               RaceSetup::Page page = RaceSetup::Page::Numbers) {
            RacePanel panel;
            panel.setTheme(colours);
            panel.setup().setSettings(settings);
            panel.setup().setPage(page);
            panel.resize(size);
            panel.show();
            QVERIFY(QTest::qWaitForWindowExposed(&panel));
            panel.view().setClock(clock * panel.view().end());
            QCoreApplication::processEvents();
            QDir().mkpath(QStringLiteral("screenshots"));
            panel.grab().save(QStringLiteral("screenshots/race_%1_%2.png").arg(name, theme));
        };
        const int height = theme == QLatin1String("projector") ? 260 : 228;
        shoot("three", {1366, height}, {}, 1);
        shoot("playing", {1366, height}, {}, 0.55);
        RaceSettings four;
        four.racers = {ScheduleChoice::GPipe, ScheduleChoice::Interleaved, ScheduleChoice::ZbH2,
                       ScheduleChoice::PipeDream};
        shoot("four", {1366, height}, four, 0.8);
        shoot("large", {1920, 620}, four, 0.7);
        RaceSettings wrong;
        wrong.microBatches = 6;
        wrong.racers = {ScheduleChoice::Interleaved, ScheduleChoice::Hand, ScheduleChoice::OneFOneB};
        wrong.order = "F0 F1 BW0 BW1\nBW0 F0 F1 BW1\n";
        shoot("wrong", {1366, height}, wrong, 1, RaceSetup::Page::ByHand);
        RaceSettings many;
        many.stages = 16;
        many.microBatches = 64;
        many.recompute = true;
        many.forwardMs = 11.307;
        many.backwardInputMs = 11.254;
        many.backwardWeightMs = 8.101;
        many.messageMs = 0.379;
        RaceSettings batches;
        batches.batches = 3;
        batches.racers = {ScheduleChoice::OneFOneB, ScheduleChoice::ZbH2, ScheduleChoice::PipeDream};
        shoot("batches", {1366, 420}, batches, 1);
        shoot("many", {1920, 700}, many, 0.5);
    }

  private:
    ScheduleView& view() { return panel_->view(); }
    void key(Qt::Key one) { QTest::keyClick(&view(), one); }
    void choose(int racer, const QString& name) {
        auto* choice = panel_->setup().findChildren<QComboBox*>().at(racer);
        choice->setCurrentText(name);
        Q_EMIT choice->activated(choice->currentIndex());
    }

    std::unique_ptr<RacePanel> panel_;
};

QTEST_MAIN(tst_race_panel)
#include "tst_race_panel.moc"
