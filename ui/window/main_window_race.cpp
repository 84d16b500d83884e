// The race of schedules, as far as the window has a hand in it.
#include <QSplitter>
#include <QStatusBar>

#include "ui/panels/message_bar.h"
#include "ui/panels/race_panel.h"
#include "ui/window/main_window.h"

namespace rondo::ui {

namespace {
constexpr double kEnlarged = 0.72;  ///< of the height, for what lies below
}

void MainWindow::makeRace() {
    connect(race_, &RacePanel::saved, this,
            [this](const QString& file) { statusBar()->showMessage(tr("Saved: %1").arg(file), 6000); });
    connect(race_, &RacePanel::saveFailed, this,
            [this](const QString& why) { messages_->show(Severity::Error, why); });
    connect(race_, &RacePanel::enlargeWanted, this, [this, before = QList<int>()](bool on) mutable {
        const QList<int> now = rows_->sizes();
        if (!on) return rows_->setSizes(before.isEmpty() ? now : before);
        before = now;
        const int all = now[0] + now[1], below = static_cast<int>(all * kEnlarged);
        rows_->setSizes({all - below, below});
    });
}

}  // namespace rondo::ui
