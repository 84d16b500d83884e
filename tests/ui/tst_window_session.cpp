// What the window remembers, and what it makes of files that changed meanwhile.
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTest>
#include <QTimer>

#include "tests/support/made_window.h"
#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

std::string settingsWithBatch(int batch) {
    return R"({"name": "Mine", "stop": {"steps": 5}, "batch": )" + std::to_string(batch) + "}";
}

}  // namespace

class TestWindowSession final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() { folder_ = std::make_unique<test::WindowFolder>(); }

    void savedSettings_areReadFromDiskAgain() {
        leaveWith("mine.json", 8, {});
        folder_->write("mine.json", settingsWithBatch(99));
        auto window = folder_->open();
        QCOMPARE(window->document().validSpec().batch, 99);
        QVERIFY(!window->document().dirty() && !window->document().undoStack().canUndo());
        QCOMPARE(window->messages().count(), 0);
    }

    void unsavedSettings_stayAndAChangedFileIsTold_data() {
        QTest::addColumn<bool>("changed");
        QTest::newRow("file changed") << true;
        QTest::newRow("file as it was") << false;
    }
    void unsavedSettings_stayAndAChangedFileIsTold() {
        QFETCH(bool, changed);
        leaveWith("mine.json", 8, 16);
        if (changed) folder_->write("mine.json", settingsWithBatch(99));
        auto window = folder_->open();
        QCOMPARE(window->document().validSpec().batch, 16);
        QVERIFY(window->document().dirty());
        QCOMPARE(window->messages().count(), changed ? 1 : 0);
        QCOMPARE(window->messages().text().contains("mine.json has been changed"), changed);
    }

    void removedSettings_areShownUnsaved() {
        const QString file = leaveWith("mine.json", 8, {});
        QVERIFY(QFile::remove(file));
        auto window = folder_->open();
        QCOMPARE(window->document().validSpec().batch, 8);
        QVERIFY(window->document().dirty());
        QVERIFY(window->messages().text().contains("can't be read any more"));
    }

    void recordingThatCantBeShown_isToldOnceAndTheWelcomeRunIsThere_data() {
        QTest::addColumn<QByteArray>("bytes");
        RunEnded failed;
        failed.state = RunState::Failed;
        failed.report = R"({"status":"failed","error":"no such folder"})";
        QTest::newRow("failed before it began") << QByteArray::fromStdString(test::streamOf({failed}));
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("not a recording") << QByteArray("hello");
    }
    void recordingThatCantBeShown_isToldOnceAndTheWelcomeRunIsThere() {
        QFETCH(QByteArray, bytes);
        folder_->session().keepRecording(folder_->write("last.rondo", bytes.toStdString()));
        {
            auto window = folder_->open();
            QTRY_VERIFY(window->store().hasRun());
            QVERIFY(window->controller().recordingFile().endsWith("welcome.rondo"));
            QVERIFY(window->messages().text().contains("last.rondo"));
        }
        auto window = folder_->open();
        QTRY_VERIFY(window->store().hasRun());
        QCOMPARE(window->messages().count(), 0);
    }

    void fileGiven_leavesTheRecordingOfLastTimeAlone() {
        folder_->session().keepRecording(folder_->write("last.rondo", test::streamOf(test::madeRun(12))));
        auto window = folder_->open(false);
        window->openFile(folder_->write("mine.json", settingsWithBatch(8)));
        RecordingLoader later;
        QSignalSpy loaded(&later, &RecordingLoader::loaded);
        later.load(folder_->write("other.rondo", test::streamOf(test::madeRun(2000))));
        QTRY_COMPARE(loaded.count(), 1);
        QVERIFY(!window->store().hasRun());
    }

    void whatWasOnTheScreen_comesBack_data() {
        QTest::addColumn<bool>("cleared");
        QTest::newRow("a recording") << false;
        QTest::newRow("nothing any more") << true;
    }
    void whatWasOnTheScreen_comesBack() {
        QFETCH(bool, cleared);
        {
            auto window = folder_->open(false);
            window->openFile(folder_->write("run.rondo", test::streamOf(test::madeRun(12))));
            QTRY_VERIFY(!window->store().report().isEmpty());
            if (cleared) window->controller().clear();
            window->close();
        }
        auto window = folder_->open();
        window->show();
        RecordingLoader later;  // with more to read: what the window reads is through by then
        QSignalSpy loaded(&later, &RecordingLoader::loaded);
        later.load(folder_->write("other.rondo", test::streamOf(test::madeRun(2000))));
        QTRY_COMPARE(loaded.count(), 1);
        if (cleared)
            QCOMPARE(window->topBar().status(), QString("Ready"));
        else
            QTRY_COMPARE(window->store().steps().size(), std::size_t(12));
    }

    void guess_comesBackAndIsNotComparedWithWhatIsThereAgain() {
        {
            auto window = folder_->open(false);
            window->openFile(folder_->write("run.rondo", test::streamOf(test::madeRun(12))));
            QTRY_VERIFY(!window->store().report().isEmpty());
            window->guess().setGuess(0.9, 24.0);
            window->close();
        }
        auto window = folder_->open();
        QCOMPARE(*window->guess().accuracy(), 0.9);
        QCOMPARE(*window->guess().seconds(), 24.0);
        QTRY_VERIFY(!window->store().report().isEmpty());
        QVERIFY(!window->guess().showsOutcome());
    }

    void saving_isSaidInTheStatusBar() {
        auto window = folder_->open(false);
        window->show();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        window->openFile(folder_->write("mine.json", settingsWithBatch(8)));
        window->document().change("batch", 16, false);
        QTest::keyClick(window.get(), Qt::Key_S, Qt::ControlModifier);
        QVERIFY(!window->document().dirty());
        QCOMPARE(window->statusBar()->currentMessage(), QString("Saved: mine.json"));
    }

    void openedFile_isTakenBackByOneUndo() {
        auto window = folder_->open(false);
        QVERIFY(!window->document().undoStack().canUndo());
        window->document().change("batch", 77, false);  // of a preset: nobody asks
        window->openFile(folder_->write("mine.json", settingsWithBatch(8)));
        QCOMPARE(window->document().validSpec().batch, 8);
        window->document().undoStack().undo();
        QCOMPARE(window->document().validSpec().batch, 77);
        QVERIFY(window->document().file().isEmpty());
    }

    void undoneOverASavedFile_isNotTakenForAnotherProgramsChange() {
        {
            auto window = folder_->open(false);
            window->openFile(folder_->write("mine.json", settingsWithBatch(8)));
            window->document().load(RunSpec{});
            window->document().undoStack().undo();
            window->close();
        }
        auto window = folder_->open(false);
        QVERIFY(window->document().file().endsWith("mine.json"));
        QCOMPARE(window->messages().count(), 0);
    }

    void failedBeforeItBegan_isInTheStatus() {
        folder_->session().keepRecording(folder_->write("last.rondo", test::streamOf(test::madeRun(1))));
        auto window = folder_->open(false);
        QCOMPARE(window->topBar().status(), QString("Ready"));
        RunEnded failed;
        failed.state = RunState::Failed;
        failed.report = R"({"status":"failed","error":"data.path: no such folder"})";
        window->store().apply(std::vector<Event>{failed});
        QCOMPARE(window->topBar().status(), QString("Failed: data.path: no such folder"));
        QVERIFY(window->topBar().badge()->isHidden());
    }

    void saveAs_addsTheSuffixBeforeItAsks() {
        const std::string others = settingsWithBatch(99);
        folder_->write("taken.json", others);
        auto window = folder_->open(false);
        window->show();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        bool asked = false;
        QTimer answer;
        connect(&answer, &QTimer::timeout, this, [&] {
            auto* open = QApplication::activeModalWidget();
            if (auto* question = qobject_cast<QMessageBox*>(open)) {
                asked = true;
                question->button(QMessageBox::No)->click();
            } else if (auto* dialog = qobject_cast<QFileDialog*>(open)) {
                if (asked) return dialog->reject();
                dialog->setDirectory(folder_->path({}));
                dialog->findChild<QLineEdit*>()->setText("taken");
                QMetaObject::invokeMethod(dialog, "accept", Qt::QueuedConnection);
            }
        });
        answer.start(0);
        QTest::keyClick(window.get(), Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(asked);
        QCOMPARE(folder_->read("taken.json"), QByteArray::fromStdString(others));
    }

    void saveAs_beginsInAFolderThatIsThere() {
        auto window = folder_->open(false);
        window->show();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        window->document().change("name", "A/B", false);
        QString place, name;
        QTimer::singleShot(0, this, [&] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            if (!dialog) return;
            place = dialog->directory().absolutePath();
            name = dialog->findChild<QLineEdit*>()->text();
            dialog->reject();
        });
        QTest::keyClick(window.get(), Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(place != "/" && QFileInfo(place).isDir());
        QCOMPARE(name, QString("A_B.json"));
    }

  private:
    /// A session that had a file open, with an unsaved change of it or none.
    QString leaveWith(const QString& name, int saved, std::optional<int> unsaved) {
        const QString file = folder_->write(name, settingsWithBatch(saved));
        auto window = folder_->open(false);
        window->openFile(file);
        if (unsaved) window->document().change("batch", *unsaved, false);
        window->close();
        return file;
    }
    std::unique_ptr<test::WindowFolder> folder_;
};

QTEST_MAIN(TestWindowSession)
#include "tst_window_session.moc"
