#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QTest>
#include <QToolButton>
#include <boost/json/parse.hpp>

#include "ui/setup/number_edit.h"
#include "ui/setup/setup_form.h"
#include "ui/window/window_sheet.h"

using namespace rondo;
using namespace rondo::ui;

class TestSetupForm final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        document_ = std::make_unique<SettingsDocument>();
        form_ = std::make_unique<SetupForm>(*document_);
        form_->resize(330, 700);
        form_->show();
        QVERIFY(QTest::qWaitForWindowExposed(form_.get()));
    }
    void cleanup() {
        form_.reset();
        document_.reset();
    }

    void everyRow_hasAnEditor() {
        for (const FormRow& row : document_->rows()) QVERIFY2(form_->editor(row.path), row.path.c_str());
    }

    void namesFieldsAndFolder_canBeRead_data() {
        QTest::addColumn<QString>("theme");
        for (const char* theme : {"light", "projector"}) QTest::newRow(theme) << QString::fromLatin1(theme);
    }
    void namesFieldsAndFolder_canBeRead() {
        QFETCH(QString, theme);
        const Theme& colours = Theme::byName(theme);
        form_->setStyleSheet(windowSheet(colours));
        form_->setTheme(colours);
        form_->resize(130 + colours.fontPixels * 14, 700);
        auto* kind = static_cast<QComboBox*>(form_->editor("data.kind")->field());
        kind->setCurrentIndex(kind->findData("idx"));
        Q_EMIT kind->activated(kind->currentIndex());
        QCoreApplication::processEvents();
        for (const FormRow& row : document_->rows()) {
            QWidget* name = form_->editor(row.path)->label();
            if (!name || !name->isVisible()) continue;
            QVERIFY2(name->height() >= name->heightForWidth(name->width()), row.path.c_str());
            const QFontMetrics metrics(name->font());
            for (const QString& word : static_cast<QLabel*>(name)->text().split(' '))
                QVERIFY2(metrics.horizontalAdvance(word) <= name->width(), row.path.c_str());
        }
        for (const FormRow& row : document_->rows()) {
            const SettingEditor& editor = *form_->editor(row.path);
            if (!editor.isVisible()) continue;
            const int right = editor.mapTo(form_->viewport(), editor.rect().topRight()).x();
            QVERIFY2(right < form_->viewport()->width(), row.path.c_str());
        }
        auto* folder = static_cast<QLineEdit*>(form_->editor("data.path")->field());
        folder->setText(QStringLiteral("/home/teacher/data/mnist-10k"));
        Q_EMIT folder->textEdited(folder->text());
        QVERIFY(folder->width() > form_->width() / 2);
        QCOMPARE(folder->toolTip(), folder->text());
    }

    void typedNumber_reachesTheSettings() {
        type("batch", "48");
        QCOMPARE(document_->validSpec().batch, 48);
    }

    void impossibleValue_isToldBesideTheField() {
        type("batch", "-1");
        SettingEditor* editor = form_->editor("batch");
        QVERIFY(editor->problem().contains("-1"));
        QCOMPARE(document_->validSpec().batch, 32);
        type("batch", "16");
        QVERIFY(editor->problem().isEmpty());
    }

    void text_whereANumberBelongs_isToldAndNotLost() {
        type("workers", "four");
        QVERIFY(form_->editor("workers")->problem().contains("four"));
        QCOMPARE(static_cast<NumberEdit*>(form_->editor("workers")->field())->typed(), QString("four"));
    }

    void missingStopCondition_isToldAtItsSection() {
        type("stop.steps", "");
        QVERIFY(form_->editor("stop")->problem().contains("at least one"));
    }

    void chosenKind_changesTheRows() {
        auto* box = static_cast<QComboBox*>(form_->editor("data.kind")->field());
        box->setCurrentIndex(box->findData("spirals"));
        Q_EMIT box->activated(box->currentIndex());
        QVERIFY(form_->editor("data.arms"));
        document_->undoStack().undo();
        QVERIFY(!form_->editor("data.arms"));
    }

    void exception_canBeAddedAndRemoved() {
        QVERIFY(!form_->editor("cluster.overrides.0.speed"));
        form_->editor("cluster.overrides")->addButton()->click();
        QVERIFY(form_->editor("cluster.overrides.0.speed"));
        QCOMPARE(document_->validSpec().cluster.overrides.size(), std::size_t(1));
        form_->editor("cluster.overrides.0")->removeButton()->click();
        QVERIFY(document_->validSpec().cluster.overrides.empty());
    }

    void fault_isAddedAsOneThatCanRun_andAnyCanBeRemoved() {
        for (int i = 0; i < 3; ++i) form_->editor("faults")->addButton()->click();
        QVERIFY(document_->problems().empty());
        QCOMPARE(document_->validSpec().faults.size(), std::size_t(3));
        for (int i = 0; i < 3; ++i)
            type(("faults." + std::to_string(i) + ".worker").c_str(), std::to_string(i).c_str());
        form_->editor("faults.1")->removeButton()->click();
        QCOMPARE(document_->validSpec().faults.size(), std::size_t(2));
        QCOMPARE(document_->validSpec().faults[0].worker, 0);
        QCOMPARE(document_->validSpec().faults[1].worker, 2);
        document_->undoStack().undo();
        QCOMPARE(document_->validSpec().faults[1].worker, 1);
    }

    void exceptions_beginWithAWorkerThatHasNone() {
        for (int i = 0; i < 4; ++i) form_->editor("cluster.overrides")->addButton()->click();
        QVERIFY(document_->problems().empty());
    }

    void settingsOfAFault_areThoseOfItsKind() {
        document_->change("run_on", "virtual", false);
        form_->editor("faults")->addButton()->click();
        QVERIFY(!form_->editor("faults.0.peer"));
        QVERIFY(form_->editor("faults.0.factor") && form_->editor("faults.0.for_seconds"));
        document_->change("faults.0.kind", "kill", false);
        QVERIFY(!form_->editor("faults.0.factor") && !form_->editor("faults.0.for_seconds"));
        document_->change("faults.0.kind", "cut_link", false);
        QVERIFY(form_->editor("faults.0.peer")->problem().contains("peer") ||
                form_->editor("faults.0.peer")->problem().contains("expected another rank"));
        type("faults.0.peer", "3");
        QCOMPARE(QString::fromStdString(textOf(document_->problems())), QString());
        // The peer goes with the link, in the same undoable change.
        document_->change("faults.0.kind", "slow", false);
        QVERIFY(document_->problems().empty());
        QVERIFY(!document_->validSpec().faults[0].peer);
        document_->undoStack().undo();
        QCOMPARE(document_->validSpec().faults[0].peer, std::optional<std::int64_t>(3));
    }

    void settingThatDoesNotApply_isShownWhileItIsGiven() {
        RunSpec spec;
        spec.stop.steps = 10;
        document_->load(spec);
        document_->change("faults",
                          boost::json::parse(R"([{"kind":"slow","worker":1,"peer":2,"at_step":3}])"), false);
        QVERIFY(form_->editor("faults.0.peer"));
        QVERIFY(!form_->editor("faults.0.peer")->problem().isEmpty());
        type("faults.0.peer", "");
        QVERIFY(document_->problems().empty());
    }

    void problemInAClosedSection_opensIt() {
        SettingEditor* editor = form_->editor("cluster.device_gflops");
        QVERIFY(!editor->isVisible());
        document_->change("cluster.device_gflops", -5, false);
        QVERIFY(form_->editor("cluster.device_gflops")->isVisible());
    }

    void wordOfASection_opensAndClosesIt() {
        SettingEditor* inside = form_->editor("cluster.device_gflops");
        QVERIFY(!inside->isVisible());
        QWidget* word = form_->editor("cluster")->label();
        QTest::mouseClick(word, Qt::LeftButton);
        QVERIFY(inside->isVisible());
        QVERIFY(!form_->closedSections().contains("cluster"));
        QTest::mouseClick(word, Qt::LeftButton);
        QVERIFY(!inside->isVisible());
    }

    void aFileAndAFolder_areChosenAsWhatTheyAre() {
        for (const auto& [kind, words] :
             {std::pair("idx", "Choose a folder"), std::pair("text", "Choose a file")}) {
            document_->change("data.kind", kind, false);
            QCoreApplication::processEvents();
            const auto* browse = form_->editor("data.path")->findChild<QToolButton*>();
            QVERIFY(browse);
            QCOMPARE(browse->accessibleName(), QString(words));
        }
    }

    void placeARunFailedOn_isMarkedUntilTheNextChange() {
        document_->change("data.kind", "idx", false);
        document_->change("data.path", "nowhere", false);
        form_->blame("data.path", "nowhere: this folder doesn't exist");
        QVERIFY(form_->editor("data.path")->problem().contains("doesn't exist"));
        document_->change("data.path", "somewhere", false);
        QVERIFY(form_->editor("data.path")->problem().isEmpty());
    }

    void listOfWidths_isReadAsTyped() {
        type("model.hidden", "64, 32");
        const auto hidden = std::get<MlpModel>(document_->validSpec().model).hidden;
        QCOMPARE(hidden, (std::vector<std::int64_t>{64, 32}));
        type("model.hidden", "64, x");
        QVERIFY(!form_->editor("model.hidden")->problem().isEmpty());
    }

    void undoKey_takesBackAnArrowPress() {
        auto* field = static_cast<NumberEdit*>(form_->editor("batch")->field());
        field->setFocus();
        QTest::keyClick(field, Qt::Key_Up);
        const auto raised = document_->validSpec().batch;
        QVERIFY(raised != 32);
        QTest::keyClick(field, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(document_->validSpec().batch, 32);
        QCOMPARE(field->typed(), QString("32"));
        QTest::keyClick(field, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(document_->validSpec().batch, raised);
        QTest::keyClick(field, Qt::Key_Z, Qt::ControlModifier);
        QTest::keyClick(field, Qt::Key_Y, Qt::ControlModifier);
        QCOMPARE(document_->validSpec().batch, raised);
    }

    void undoKey_isLeftToTheWindow() {
        for (const char* path : {"batch", "name"}) {
            QWidget* field = form_->editor(path)->field();
            QKeyEvent asked(QEvent::ShortcutOverride, Qt::Key_Z, Qt::ControlModifier);
            asked.ignore();
            QCoreApplication::sendEvent(field, &asked);
            QVERIFY2(!asked.isAccepted(), path);
        }
    }

    void chosenKind_leavesTheFormWhereItWas() {
        form_->resize(330, 300);
        auto* box = static_cast<QComboBox*>(form_->editor("algorithm.kind")->field());
        box->setFocus();
        form_->ensureWidgetVisible(box);
        QTRY_VERIFY(form_->verticalScrollBar()->value() > 100);
        const int scrolled = form_->verticalScrollBar()->value();
        document_->change("algorithm.kind", "single", false);
        QVERIFY(form_->editor("algorithm.kind")->field() != box);
        QCoreApplication::processEvents();
        QWidget* again = form_->editor("algorithm.kind")->field();
        QVERIFY(again->hasFocus());
        QVERIFY(std::abs(form_->verticalScrollBar()->value() - scrolled) <= 30);
        QVERIFY(form_->viewport()->rect().contains(again->mapTo(form_->viewport(), again->rect().center())));
    }

    void tabStops_areInTheOrderOfTheRows() {
        const auto check = [this] {
            int before = -1;
            QWidget* page = form_->widget();
            for (QWidget* stop : form_->tabOrder()) {
                if (!stop->isVisible()) continue;
                const QPoint at = stop->mapTo(page, QPoint());
                QVERIFY(at.y() >= before - 4);  // an arrow stands in the line of its field
                before = at.y();
            }
            QVERIFY(before > 100);
        };
        check();
        document_->change("data.kind", "spirals", false);
        QCoreApplication::processEvents();
        check();
    }

  private:
    void type(const char* path, const char* text) {
        QWidget* field = form_->editor(path)->field();
        auto* line = qobject_cast<QLineEdit*>(field);
        if (!line) line = field->findChild<QLineEdit*>();
        QVERIFY(line);
        line->selectAll();
        if (*text)
            QTest::keyClicks(line, text);
        else
            QTest::keyClick(line, Qt::Key_Delete);
    }
    std::unique_ptr<SettingsDocument> document_;
    std::unique_ptr<SetupForm> form_;
};

QTEST_MAIN(TestSetupForm)
#include "tst_setup_form.moc"
