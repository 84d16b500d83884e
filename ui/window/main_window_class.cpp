// The room of this computer, as far as the window has a hand in it.
#include <QLabel>
#include <QPushButton>
#include <QStatusBar>
#include <QTabWidget>
#include <algorithm>

#include "ui/panels/message_bar.h"
#include "ui/room/class_panel.h"
#include "ui/room/room_words.h"
#include "ui/window/main_window.h"

namespace rondo::ui {

void MainWindow::makeClass() {
    connect(&controller_, &RunController::roomNews, &room_, &RoomKeeper::take);
    connect(&room_.store(), &RoomStore::changed, this, &MainWindow::showRoom);
    connect(class_, &ClassPanel::hosted, this, [this](const QString& listen, bool secure) {
        session_.keep("room/listen", listen);
        session_.keep("room/secure", secure);
    });
    class_->setListen(session_.text("room/listen"), session_.text("room/secure") == QStringLiteral("true"));
    connect(host_, &QAction::triggered, this, [this] {
        goToClass();
        if (room_.store().state() == RoomStore::State::Closed) class_->host();
    });
    connect(showCode_, &QAction::triggered, class_, &ClassPanel::showToClass);
    connect(copyLine_, &QAction::triggered, this, [this] {
        class_->copyLine();
        statusBar()->showMessage(tr("The line is on the clipboard."), 6000);
    });
    connect(closeRoom_, &QAction::triggered, class_, &ClassPanel::closeRoom);
    showRoom();
}

void MainWindow::goToClass() {
    bottom_->setCurrentWidget(class_);
}

void MainWindow::showRoom() {
    const RoomStore& room = room_.store();
    const bool closed = room.state() == RoomStore::State::Closed;
    host_->setEnabled(closed);
    for (QAction* one : {showCode_, copyLine_, closeRoom_})
        one->setEnabled(!closed && !room.place().code.empty());

    roomText_->setVisible(room.open() || room.state() == RoomStore::State::Lost);
    roomText_->setText(
        room.open() ? tr("Class %1 · %2").arg(QString::fromStdString(room.place().code), rosterWords(room))
                    : tr("Class: opening again …"));
    const RunSpec& next = document_.validSpec();
    const int workers = static_cast<int>(next.workers);
    labText_->setVisible(next.runOn == RunOn::Lab);
    labText_->setText(labWords(room, workers));
    if (!noLab_.isEmpty() && (next.runOn != RunOn::Lab || whyNoLab(room, workers) != noLab_)) {
        messages_->withdraw(noLab_);
        noLab_.clear();
    }
}

bool MainWindow::labIsReady() {
    const RunSpec& spec = document_.validSpec();
    messages_->withdraw(noLab_);
    noLab_.clear();
    if (spec.runOn != RunOn::Lab) return true;
    noLab_ = whyNoLab(room_.store(), static_cast<int>(spec.workers));
    if (noLab_.isEmpty()) return true;
    messages_->show(Severity::Error, noLab_);
    goToClass();
    return false;
}

void MainWindow::showWorlds() {
    const auto& worlds = store_.worlds();
    worldsShown_ = std::min(worldsShown_, worlds.size());
    for (; worldsShown_ < worlds.size(); ++worldsShown_) {
        const WorldChanged& world = worlds[worldsShown_];
        if (world.generation == 0 || controller_.source() == RunController::Source::Replay) continue;
        const bool fewer = worldsShown_ > 0 && world.workers < worlds[worldsShown_ - 1].workers;
        const QString who = QString::fromStdString(world.why);
        messages_->show(fewer ? Severity::Warning : Severity::Information,
                        world.workers == 1
                            ? tr("%1. From step %2 on one worker trains.").arg(who).arg(world.firstStep)
                            : tr("%1. From step %2 on %3 workers train.")
                                  .arg(who)
                                  .arg(world.firstStep)
                                  .arg(world.workers));
    }
}

}  // namespace rondo::ui
