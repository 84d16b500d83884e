#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "engine/config/run_spec_json.h"
#include "ui/setup/number_edit.h"
#include "ui/setup/presets.h"
#include "ui/setup/settings_document.h"

using namespace rondo;
using namespace rondo::ui;

class TestSetupHistory final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void keystrokesOfOneField_areOneUndo() {
        SettingsDocument document;
        const auto batch = document.validSpec().batch;
        for (const int typed : {1, 12, 128}) document.change("batch", typed, true);
        QCOMPARE(document.validSpec().batch, 128);
        QCOMPARE(document.undoStack().count(), 1);
        document.undoStack().undo();
        QCOMPARE(document.validSpec().batch, batch);
        document.undoStack().redo();
        QCOMPARE(document.validSpec().batch, 128);
    }

    void anotherFieldOrAnotherVisit_isAnotherUndo() {
        SettingsDocument document;
        document.change("batch", 8, true);
        document.change("workers", 2, true);
        document.endTyping();
        document.change("workers", 3, true);
        QCOMPARE(document.undoStack().count(), 3);
    }

    void invalidValue_isNamedAndTheLastValidSpecStays() {
        SettingsDocument document;
        document.change("batch", 64, true);
        document.change("batch", -1, true);
        QCOMPARE(document.problems().size(), std::size_t(1));
        QCOMPARE(document.problems()[0].where, std::string("batch"));
        QCOMPARE(document.validSpec().batch, 64);
    }

    void changedKind_hasItsOwnRowsAndUndoBringsTheOldOnesBack() {
        SettingsDocument document;
        document.change("optimizer.momentum", 0.9, true);
        const auto has = [&](const char* path) {
            for (const FormRow& row : document.rows())
                if (row.path == path) return true;
            return false;
        };
        document.change("optimizer.kind", "adam", false);
        QVERIFY(has("optimizer.beta1") && !has("optimizer.momentum"));
        document.undoStack().undo();
        QVERIFY(has("optimizer.momentum"));
        QCOMPARE(std::get<SgdOptimizer>(document.validSpec().optimizer).momentum, 0.9);
    }

    void takenAwayOptional_isNotSet() {
        SettingsDocument document;
        document.change("stop.epochs", 2, true);
        document.change("stop.steps", boost::json::value(), true);
        QVERIFY(document.problems().empty());
        QVERIFY(!document.validSpec().stop.steps);
    }

    void savedSettings_openTheSameAndAreClean() {
        QTemporaryDir folder;
        const QString file = folder.filePath("run.json");
        SettingsDocument document;
        document.change("batch", 17, true);
        QVERIFY(document.dirty());
        QCOMPARE(document.save(file), QString());
        QVERIFY(!document.dirty());
        SettingsDocument again;
        QVERIFY(again.open(file).ok());
        QVERIFY(again.validSpec() == document.validSpec());
        QVERIFY(!document.save(folder.filePath("missing/run.json")).isEmpty());
    }

    void loadedSettings_areOneUndoThatBringsBackTheFileToo() {
        QTemporaryDir folder;
        SettingsDocument document;
        QCOMPARE(document.save(folder.filePath("run.json")), QString());
        document.change("batch", 17, false);
        RunSpec other;
        other.name = "Other";
        other.stop.steps = 5;
        document.load(other);
        QVERIFY(document.validSpec() == other);
        QVERIFY(document.file().isEmpty() && !document.dirty());
        QSignalSpy title(&document, &SettingsDocument::titleChanged);
        document.undoStack().undo();
        QCOMPARE(document.validSpec().batch, 17);
        QCOMPARE(document.file(), folder.filePath("run.json"));
        QVERIFY(document.dirty() && title.count() > 0);
        document.undoStack().undo();
        QVERIFY(!document.dirty());
        document.undoStack().redo();
        document.undoStack().redo();
        QVERIFY(document.validSpec() == other);
        QVERIFY(document.file().isEmpty() && !document.dirty());
    }

    void valueTypedBack_isNoChange() {
        SettingsDocument document;
        const auto batch = document.validSpec().batch;
        document.change("batch", 17, false);
        QVERIFY(document.dirty());
        document.change("batch", batch, false);
        QVERIFY(!document.dirty());
    }

    void halfTypedSettings_comeBackAsTheyWere() {
        SettingsDocument document;
        document.change("batch", "lots", true);
        SettingsDocument again;
        QVERIFY(again.restore(document.text(), {}, true));
        QCOMPARE(again.problems(), document.problems());
        QVERIFY(again.dirty());
        QVERIFY(!again.restore("{ not json", {}, false));
    }

    void arrows_goInUsefulSteps_data() {
        QTest::addColumn<double>("from");
        QTest::addColumn<bool>("up");
        QTest::addColumn<double>("to");
        QTest::addColumn<bool>("whole");
        QTest::newRow("learning rate up") << 0.1 << true << 0.2 << false;
        QTest::newRow("learning rate down") << 0.1 << false << 0.05 << false;
        QTest::newRow("small whole") << 4.0 << true << 5.0 << true;
        QTest::newRow("large whole up") << 8000.0 << true << 10000.0 << true;
        QTest::newRow("large whole down") << 8000.0 << false << 5000.0 << true;
        QTest::newRow("from zero") << 0.0 << true << 0.1 << false;
    }
    void arrows_goInUsefulSteps() {
        QFETCH(double, from);
        QFETCH(bool, up);
        QFETCH(double, to);
        QFETCH(bool, whole);
        QCOMPARE(NumberEdit::stepped(from, up, {0, 1e9, whole}), to);
    }

    void everyPreset_isListedAndCanBeUsed() {
        const auto presets = findPresets(QStringLiteral(RONDO_ROOT "/resources/runs"));
        QVERIFY(presets.size() >= 4);
        for (const Preset& preset : presets) {
            QVERIFY2(!preset.title.isEmpty() && !preset.hint.isEmpty(), qPrintable(preset.file));
            const auto spec = loadRunSpec(preset.file.toStdString());
            QVERIFY2(spec.ok(), qPrintable(preset.file));
        }
    }
};

QTEST_GUILESS_MAIN(TestSetupHistory)
#include "tst_setup_history.moc"
