#include <QAction>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>

#include "tests/support/compared_run.h"
#include "ui/panels/comparison_panel.h"
#include "ui/store/comparison_text.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::ComparedRun;

class tst_comparison_panel : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        kept_ = std::make_unique<KeptRuns>();
        panel_ = std::make_unique<ComparisonPanel>(*kept_, keep_, reference_);
        panel_->resize(1300, 230);
        panel_->show();
        QVERIFY(QTest::qWaitForWindowActive(panel_.get()));
    }
    void cleanup() { panel_.reset(); }

    void nothingKept_saysHowToComeByOne() {
        QVERIFY(!panel_->table().isVisible());
        QStringList words;
        for (const QLabel* label : panel_->findChildren<QLabel*>())
            if (label->isVisible()) words << label->text();
        QCOMPARE(words.filter("press K").size(), 1);
        for (const char* name : {"Copy", "Export…", "Remove", "Put back"})
            QVERIFY(!button(name)->isEnabled());
        ComparedRun{}.keepIn(*kept_);
        QVERIFY(panel_->table().isVisible());
        QVERIFY(button("Copy")->isEnabled() && button("Export…")->isEnabled());
    }

    void figures_standInTheirColumns() {
        ComparedRun{}.keepIn(*kept_);
        using M = ComparisonModel;
        QCOMPARE(cell(0, M::Name), QString("Ring"));
        QCOMPARE(cell(0, M::Workers), QString("4"));
        QCOMPARE(cell(0, M::Steps), QString("100"));
        QCOMPARE(cell(0, M::Seconds), QString("10\u00a0s"));
        QCOMPARE(cell(0, M::Payload).simplified(), QString("100 kB"));
        QCOMPARE(cell(0, M::Accuracy), QString("100.0 %"));
        QCOMPARE(cell(0, M::Loss), QString("0.0200"));
        QCOMPARE(cell(0, M::StepsToTarget), QString("90"));
        QCOMPARE(cell(0, M::SecondsToTarget), QString("9\u00a0s"));
        QCOMPARE(cell(0, M::Status), QString("finished"));
        QCOMPARE(cell(0, M::Algorithm), QString("4 workers in a ring, a chunk each"));
    }

    void target_isChosen() {
        ComparedRun{}.keepIn(*kept_);
        auto* target = panel_->findChild<QDoubleSpinBox*>();
        target->setValue(65);
        QCOMPARE(cell(0, ComparisonModel::StepsToTarget), QString("70"));
        const auto head =
            panel_->model().headerData(ComparisonModel::StepsToTarget, Qt::Horizontal, Qt::DisplayRole);
        QCOMPARE(head.toString(), QString("Steps to 65 %"));
    }

    void targetThatWasNotReached_isSaidInWords() {
        ComparedRun run{.report = R"({"status": "stopped"})"};
        auto events = run.events();
        std::erase_if(events, [](const Event& event) {
            const auto* test = std::get_if<Evaluated>(&event);
            return test && test->testAccuracy >= 0.9;
        });
        RunStore store;
        store.apply(events);
        kept_->keep(store);
        QCOMPARE(cell(0, ComparisonModel::SecondsToTarget), QString("never"));
    }

    void lostLoss_isNoNumber() {
        ComparedRun{.lostFrom = 50}.keepIn(*kept_);
        QCOMPARE(cell(0, ComparisonModel::Loss), QString("not a number"));
    }

    void seeds_haveARowOfMeanAndRange() {
        ComparedRun{.seed = 1, .height = 2}.keepIn(*kept_);
        ComparedRun{.seed = 2, .height = 4}.keepIn(*kept_);
        ComparedRun{.seed = 3, .height = 6, .lostFrom = 99}.keepIn(*kept_);
        QCOMPARE(panel_->model().rowCount(), 4);
        QCOMPARE(cell(3, ComparisonModel::Name), QString("Ring: mean of 3 seeds"));
        QCOMPARE(cell(3, ComparisonModel::Loss),
                 QString("2 of 3"));  // a mean of the healthy ones would flatter
        QCOMPARE(cell(3, ComparisonModel::Steps), QString("100"));
        kept_->remove(std::vector<int>{kept_->entries()[2].id});
        QCOMPARE(cell(2, ComparisonModel::Loss), QString("0.0300 (0.0200–0.0400)"));
        QVERIFY(!panel_->model().idOf(2));
        panel_->table().selectRow(2);  // a group is no run: there is nothing to remove
        QVERIFY(!button("Remove")->isEnabled());
        QTest::keyClick(&panel_->table(), Qt::Key_Delete);
        QCOMPARE(kept_->entries().size(), std::size_t(2));
        QTest::keyClick(&panel_->table(), Qt::Key_Space);
        QVERIFY(!kept_->groups()[0].asOne);
    }

    void range_tellsItsUnitOnce() {
        ComparedRun{.seed = 1, .report = R"({"status": "finished", "seconds": 0.25})"}.keepIn(*kept_);
        ComparedRun{.seed = 2, .report = R"({"status": "finished", "seconds": 0.75})"}.keepIn(*kept_);
        QCOMPARE(cell(2, ComparisonModel::Seconds).simplified().replace(QChar(0xa0), ' '),
                 QString("500 (250–750) ms"));
        kept_->remove(std::vector<int>{kept_->entries()[1].id});
        ComparedRun{.seed = 2, .begun = 9, .report = R"({"status": "finished", "seconds": 1.75})"}.keepIn(
            *kept_);
        QVERIFY(cell(2, ComparisonModel::Seconds).contains("250"));
        QCOMPARE(cell(2, ComparisonModel::Seconds).count("ms"), 1);
    }

    void keys_drawNameAndRemove() {
        ComparedRun{.begun = 1}.keepIn(*kept_);
        ComparedRun{.begun = 2}.keepIn(*kept_);
        QTableView& table = panel_->table();
        table.setFocus();
        table.selectRow(1);
        QTest::keyClick(&table, Qt::Key_Space);
        QVERIFY(kept_->entries()[0].shown && !kept_->entries()[1].shown);
        QTest::keyClick(&table, Qt::Key_Space);
        QVERIFY(kept_->entries()[1].shown);
        QTest::keyClick(&table, Qt::Key_F2);
        auto* field = table.findChild<QLineEdit*>();
        QVERIFY(field);
        field->selectAll();
        QTest::keyClicks(field, "Mine");
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE(kept_->entries()[1].name, QString("Mine"));
        table.setFocus();
        QTest::keyClick(&table, Qt::Key_Delete);
        QCOMPARE(kept_->entries().size(), std::size_t(1));
        QCOMPARE(table.currentIndex().row(), 0);  // the keyboard goes on from there
        QTest::mouseClick(button("Put back"), Qt::LeftButton);
        QCOMPARE(kept_->entries().size(), std::size_t(2));
        QCOMPARE(kept_->entries()[1].name, QString("Mine"));
    }

    void tickedByMouse_isDrawn() {
        ComparedRun{}.keepIn(*kept_);
        QTableView& table = panel_->table();
        const QRect name = table.visualRect(panel_->model().index(0, 0));
        QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, {name.left() + 12, name.center().y()});
        QVERIFY(!kept_->entries()[0].shown);
    }

    void everyRunThatIsSelected_isRemoved() {
        for (int i = 0; i < 30; ++i) ComparedRun{.steps = 10, .begun = i}.keepIn(*kept_);
        QCOMPARE(panel_->model().rowCount(), 30);
        panel_->table().selectAll();
        QTest::mouseClick(button("Remove"), Qt::LeftButton);
        QVERIFY(kept_->entries().empty());
        QVERIFY(!panel_->table().isVisible());
        QVERIFY(button("Put back")->isEnabled());
    }

    void copy_isTheWholeTable() {
        ComparedRun{}.keepIn(*kept_);
        QTest::mouseClick(button("Copy"), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), tabbedOf(*kept_, 0.9));
        QGuiApplication::clipboard()->clear();
        panel_->table().setFocus();
        QTest::keySequence(&panel_->table(), QKeySequence::Copy);
        QCOMPARE(QGuiApplication::clipboard()->text(), tabbedOf(*kept_, 0.9));
    }

    void exportedFile_holdsTheTable() {
        ComparedRun{.name = "α, β"}.keepIn(*kept_);
        panel_->findChild<QDoubleSpinBox*>()->setValue(50);
        QTemporaryDir folder;
        const QString path = folder.filePath("table.csv");
        QCOMPARE(panel_->exportTo(path), QString());
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(QString::fromUtf8(file.readAll()), csvOf(*kept_, 0.5));
        QVERIFY(panel_->exportTo(folder.filePath("no/such/folder.csv")).contains("can't be written"));
    }

    void smallPane_losesNoButton_data() {
        QTest::addColumn<QString>("theme");
        for (const char* theme : {"light", "projector"}) QTest::newRow(theme) << QString(theme);
    }
    void smallPane_losesNoButton() {
        QFETCH(QString, theme);
        panel_->setTheme(Theme::byName(theme));
        panel_->setStyleSheet(styleSheetOf(Theme::byName(theme)));
        ComparedRun{}.keepIn(*kept_);
        panel_->resize(panel_->minimumSizeHint());
        for (const QToolButton* one : panel_->findChildren<QToolButton*>()) {
            QVERIFY(panel_->rect().contains(QRect(one->mapTo(panel_.get(), QPoint()), one->size())));
            QVERIFY(one->width() >= one->fontMetrics().horizontalAdvance(one->text()));
        }
    }

  private:
    QString cell(int row, int column) {
        return panel_->model().index(row, column).data(Qt::DisplayRole).toString();
    }
    QToolButton* button(const QString& text) {
        for (QToolButton* one : panel_->findChildren<QToolButton*>())
            if (one->text() == text) return one;
        return nullptr;
    }
    QAction keep_{"Keep this run"}, reference_{"Run the reference"};
    std::unique_ptr<KeptRuns> kept_;
    std::unique_ptr<ComparisonPanel> panel_;
};

QTEST_MAIN(tst_comparison_panel)
#include "tst_comparison_panel.moc"
