#include <QLabel>
#include <QtTest>

#include "tests/support/compared_run.h"
#include "ui/panels/compression_panel.h"
#include "ui/store/compression_figures.h"
#include "ui/widgets/error_curve.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::ComparedRun;

namespace {

/// The same run with its gradients compressed: rank 0 sends 1/50 of them in every step, and leaves out
/// 0.5 + step/1000 of their length.
std::vector<Event> compressedEvents(const ComparedRun& run, bool ended, bool modelled = false) {
    std::vector<Event> events;
    for (Event event : run.events()) {
        if (auto* started = std::get_if<RunStarted>(&event)) {
            RunSpec spec = run.spec();
            spec.compression = TopKCompression{};
            spec.weights.modelled = modelled;
            if (modelled) spec.runOn = RunOn::Virtual;
            started->spec = toText(spec);
            started->prediction = R"({"compression_ratio": 40.0})";
        }
        if (std::holds_alternative<RunEnded>(event) && !ended) continue;
        events.push_back(event);
        if (const auto* step = std::get_if<StepCompleted>(&event)) {
            CompressionMeasured measured;
            measured.step = step->step;
            measured.denseBytes = 1'000'000LL * (step->step + 1);
            measured.encodedBytes = 20'000LL * (step->step + 1);
            measured.error = 0.5 + step->step / 1000.0;
            events.push_back(measured);
        }
    }
    return events;
}

QString plain(QString words) {
    return words.replace(QChar(0xa0), ' ');
}

}  // namespace

class tst_compression_panel : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        store_ = std::make_unique<RunStore>();
        kept_ = std::make_unique<KeptRuns>();
        panel_ = std::make_unique<CompressionPanel>(*store_, *kept_);
        panel_->resize(1366, 225);
        panel_->show();
        QVERIFY(QTest::qWaitForWindowExposed(panel_.get()));
    }
    void cleanup() { panel_.reset(); }

    void nothingCompressed_saysHowToComeByIt() {
        QVERIFY(says("appear here when gradients are sent in compressed form"));
        store_->apply(ComparedRun{}.events());
        QVERIFY(says("sends its gradients as they are"));
        QVERIFY(!panel_->findChild<ErrorCurve*>()->isVisible());
    }

    void ratio_standsBesideWhatWasPredicted() {
        store_->apply(compressedEvents({}, false));
        QVERIFY(says("50.0 times fewer bytes"));
        QVERIFY(says("Ratio 50.00, predicted 40.00 (+25 %)"));
        QVERIFY(panel_->findChild<ErrorCurve*>()->isVisible());
    }

    void whileItRuns_figuresAreThoseOfWorkerZeroSoFar() {
        store_->apply(compressedEvents({}, false));
        QVERIFY(says("Worker 0 has sent gradients in 2 MB instead of 100 MB so far: 98.0 % saved."));
        QVERIFY(says("59.9 % of the gradient's length was left out in the latest step"));
    }

    void whenItIsOver_theReportCounts() {
        ComparedRun run;
        run.report =
            R"({"status": "finished", "compression":
                {"dense_bytes": 800000000, "encoded_bytes": 1200000, "ratio": 666.7, "error": 0.91}})";
        store_->apply(compressedEvents(run, true));
        QVERIFY(says("667 times fewer bytes"));
        QVERIFY(says("All workers together sent gradients in 1.20 MB instead of 800 MB: 99.85 % saved."));
        QVERIFY(says("91.0 % of the gradient's length was left out, on average"));
    }

    void moreBytesThanBefore_areNoSaving() {
        ComparedRun run;
        run.report =
            R"({"status": "finished", "compression": {"dense_bytes": 100, "encoded_bytes": 150, "error": 0}})";
        store_->apply(compressedEvents(run, true));
        QVERIFY(says("50.0 % more"));
    }

    void modelledGradients_haveNoErrorAndNoLoss() {
        store_->apply(compressedEvents({}, false, true));
        QVERIFY(says("50.0 times fewer bytes"));
        QVERIFY(!says("left out in the latest"));
        QVERIFY(!says("Effect on loss"));
        QVERIFY(!panel_->findChild<ErrorCurve*>()->isVisible());
    }

    void effectOnLoss_needsTheSameRunWithoutCompression() {
        store_->apply(compressedEvents({.height = 4}, false));
        QVERIFY(says("run the same without compression and keep that run"));
        ComparedRun{.seed = 2}.keepIn(*kept_);
        ComparedRun{.workers = 8}.keepIn(*kept_);
        QVERIFY(!lossEffect(*store_, *kept_));
        QVERIFY(says("run the same without compression and keep that run"));
        ComparedRun{.name = "Another name", .height = 2}.keepIn(*kept_);
        const auto effect = lossEffect(*store_, *kept_);
        QVERIFY(effect);
        QCOMPARE(effect->step, 99);
        QCOMPARE(effect->with, 2 * effect->without);
        QVERIFY(says("Effect on loss at step 100"));
        QVERIFY(says("(+100 %)"));
        QVERIFY(says("Test accuracy: 100.0 %, without 100.0 %"));
    }

    void effectOnLoss_isToldAtTheLastStepOfBoth() {
        ComparedRun{.steps = 40}.keepIn(*kept_);
        store_->apply(compressedEvents({.steps = 100}, false));
        const auto effect = lossEffect(*store_, *kept_);
        QVERIFY(effect);
        QCOMPARE(effect->step, 39);
        // The mean of the last ten of them, since one batch doesn't decide.
        double sum = 0;
        for (int step = 30; step < 40; ++step) sum += ComparedRun{}.lossAt(step);
        QVERIFY(std::abs(effect->without - sum / 10) < 1e-12);
        QVERIFY(std::abs(effect->with - sum / 10) < 1e-12);
        QCOMPARE(*effect->accuracyWith, 0.4);
        QCOMPARE(*effect->accuracyWithout, 1.0);
    }

    void compressedRuns_areNoReference() {
        RunStore other;
        other.apply(compressedEvents({}, true));
        kept_->keep(other);
        store_->apply(compressedEvents({}, false));
        QVERIFY(!lossEffect(*store_, *kept_));
    }

    void lostLoss_isToldInWords() {
        ComparedRun{}.keepIn(*kept_);
        store_->apply(compressedEvents({.lostFrom = 95}, false));
        QVERIFY(says("Effect on loss at step 100: not a number, without compression"));
    }

    void hiddenPanel_isRightOnceItIsSeen() {
        panel_->hide();
        store_->apply(compressedEvents({}, false));
        panel_->show();
        QVERIFY(says("50.0 times fewer bytes"));
    }

  private:
    bool says(const QString& what) { return plain(panel_->words()).contains(what); }

    std::unique_ptr<RunStore> store_;
    std::unique_ptr<KeptRuns> kept_;
    std::unique_ptr<CompressionPanel> panel_;
};

QTEST_MAIN(tst_compression_panel)
#include "tst_compression_panel.moc"
