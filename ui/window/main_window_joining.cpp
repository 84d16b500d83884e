// Classes of other computers: joined as a worker, or watched.
#include <QSysInfo>

#include "ui/room/join_card.h"
#include "ui/room/join_dialog.h"
#include "ui/widgets/timeline_view.h"
#include "ui/window/main_window.h"

namespace rondo::ui {

void MainWindow::makeJoining() {
    connect(joinCard_, &JoinCard::againWanted, this, [this] { askForClass(JoinProcess::Role::Worker); });
    connect(watchCard_, &JoinCard::againWanted, this, [this] { askForClass(JoinProcess::Role::Viewer); });
    connect(joinCard_, &JoinCard::watchWanted, this, [this] {
        JoinPlace place = worker_.place();
        place.name.clear();
        watch(place);
    });
    connect(&controller_, &RunController::stateChanged, joinCard_,
            [this] { joinCard_->offerWatching(!controller_.watching() && !controller_.busy()); });
    joinCard_->offerWatching(true);
}

void MainWindow::join(const JoinPlace& place) {
    keepClass(place);
    JoinPlace named = place;
    if (named.name.isEmpty()) named.name = QSysInfo::machineHostName();
    worker_.join(named);
}

void MainWindow::watch(const JoinPlace& place) {
    keepClass(place);
    focus_.clear();
    timeline_->follow();
    keepWhenOver_ = false;
    controller_.watch(place);
}

void MainWindow::keepClass(const JoinPlace& place) {
    // Not the code: it is this class's only, and who starts the window tomorrow may be somebody else.
    session_.keep("class/address", place.address);
    if (!place.name.isEmpty()) session_.keep("class/name", place.name);
}

void MainWindow::askForClass(JoinProcess::Role role) {
    const bool worker = role == JoinProcess::Role::Worker;
    const JoinProcess& process = worker ? worker_ : controller_.watcher();
    const JoinProcess& other = worker ? controller_.watcher() : worker_;
    // What was tried last, else the class that this window has to do with already, else last time's.
    JoinPlace known = !process.place().address.isEmpty() ? process.place() : other.place();
    if (known.address.isEmpty()) known.address = session_.text("class/address");
    known.name = !worker                           ? QString()
                 : !process.place().name.isEmpty() ? process.place().name
                                                   : session_.text("class/name");
    const QString trouble = process.away() && !process.endedWell() ? process.whyAway() : QString();
    auto* dialog = new JoinDialog(role, known, trouble, theme_, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, worker] {
        if (worker)
            join(dialog->place());
        else
            watch(dialog->place());
    });
    dialog->open();
}

}  // namespace rondo::ui
