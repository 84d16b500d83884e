// Racers that are really trained, by the program the window starts.
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QtTest>

#include "ui/draw/schedule_words.h"
#include "ui/panels/race_panel.h"
#include "ui/panels/race_setup.h"
#include "ui/widgets/schedule_view.h"
#include "ui/window/window_sheet.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

RunSpec pipelineSpec() {
    RunSpec spec;
    spec.runOn = RunOn::Virtual;
    spec.workers = 4;
    spec.batch = 32;
    spec.data = DigitsData{640, 100};
    spec.model = MlpModel{{32, 32, 32}};
    PipelineAlgorithm pipeline;
    pipeline.stages.microBatches = 8;
    spec.algorithm = pipeline;
    spec.cluster.times = {1.0, 1.0, 1.0, {}, 0.0};
    spec.stop.steps = 20;
    return spec;
}

}  // namespace

class tst_race_training : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        qApp->setStyle(QStringLiteral("Fusion"));
        qApp->setPalette(paletteOf(Theme::light()));
        qApp->setStyleSheet(windowSheet(Theme::light()));
        panel_ = std::make_unique<RacePanel>(QStringLiteral(RONDO_BINARIES "/rondo-cli"));
        panel_->resize(1366, 420);
        panel_->setPreview(pipelineSpec());
        panel_->show();
        QVERIFY(QTest::qWaitForWindowExposed(panel_.get()));
    }
    void cleanup() { panel_.reset(); }

    void trainedSchedules_goAsComputed_andLearnTheSame() {
        race({ScheduleChoice::GPipe, ScheduleChoice::OneFOneB, ScheduleChoice::ZbH1,
              ScheduleChoice::PipeDream});
        const std::vector<Racer> computed = panel_->view().racers();
        train();
        for (std::size_t i = 0; i < 4; ++i) {
            const RaceRun& run = panel_->runs()[i];
            QVERIFY2(run.problem.isEmpty(), qPrintable(run.problem));
            QCOMPARE(run.steps, 20);
            if (!isSynchronous(computed[i].choice)) continue;
            QVERIFY(std::abs(*run.bubble - computed[i].batchBubble) < 1e-6);
            QCOMPARE(run.peaks, computed[i].schedule.peakActivations());
            for (int stage = 0; stage < 4; ++stage) {
                const auto& here = run.track.spans(stage);
                const auto& theory = computed[i].track.spans(stage);
                QCOMPARE(here.size(), theory.size());
                for (std::size_t n = 0; n < here.size(); ++n) {
                    QVERIFY(std::abs(here[n].begin - theory[n].begin) < 1e-8 &&
                            std::abs(here[n].end - theory[n].end) < 1e-8);
                    QVERIFY(here[n].phase == theory[n].phase && here[n].fused == theory[n].fused &&
                            here[n].microBatch == theory[n].microBatch && here[n].takes == theory[n].takes &&
                            here[n].frees == theory[n].frees);
                }
            }
        }
        const auto distance = [&](std::size_t i) {
            return apart(panel_->runs()[0].weights, panel_->runs()[i].weights)->length;
        };
        const double moved = *panel_->runs()[0].moved;
        QVERIFY(moved > 0.05);
        QVERIFY(distance(1) <= 1e-4 * moved);
        QVERIFY(distance(2) <= 1e-4 * moved);
        QVERIFY(distance(3) > 0.05 * moved);
        const QString words = panel_->words();
        QVERIFY2(words.contains("1F1B and ZB-H1's are the same"), qPrintable(words));
        QVERIFY2(words.contains("PipeDream's, which moved by"), qPrintable(words));
        // Between its backwards the next batch begins already.
        const auto& streamed = panel_->runs()[3].track.spans(0);
        QVERIFY(std::any_of(streamed.begin(), streamed.end(),
                            [](const RaceSpan& span) { return span.microBatch >= 8; }));
        QVERIFY(*panel_->runs()[3].bubble < 0.05);
        QCOMPARE(panel_->runs()[3].versions, (std::vector<std::int64_t>{4, 3, 2, 1}));
        QDir().mkpath(QStringLiteral("screenshots"));
        panel_->grab().save(QStringLiteral("screenshots/race_trained.png"));
    }

    void whatIsMeasured_canBeShownAndLeft() {
        race({ScheduleChoice::GPipe, ScheduleChoice::OneFOneB});
        auto* measured = button("Measured");
        QVERIFY(!measured->isEnabled());
        train();
        QVERIFY(measured->isEnabled() && measured->isChecked());
        QTest::mouseClick(measured, Qt::LeftButton);
        QVERIFY(!measured->isChecked());
        // Another race has not been trained.
        RaceSettings other = panel_->setup().settings();
        other.racers = {ScheduleChoice::GPipe, ScheduleChoice::ZbH2};
        panel_->setup().setSettings(other);
        QVERIFY(!measured->isEnabled() && panel_->runs().empty());
    }

    void whatCantBeTrained_isSaidOfThatRacerAlone() {
        // 32 samples are no 3 equal micro-batches: by hand alone.
        RaceSettings settings = panel_->setup().settings();
        settings.racers = {ScheduleChoice::GPipe, ScheduleChoice::Hand};
        settings.order = "F0 F1 F2 BW0 BW1 BW2\nF0 BW0 F1 BW1 F2 BW2";
        panel_->setup().setSettings(settings);
        train();
        QVERIFY(panel_->runs()[0].problem.isEmpty());
        QVERIFY2(panel_->runs()[1].problem.contains("micro_batches"), qPrintable(panel_->runs()[1].problem));
    }

    void cancelled_isForgotten() {
        race({ScheduleChoice::GPipe, ScheduleChoice::OneFOneB});
        auto* train = panel_->findChildren<QPushButton*>().at(1);
        QTest::mouseClick(train, Qt::LeftButton);
        QVERIFY(panel_->training());
        QCOMPARE(train->text(), QStringLiteral("Cancel"));
        QTest::mouseClick(train, Qt::LeftButton);
        QVERIFY(!panel_->training() && panel_->runs().empty());
        QCOMPARE(train->text(), QStringLiteral("Train them"));
    }

  private:
    void race(std::vector<ScheduleChoice> racers) {
        RaceSettings settings = panel_->setup().settings();
        settings.racers = std::move(racers);
        panel_->setup().setSettings(settings);
    }
    void train() {
        panel_->train();
        QTRY_VERIFY_WITH_TIMEOUT(!panel_->training(), 120'000);
    }
    QToolButton* button(const QString& text) const {
        for (auto* one : panel_->findChildren<QToolButton*>())
            if (one->text() == text) return one;
        return nullptr;
    }

    std::unique_ptr<RacePanel> panel_;
};

QTEST_MAIN(tst_race_training)
#include "tst_race_training.moc"
