// Whoever goes by keyboard must see where they are, and not by a change of colour alone.
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QSlider>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>
#include <QtTest>
#include <memory>

#include "tests/support/ring_run.h"
#include "ui/widgets/bandwidth_view.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"
#include "ui/window/window_sheet.h"

using namespace rondo;
using namespace rondo::ui;

class tst_focus_marks : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        window_ = std::make_unique<QWidget>();
        window_->setStyleSheet(windowSheet(theme_));
        column_ = new QVBoxLayout(window_.get());
        other_ = new QLineEdit;
        column_->addWidget(other_);
    }
    void cleanup() { window_.reset(); }

    void views_haveAFrame_data() {
        QTest::addColumn<QString>("view");
        QTest::addColumn<bool>("run");
        for (const char* view : {"topology", "timeline", "bandwidth"}) {
            QTest::addRow("%s", view) << QString(view) << true;
            QTest::addRow("%s, empty", view) << QString(view) << false;
        }
    }
    void views_haveAFrame() {
        QFETCH(QString, view);
        QFETCH(bool, run);
        RunStore store;
        Focus focus;
        if (run) store.apply(test::RingRun{}.all());
        const auto with = [&](auto widget) {
            widget->setTheme(theme_);
            widget->setMinimumSize(400, 220);
            check(*widget, [&] { return widget->rect(); });
            delete widget;
        };
        if (view == QStringLiteral("topology"))
            with(new TopologyView(store, focus));
        else if (view == QStringLiteral("timeline"))
            with(new TimelineView(store, focus));
        else
            with(new BandwidthView(store, focus));
    }

    void controls_haveAFrame_data() {
        QTest::addColumn<QString>("control");
        for (const char* control : {"slider", "check box", "tabs", "fold", "field", "choice"})
            QTest::newRow(control) << QString(control);
    }
    void controls_haveAFrame() {
        QFETCH(QString, control);
        if (control == QStringLiteral("slider")) {
            auto* slider = new QSlider(Qt::Horizontal);
            check(*slider, [&] { return slider->rect(); });
        } else if (control == QStringLiteral("check box")) {
            auto* box = new QCheckBox(QStringLiteral("Overlap"));
            check(*box, [&] { return box->rect(); });
        } else if (control == QStringLiteral("tabs")) {
            auto* tabs = new QTabBar;
            tabs->addTab(QStringLiteral("Bandwidth"));
            tabs->addTab(QStringLiteral("Results"));
            // Without the line below the chosen tab: that stands there with and without the focus.
            check(*tabs, [&] { return tabs->tabRect(0).adjusted(2, 0, -2, -2); });
        } else if (control == QStringLiteral("fold")) {
            auto* fold = new QToolButton;
            fold->setFocusPolicy(Qt::StrongFocus);
            fold->setProperty("fold", "true");
            fold->setArrowType(Qt::DownArrow);
            check(*fold, [&] { return fold->rect(); });
        } else if (control == QStringLiteral("field")) {
            auto* field = new QLineEdit(QStringLiteral("32"));
            check(*field, [&] { return field->rect(); });
        } else {
            auto* choice = new QComboBox;
            choice->addItem(QStringLiteral("ring"));
            check(*choice, [&] { return choice->rect(); });
        }
    }

  private:
    /// How many pixels of the area's left edge, one in, are of the accent colour.
    int accented(QWidget& widget, QRect area) {
        const QImage image = widget.grab().toImage();
        int found = 0;
        for (int y = area.top(); y <= area.bottom(); ++y)
            found += image.pixelColor(area.left() + 1, y) == theme_.accent;
        return found;
    }
    void check(QWidget& widget, const std::function<QRect()>& area) {
        column_->addWidget(&widget);
        window_->show();
        QVERIFY(QTest::qWaitForWindowActive(window_.get()));
        other_->setFocus();
        const QSize size = widget.size();
        QCOMPARE(accented(widget, area()), 0);
        widget.setFocus(Qt::TabFocusReason);
        QVERIFY(widget.hasFocus());
        QVERIFY(accented(widget, area()) >= area().height() / 2);
        QCoreApplication::processEvents();
        QCOMPARE(widget.size(), size);  // nothing jumps
    }

    const Theme& theme_ = Theme::light();
    std::unique_ptr<QWidget> window_;
    QVBoxLayout* column_ = nullptr;
    QLineEdit* other_ = nullptr;
};

QTEST_MAIN(tst_focus_marks)
#include "tst_focus_marks.moc"
