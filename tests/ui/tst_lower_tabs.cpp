// What lies beside the timeline, as a person gets there.
#include <QAction>
#include <QMenu>
#include <QMenuBar>
#include <QTabWidget>
#include <QToolButton>
#include <QtTest>

#include "tests/support/made_window.h"
#include "ui/panels/compression_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/race_panel.h"
#include "ui/panels/race_setup.h"
#include "ui/panels/staleness_panel.h"
#include "ui/widgets/chunk_grid.h"
#include "ui/widgets/chunk_view.h"
#include "ui/widgets/schedule_view.h"
#include "ui/widgets/timeline_view.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::WindowFolder;

class tst_lower_tabs : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        folder_ = std::make_unique<WindowFolder>();
        window_ = folder_->open(false);
        window_->show();
        window_->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    }
    void cleanup() { window_.reset(); }

    void keys_openEachTab() {
        press(Qt::Key_3);
        QVERIFY(pane<ChunkView>()->isVisible());
        press(Qt::Key_4);
        QVERIFY(pane<CompressionPanel>()->isVisible());
        press(Qt::Key_5);
        QVERIFY(pane<StalenessPanel>()->isVisible());
        press(Qt::Key_7);
        QVERIFY(pane<RacePanel>()->isVisible());
        press(Qt::Key_1);
        QVERIFY(pane<TimelineView>()->isVisible());
    }

    void menu_namesEveryTab() {
        auto* tabs = window_->findChild<QTabWidget*>(QStringLiteral("lowerTabs"));
        QStringList named;
        for (const QAction* action : window_->menuBar()->actions())
            if (action->text() == QLatin1String("&View"))
                for (const QAction* one : action->menu()->actions()) named << one->text();
        for (int i = 0; i < tabs->count(); ++i)
            QVERIFY2(named.contains(tabs->tabText(i)), qPrintable(tabs->tabText(i)));
    }

    void chunks_takeTheArrowKeysAtOnce() {
        press(Qt::Key_3);
        auto* chunks = pane<ChunkView>();
        QCOMPARE(window_->focusWidget(), static_cast<QWidget*>(pane<ChunkGrid>()));
        QVERIFY(chunks->rounds() > 0);
        QTest::keyClick(window_->focusWidget(), Qt::Key_Right);
        QCOMPARE(chunks->done(), std::size_t{1});
        QTest::keyClick(window_->focusWidget(), Qt::Key_End);
        QCOMPARE(chunks->done(), chunks->rounds());
    }

    void chunks_followTheForm() {
        press(Qt::Key_3);
        auto* chunks = pane<ChunkView>();
        window_->document().change("workers", 6, false);
        QCOMPARE(chunks->rounds(), std::size_t{10});
        window_->document().change("algorithm.collective", "tree", false);
        QCOMPARE(chunks->rounds(), std::size_t{6});
        window_->document().undoStack().undo();
        QCOMPARE(chunks->rounds(), std::size_t{10});
    }

    void schedules_followTheForm_andCanHaveMoreRoom() {
        press(Qt::Key_7);
        auto* race = pane<RacePanel>();
        QCOMPARE(window_->focusWidget(), static_cast<QWidget*>(&race->view()));
        window_->document().change("workers", 3, false);
        window_->document().change("algorithm",
                                   boost::json::object{{"kind", "pipeline"}, {"micro_batches", 8}}, false);
        QCOMPARE(race->setup().settings().stages, 3);
        const int before = race->height();
        for (auto* one : race->findChildren<QToolButton*>())
            if (one->text() == QLatin1String("Enlarge")) one->click();
        QTRY_VERIFY(race->height() > before + 80);
        for (auto* one : race->findChildren<QToolButton*>())
            if (one->text() == QLatin1String("Enlarge")) one->click();
        QTRY_COMPARE(race->height(), before);
    }

    void chunksWithAndWithoutPicture_changeNoSplitter() {
        press(Qt::Key_3);
        const QRect before = pane<ChunkView>()->geometry();
        window_->document().change("algorithm", boost::json::object{{"kind", "gossip"}}, false);
        QCOMPARE(pane<ChunkView>()->rounds(), std::size_t{0});
        QCOMPARE(pane<ChunkView>()->geometry(), before);
    }

    void window_fitsASmallScreenInEveryTheme_data() {
        QTest::addColumn<QString>("theme");
        for (const char* name : {"light", "dark", "projector"}) QTest::newRow(name) << QString(name);
    }
    void window_fitsASmallScreenInEveryTheme() {
        QFETCH(QString, theme);
        window_->setTheme(Theme::byName(theme));
        for (const Qt::Key key : {Qt::Key_3, Qt::Key_4, Qt::Key_5, Qt::Key_7}) {
            press(key);
            QCoreApplication::processEvents();
            QVERIFY2(window_->minimumSizeHint().height() <= 768 && window_->minimumSizeHint().width() <= 1366,
                     qPrintable(QStringLiteral("%1×%2")
                                    .arg(window_->minimumSizeHint().width())
                                    .arg(window_->minimumSizeHint().height())));
        }
        // A deadlock of four, which takes two lines in large type.
        window_->resize(1366, 768);
        window_->messages().show(
            Severity::Error,
            "The run failed. deadlock: rank 0 waits for a message from rank 1; rank 1 waits for a message "
            "from rank 2; rank 2 waits for a message from rank 3; rank 3 waits for a message from rank 0");
        QCoreApplication::processEvents();
        QVERIFY(window_->messages().isVisible());
        QCOMPARE(window_->size(), QSize(1366, 768));
    }

  private:
    void press(Qt::Key key) { QTest::keyClick(window_.get(), key, Qt::ControlModifier); }
    template <class Pane>
    Pane* pane() const {
        return window_->findChild<Pane*>();
    }

    std::unique_ptr<WindowFolder> folder_;
    std::unique_ptr<MainWindow> window_;
};

QTEST_MAIN(tst_lower_tabs)
#include "tst_lower_tabs.moc"
