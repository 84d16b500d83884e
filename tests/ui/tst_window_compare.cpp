// Runs kept for comparison, in the window.
#include <QAction>
#include <QLabel>
#include <QTabWidget>
#include <QTableView>
#include <QTest>

#include "tests/support/compared_run.h"
#include "tests/support/made_window.h"
#include "ui/panels/comparison_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/setup/reference.h"
#include "ui/widgets/curve_plot.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::ComparedRun;

class TestWindowCompare final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<test::WindowFolder>();
        window_ = folder_->open(false);
        window_->show();
        QVERIFY(QTest::qWaitForWindowActive(window_.get()));
        QTRY_VERIFY(window_->messages().text().contains("can't be kept running"));
        window_->messages().dismissAll();
    }
    void cleanup() { window_.reset(); }

    void k_keepsTheRunThatIsShown() {
        QVERIFY(!keep()->isEnabled());  // there is none
        QTest::keyClick(window_.get(), Qt::Key_K);
        QVERIFY(window_->kept().entries().empty());
        open(ComparedRun{.begun = 1});
        QVERIFY(keep()->isEnabled());
        QTest::keyClick(window_.get(), Qt::Key_K);
        QCOMPARE(window_->kept().entries().size(), std::size_t(1));
        QVERIFY(!keep()->isEnabled());
        QVERIFY(keep()->toolTip().contains("kept already"));
        QCOMPARE(lowerTabs().value(1), QString("Compare (1)"));
    }

    void recordingInTheMiddle_canNotBeKept() {
        open(ComparedRun{.begun = 1});
        window_->controller().reset();
        QTRY_VERIFY(!keep()->isEnabled());
        window_->controller().stop();  // shows the whole of it
        QTRY_VERIFY(keep()->isEnabled());
    }

    void keptRuns_outliveRunsSettingsAndUndo() {
        open(ComparedRun{.begun = 1});
        QTest::keyClick(window_.get(), Qt::Key_K);
        const auto run = window_->kept().entries()[0].run;
        window_->document().change("workers", 8, false);
        window_->document().undoStack().undo();
        window_->controller().clear();
        open(ComparedRun{.name = "Other", .steps = 20, .begun = 2});
        QTest::keyClick(window_.get(), Qt::Key_K);
        QCOMPARE(window_->kept().entries().size(), std::size_t(2));
        QCOMPARE(window_->kept().entries()[0].run, run);
        QCOMPARE(run->loss.size(), std::size_t(100));
        // And the other way round: undoing belongs to the settings, putting back to the table.
        const QString settings = window_->document().text();
        window_->kept().remove(std::vector<int>{window_->kept().entries()[0].id});
        QCOMPARE(window_->document().text(), settings);
        window_->document().undoStack().undo();
        QCOMPARE(window_->kept().entries().size(), std::size_t(1));
    }

    void keptCurves_areInThePlot() {
        open(ComparedRun{.begun = 1});
        const int before = window_->findChild<CurvePlot*>()->plot().graphCount();
        QTest::keyClick(window_.get(), Qt::Key_K);
        QVERIFY(window_->findChild<CurvePlot*>()->plot().graphCount() > before);
    }

    void reference_keepsWhatItIsComparedWith() {
        open(ComparedRun{.workers = 4, .begun = 1});
        QVERIFY(reference()->isEnabled());
        reference()->trigger();
        QVERIFY(window_->controller().busy());
        QCOMPARE(window_->kept().entries().size(), std::size_t(1));
        // Without a training process nothing comes of it, and nothing is kept.
        QTRY_VERIFY(!window_->controller().busy());
        QCOMPARE(window_->kept().entries().size(), std::size_t(1));
        QVERIFY(window_->findChild<ComparisonPanel*>()->isVisible());
    }

    void referenceItself_hasNone() {
        RunSpec alone = referenceOf(ComparedRun{}.spec());
        window_->document().load(alone);
        QVERIFY(!reference()->isEnabled());
        window_->document().load(ComparedRun{}.spec());
        QVERIFY(reference()->isEnabled());
    }

    void spaceInTheTable_ticksInsteadOfRunning() {
        open(ComparedRun{.begun = 1});
        QTest::keyClick(window_.get(), Qt::Key_K);
        auto* panel = window_->findChild<ComparisonPanel*>();
        window_->findChild<QTabWidget*>("lowerTabs")->setCurrentWidget(panel);
        panel->table().setFocus();
        panel->table().selectRow(0);
        QTest::keyClick(&panel->table(), Qt::Key_Space);
        QVERIFY(!window_->controller().busy());
        QVERIFY(!window_->kept().entries()[0].shown);
    }

    void thirtyKeptRuns_fitEveryTheme_data() {
        QTest::addColumn<QString>("theme");
        for (const char* theme : {"light", "dark", "projector"}) QTest::newRow(theme) << QString(theme);
    }
    void thirtyKeptRuns_fitEveryTheme() {
        QFETCH(QString, theme);
        const QSize before = window_->size();
        window_->setTheme(Theme::byName(theme));
        QCoreApplication::processEvents();
        const QSize least = window_->minimumSizeHint();
        for (int i = 0; i < 30; ++i) ComparedRun{.workers = i + 1, .begun = i}.keepIn(window_->kept());
        QCoreApplication::processEvents();
        QCOMPARE(window_->minimumSizeHint(), least);  // it scrolls instead of growing
        if (theme != "projector") QCOMPARE(window_->size(), before);
    }

  private:
    void open(const ComparedRun& run) {
        window_->openFile(folder_->write("run.rondo", test::streamOf(run.events())));
        QTRY_COMPARE(static_cast<int>(window_->store().steps().size()), run.steps);
        QTRY_VERIFY(window_->store().over());
    }
    QAction* action(const QString& name) const {
        for (QAction* one : window_->actions())
            if (one->text() == name) return one;
        return nullptr;
    }
    QAction* keep() const { return action("Keep this run"); }
    QAction* reference() const { return action("Run the reference"); }
    QStringList lowerTabs() const {
        QStringList names;
        const auto* tabs = window_->findChild<QTabWidget*>("lowerTabs");
        for (int i = 0; i < tabs->count(); ++i) names << tabs->tabText(i);
        return names;
    }
    std::unique_ptr<test::WindowFolder> folder_;
    std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(TestWindowCompare)
#include "tst_window_compare.moc"
