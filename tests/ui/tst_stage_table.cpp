// The stages of a pipeline in the form: what they have, and how their borders are moved.
#include <QFile>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "engine/config/run_spec_json.h"
#include "ui/setup/layer_measurement.h"
#include "ui/setup/setup_form.h"

using namespace rondo;
using namespace rondo::ui;

namespace {
RunSpec pipeline() {
    RunSpec spec;
    spec.runOn = RunOn::Virtual;
    spec.stop.steps = 10;
    spec.model = MlpModel{{20, 20, 20, 20, 20}};  // six layers
    spec.algorithm = PipelineAlgorithm{{.microBatches = 8, .cut = CutBy::Layers}};
    spec.workers = 3;
    return spec;
}
}  // namespace

class TestStageTable final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        document_ = std::make_unique<SettingsDocument>();
        document_->replace(pipeline(), {});
        form_ = std::make_unique<SetupForm>(*document_);
        form_->resize(330, 900);
        form_->show();
        QVERIFY(QTest::qWaitForWindowExposed(form_.get()));
    }
    void cleanup() {
        form_.reset();
        document_.reset();
    }

    void rows_areTheModelsLayersAndParameters() {
        const auto rows = stageRows(pipeline());
        QCOMPARE(rows.size(), std::size_t(3));
        QCOMPARE(rows[1].layers, QString("fc3, fc4"));
        QCOMPARE(rows[1].parameters, 2 * (20 * 20 + 20));
        std::int64_t all = 0;
        for (const StageRow& row : rows) all += row.parameters;
        QCOMPARE(all, planModel(pipeline(), expectedShape(pipeline().data)).parameters());
        QVERIFY(rows[0].seconds > rows[1].seconds && rows[0].bytes > rows[1].bytes);
        QVERIFY(stageRows(RunSpec()).empty());
    }

    void table_standsOnlyWhereThereAreStages() {
        QVERIFY(form_->stages().isVisible());
        document_->change("algorithm.kind", "tensor", false);
        QVERIFY(!form_->stages().isVisible());
        document_->undoStack().undo();
        QVERIFY(form_->stages().isVisible());
    }

    void figures_followTheSettings() {
        QVERIFY(form_->stages().words().startsWith("Stage 0 is the slowest"));
        document_->change("model.hidden", boost::json::array{20, 20, 20, 20, 400}, false);
        QVERIFY(form_->stages().words().startsWith("Stage 2 is the slowest"));
        QVERIFY(form_->stages().rows()[2].parameters > 8000);
    }

    void movedBorder_isOneChangeByHand() {
        StageTable& table = form_->stages();
        QWidget* figures = table.tabOrder().front();
        figures->setFocus();
        QCOMPARE(table.chosen(), 1);
        QTest::keyClick(figures, Qt::Key_Right);
        const auto& stages = *stagesOf(document_->validSpec());
        QCOMPARE(stages.cut, CutBy::Hand);
        QCOMPARE(stages.cutAt, (std::vector<std::int64_t>{3, 4}));
        // The rows of the form are others now; the keys still go to the table.
        QTest::keyClick(figures, Qt::Key_Down);
        QCOMPARE(table.chosen(), 2);
        table.later()->click();
        QCOMPARE(stagesOf(document_->validSpec())->cutAt, (std::vector<std::int64_t>{3, 5}));
        QVERIFY(!table.later()->isEnabled());  // its last layer
        document_->undoStack().undo();
        document_->undoStack().undo();
        QVERIFY(document_->validSpec() == pipeline());
    }

    void cutByAnythingElse_takesTheLayersGivenByHandAway() {
        form_->stages().later()->click();
        QVERIFY(form_->editor("algorithm.cut_at"));
        document_->change("algorithm.cut", "time", false);
        QVERIFY(document_->problems().empty());
        QVERIFY(!form_->editor("algorithm.cut_at"));
        QVERIFY(form_->stages().isVisible());
    }

    void click_choosesAStage() {
        StageTable& table = form_->stages();
        QWidget* figures = table.tabOrder().front();
        const int line = figures->height() / 5;  // heads, three stages, together
        QTest::mouseClick(figures, Qt::LeftButton, {}, QPoint(20, line / 2 + 3 * line));
        QCOMPARE(table.chosen(), 2);
        QTest::mouseClick(figures, Qt::LeftButton, {}, QPoint(20, line / 2 + line));
        QCOMPARE(table.chosen(), 0);
        QVERIFY(!table.earlier()->isEnabled() && !table.later()->isEnabled());
    }

    void stagesOfChunks_haveNoBorderOfTheirOwn() {
        RunSpec spec = pipeline();
        spec.algorithm = PipelineAlgorithm{
            {.schedule = ScheduleChoice::Interleaved, .microBatches = 3, .chunks = 2, .cut = CutBy::Layers}};
        spec.batch = 30;
        QCOMPARE(stageRows(spec)[0].layers, QString("fc1 + fc4"));
        QVERIFY(!withCutMoved(spec, 1, 1));
    }

    void wrongSettings_areToldBesideTheirField_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("words");
        QTest::newRow("more stages than layers") << "workers"
                                                 << "7"
                                                 << "workers"
                                                 << "7";
        QTest::newRow("micro-batches") << "algorithm.micro_batches"
                                       << "5"
                                       << "algorithm.micro_batches"
                                       << "divisor of the batch of 32";
        QTest::newRow("frozen") << "algorithm.freeze_layers"
                                << "6"
                                << "algorithm.freeze_layers"
                                << "at most 5";
    }
    void wrongSettings_areToldBesideTheirField() {
        QFETCH(QString, path);
        QFETCH(QString, value);
        QFETCH(QString, field);
        QFETCH(QString, words);
        document_->change(path.toStdString(), value.toLongLong(), true);
        const QString problem = form_->editor(field.toStdString())->problem();
        QVERIFY2(problem.contains(words), qPrintable(problem));
        QVERIFY(form_->stages().words().startsWith("As before"));
        QVERIFY(!form_->stages().later()->isEnabled());
    }

    void orderThatNeverEnds_namesItsFirstImpossibleOperation() {
        RunSpec spec = pipeline();
        spec.workers = 2;
        auto& stages = std::get<PipelineAlgorithm>(spec.algorithm).stages;
        stages.microBatches = 1;
        document_->replace(spec, {});
        QVERIFY(!form_->editor("algorithm.order"));  // of use only by hand
        document_->change("algorithm.schedule", "hand", false);
        QVERIFY(form_->editor("algorithm.order"));
        document_->change("algorithm.order", "F0 BW0 / BW0 F0", true);
        const QString problem = form_->editor("algorithm.order")->problem();
        QVERIFY2(problem.contains("BW0"), qPrintable(problem));
        document_->change("algorithm.order", "F0 BW0 / F0 BW0", true);
        QVERIFY(document_->problems().empty());
        // Another schedule has no use for it.
        document_->change("algorithm.schedule", "gpipe", false);
        QVERIFY(document_->problems().empty());
        QVERIFY(!form_->editor("algorithm.order"));
    }

    void measurement_typesTimesInAsOneChange() {
        QTemporaryDir folder;
        const QString program = folder.filePath("measures");
        RunSpec timed = pipeline();
        timed.cluster.times.layers.resize(6);
        for (auto& layer : timed.cluster.times.layers) layer = {1, 2, 3};
        QFile json(folder.filePath("timed.json"));
        QVERIFY(json.open(QIODevice::WriteOnly));
        json.write(QByteArray::fromStdString(prettyPrint(toJson(timed))));
        json.close();
        QFile script(program);
        QVERIFY(script.open(QIODevice::WriteOnly));
        // measure RUN.json --out FILE
        script.write("#!/bin/sh\ntest \"$1\" = measure && cp \"" + json.fileName().toUtf8() + "\" \"$4\"\n");
        script.close();
        script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        LayerMeasurement measurement(program, *document_);
        QSignalSpy busy(&measurement, &LayerMeasurement::busyChanged);
        measurement.toggle();
        QVERIFY(measurement.busy());
        QTRY_COMPARE(busy.count(), 2);
        QVERIFY(document_->validSpec() == timed);
        QCOMPARE(form_->stages().rows()[0].seconds, 2 * 6e-3);
        document_->undoStack().undo();
        QVERIFY(document_->validSpec() == pipeline());
    }

    void measurementThatFails_saysWhyAndOneGivenUpNothing() {
        LayerMeasurement nobody("/no/such/program", *document_);
        QSignalSpy why(&nobody, &LayerMeasurement::failed);
        nobody.toggle();
        QTRY_COMPARE(why.count(), 1);
        QVERIFY(!nobody.busy());
        LayerMeasurement slow("/bin/sleep", *document_);
        QSignalSpy words(&slow, &LayerMeasurement::failed);
        slow.toggle();
        slow.toggle();
        QVERIFY(!slow.busy());
        QCOMPARE(words.count(), 0);
        QVERIFY(document_->validSpec() == pipeline());
    }

  private:
    std::unique_ptr<SettingsDocument> document_;
    std::unique_ptr<SetupForm> form_;
};

QTEST_MAIN(TestStageTable)
#include "tst_stage_table.moc"
