#include <QActionGroup>
#include <QApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QStatusBar>
#include <QTabWidget>
#include <boost/json/object.hpp>

#include "engine/config/run_spec_json.h"
#include "ui/panels/message_bar.h"
#include "ui/setup/presets.h"
#include "ui/setup/setup_form.h"
#include "ui/setup/topologies.h"
#include "ui/window/main_window.h"

namespace rondo::ui {

namespace {

QAction* action(QWidget* owner, const QString& text, const QList<QKeySequence>& keys,
                const QString& tip = {}) {
    auto* made = new QAction(text, owner);
    made->setShortcuts(keys);
    if (!tip.isEmpty()) made->setToolTip(tip);
    owner->addAction(made);
    return made;
}

}  // namespace

void MainWindow::makeActions() {
    run_ = action(this, tr("Run"), {QKeySequence(Qt::Key_Space)});
    step_ =
        action(this, tr("Step"), {QKeySequence(Qt::Key_N)}, tr("One step of all workers, then pause (N)"));
    stop_ = action(this, tr("Stop"), {QKeySequence(Qt::Key_Period | Qt::CTRL)});
    reset_ = action(this, tr("Reset"), {QKeySequence(Qt::Key_R)},
                    tr("A recording goes back to its start; what a finished run left is cleared (R)"));
    replay_ = action(this, tr("Replay"), {QKeySequence(Qt::Key_P)},
                     tr("Play what is shown again, at the chosen speed (P)"));
    // A key that is held down repeats; only one step after the other makes sense that way.
    for (QAction* one : {run_, stop_, reset_, replay_}) one->setAutoRepeat(false);
    connect(run_, &QAction::triggered, this, &MainWindow::runOrPause);
    connect(step_, &QAction::triggered, this, &MainWindow::step);
    connect(stop_, &QAction::triggered, &controller_, &RunController::stop);
    connect(reset_, &QAction::triggered, &controller_, &RunController::reset);
    connect(replay_, &QAction::triggered, this, &MainWindow::replay);
    host_ = action(this, tr("&Host a class"), {}, tr("Open a room that machines can join"));
    showCode_ = action(this, tr("&Show the code to the class"), {});
    copyLine_ = action(this, tr("&Copy the line to join by"), {});
    closeRoom_ = action(this, tr("C&lose the room"), {});
    join_ = action(this, tr("&Join a class…"), {}, tr("Train for the class of another computer"));
    watch_ = action(this, tr("&Watch a class…"), {}, tr("Show the runs of another computer's class"));
    connect(join_, &QAction::triggered, this, [this] { askForClass(JoinProcess::Role::Worker); });
    connect(watch_, &QAction::triggered, this, [this] { askForClass(JoinProcess::Role::Viewer); });
    saveCheckpoint_ = action(this, tr("Save &checkpoint…"), {},
                             tr("Keep the state of this run in a file, to go on there another time"));
    resumeCheckpoint_ =
        action(this, tr("R&esume from checkpoint…"), {},
               tr("Go on with a run that was saved; model, data, seed and algorithm are to be the same"));
    connect(saveCheckpoint_, &QAction::triggered, this, &MainWindow::saveCheckpoint);
    connect(resumeCheckpoint_, &QAction::triggered, this, &MainWindow::resumeCheckpoint);
    keep_ = action(this, tr("Keep this run"), {});
    reference_ = action(this, tr("Run the reference"), {});
    undo_ = document_.undoStack().createUndoAction(this, tr("Undo"));
    redo_ = document_.undoStack().createRedoAction(this, tr("Redo"));
    undo_->setShortcut(QKeySequence::Undo);
    redo_->setShortcuts({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
    topologyMenu_ = new QMenu(tr("&Topology"), this);
    topologyMenu_->setToolTipsVisible(true);
    connect(topologyMenu_, &QMenu::aboutToShow, this, &MainWindow::fillTopologyMenu);
    presetsMenu_ = new QMenu(tr("&Presets"), this);
    presetsMenu_->setToolTipsVisible(true);
    recentMenu_ = new QMenu(tr("Open &recent"), this);
}

void MainWindow::makeMenus() {
    QMenu* file = menuBar()->addMenu(tr("&File"));
    const auto add = [this](QMenu* menu, const QString& text, const QKeySequence& keys, auto slot) {
        QAction* made = menu->addAction(text, this, slot);
        made->setShortcut(keys);
        return made;
    };
    add(file, tr("&Open…"), QKeySequence::Open, &MainWindow::openByDialog);
    file->addMenu(recentMenu_);
    connect(recentMenu_, &QMenu::aboutToShow, this, &MainWindow::fillRecentMenu);
    file->addMenu(presetsMenu_);
    file->addSeparator();
    add(file, tr("&Save settings"), QKeySequence::Save, &MainWindow::save);
    add(file, tr("Save settings &as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), &MainWindow::saveAs);
    file->addSeparator();
    add(file, tr("&Quit"), QKeySequence::Quit, &MainWindow::close);

    QMenu* edit = menuBar()->addMenu(tr("&Edit"));
    edit->addAction(undo_);
    edit->addAction(redo_);

    QMenu* run = menuBar()->addMenu(tr("&Run"));
    for (QAction* one : {run_, step_, stop_, reset_, replay_}) run->addAction(one);
    run->addSeparator();
    run->addMenu(topologyMenu_);
    run->addSeparator();
    for (QAction* one : {saveCheckpoint_, resumeCheckpoint_}) run->addAction(one);
    run->setToolTipsVisible(true);
    run->addSeparator();
    for (QAction* one : {keep_, reference_}) run->addAction(one);

    QMenu* room = menuBar()->addMenu(tr("&Class"));
    room->setObjectName(QStringLiteral("classMenu"));
    for (QAction* one : {host_, showCode_, copyLine_, closeRoom_}) room->addAction(one);
    room->addSeparator();
    room->addAction(join_);
    room->addAction(watch_);

    QMenu* view = menuBar()->addMenu(tr("&View"));
    for (int i = 0; i < bottom_->count(); ++i) {
        QAction* show = view->addAction(bottom_->tabText(i));
        show->setShortcut(QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + i)));
        connect(show, &QAction::triggered, this, [this, i] {
            bottom_->setCurrentIndex(i);
            bottom_->currentWidget()->setFocus(Qt::ShortcutFocusReason);
        });
    }
    view->addSeparator();
    themes_ = new QActionGroup(this);
    const std::pair<QString, const Theme*> choices[] = {{tr("&Light"), &Theme::light()},
                                                        {tr("&Dark"), &Theme::dark()},
                                                        {tr("&Projector"), &Theme::projector()}};
    for (const auto& [words, theme] : choices) {
        QAction* choice = view->addAction(words);
        choice->setCheckable(true);
        choice->setData(theme->name);
        themes_->addAction(choice);
    }
    connect(themes_, &QActionGroup::triggered, this, [this](QAction* choice) {
        setTheme(Theme::byName(choice->data().toString()));
        session_.keepTheme(theme_.name);
    });
    view->addSeparator();
    QAction* full = view->addAction(tr("&Full screen"));
    full->setShortcut(Qt::Key_F11);
    full->setCheckable(true);
    connect(full, &QAction::triggered, this, [this](bool on) { on ? showFullScreen() : showNormal(); });

    QMenu* help = menuBar()->addMenu(tr("&Help"));
    add(help, tr("&Keyboard shortcuts"), Qt::Key_F1, &MainWindow::showShortcuts);
    add(help, tr("&About Rondo"), {}, &MainWindow::showAbout);
}

void MainWindow::makePresetsMenu() {
    presetsMenu_->clear();
    for (const Preset& preset : findPresets(places_.resources + QStringLiteral("/runs"))) {
        QAction* entry = presetsMenu_->addAction(preset.title);
        entry->setToolTip(preset.hint.isEmpty() ? preset.file : preset.hint);
        entry->setStatusTip(preset.hint);
        connect(entry, &QAction::triggered, this, [this, preset] { openPreset(preset); });
    }
    if (!presetsMenu_->isEmpty()) return;
    QAction* none = presetsMenu_->addAction(tr("No presets were found beside this program"));
    none->setEnabled(false);
}

void MainWindow::fillTopologyMenu() {
    topologyMenu_->clear();
    const RunSpec& now = document_.validSpec();
    QString family;
    for (const Topology& one : topologiesFor(now)) {
        if (one.family != family) {
            family = one.family;
            QAction* heading = topologyMenu_->addAction(family);
            QFont bold = topologyMenu_->font();
            bold.setBold(true);
            heading->setFont(bold);
            heading->setEnabled(false);
        }
        QAction* entry = topologyMenu_->addAction(one.name);
        entry->setCheckable(true);
        entry->setChecked(sameTopology(now.algorithm, one.algorithm));
        const QString problem = whyNot(now, one.algorithm);
        entry->setEnabled(problem.isEmpty());
        entry->setToolTip(problem);
        connect(entry, &QAction::triggered, this, [this, algorithm = one.algorithm] {
            document_.changeTo(settingsWith(document_.validSpec(), algorithm), "algorithm");
            setup_->reveal(QStringLiteral("algorithm"));
        });
    }
}

void MainWindow::fillRecentMenu() {
    recentMenu_->clear();
    const auto add = [this](const QString& file) {
        QAction* entry =
            recentMenu_->addAction(QFileInfo(file).fileName().replace('&', QStringLiteral("&&")));
        entry->setStatusTip(file);
        connect(entry, &QAction::triggered, this, [this, file] { openFile(file); });
    };
    for (const QString& file : session_.recent()) add(file);
    const QStringList runs = controller_.recordings().newestFirst().mid(0, 10);
    if (!runs.isEmpty()) recentMenu_->addSection(tr("Runs on this computer"));
    for (const QString& file : runs) add(file);
    if (recentMenu_->isEmpty()) recentMenu_->addAction(tr("Nothing yet"))->setEnabled(false);
}

QString MainWindow::usualFolder() const {
    const QString last = session_.text("folder");
    return QFileInfo(last).isDir() ? last
                                   : QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
}

void MainWindow::openByDialog() {
    const QString file =
        QFileDialog::getOpenFileName(this, tr("Open settings or a recording"), usualFolder(),
                                     tr("Settings and recordings (*.json *.rondo);;All files (*)"));
    if (!file.isEmpty()) openFile(file);
}

bool MainWindow::save() {
    if (document_.file().isEmpty()) return saveAs();
    return saveSettings(document_.file());
}

bool MainWindow::saveSettings(const QString& file) {
    const QString problem = document_.save(file);
    if (!problem.isEmpty()) {
        messages_->show(Severity::Error, problem);
        return false;
    }
    seen_[document_.file()] = fingerprintOf(document_.file());
    statusBar()->showMessage(tr("Saved: %1").arg(QFileInfo(file).fileName()), 6000);
    keepSettings_.start();
    return true;
}

bool MainWindow::saveAs() {
    QString start = document_.file();
    if (start.isEmpty()) {
        QString name = document_.name();
        name.replace(QRegularExpression(QStringLiteral("[/\\x00-\\x1f]")), QStringLiteral("_"));
        if (name.isEmpty()) name = tr("Run");
        start = usualFolder() + '/' + name + QStringLiteral(".json");
    }
    QFileDialog dialog(this, tr("Save settings"), QFileInfo(start).absolutePath(), tr("Settings (*.json)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("json"));  // before it asks whether to replace a file
    dialog.selectFile(QFileInfo(start).fileName());
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) return false;
    if (!saveSettings(dialog.selectedFiles().constFirst())) return false;
    session_.addRecent(document_.file());
    session_.keep("folder", QFileInfo(document_.file()).absolutePath());
    return true;
}

void MainWindow::saveCheckpoint() {
    QFileDialog dialog(this, tr("Save checkpoint"), usualFolder(), tr("Checkpoints (*.safetensors)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("safetensors"));
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) return;
    controller_.saveCheckpoint(dialog.selectedFiles().constFirst());
}

void MainWindow::resumeCheckpoint() {
    const QString file = QFileDialog::getOpenFileName(
        this, tr("Resume from checkpoint"), usualFolder(), tr("Checkpoints (*.safetensors);;All files (*)"));
    if (!file.isEmpty() && prepareRun()) controller_.run(running_, file);
}

bool MainWindow::mayLoseSettings() {
    if (!document_.dirty() || document_.file().isEmpty()) return true;  // presets are there to be played with
    const auto answer = QMessageBox::question(
        this, tr("Unsaved settings"),
        tr("%1 has changes that are not saved. Save them first?").arg(QFileInfo(document_.file()).fileName()),
        QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Save);
    if (answer == QMessageBox::Save) return save();
    return answer == QMessageBox::Discard;
}

void MainWindow::showShortcuts() {
    const std::pair<QString, QString> keys[] = {
        {tr("Space"), tr("Run, pause, go on")},
        {tr("N"), tr("One step, then pause")},
        {tr("Ctrl+."), tr("Stop; twice: end at once")},
        {tr("R"), tr("Reset")},
        {tr("P"), tr("Replay what is shown")},
        {tr("K"), tr("Keep this run for comparison")},
        {tr("Table of runs: Space, F2, Del"), tr("Draw or leave out, name, remove the selected runs")},
        {tr("Class: F2, Del"), tr("Rename a machine of the room, send the selected ones away")},
        {tr("Ctrl+1 … Ctrl+8"), tr("Timeline and what lies beside it")},
        {tr("Chunks: arrow keys, Home, End"), tr("A round back or on, before the first, after the last")},
        {tr("Schedules: Left, Right, Return"), tr("The clock back or on, play")},
        {tr("Ctrl+O, Ctrl+S, Ctrl+Shift+S"), tr("Open, save, save as")},
        {tr("Ctrl+Z, Ctrl+Shift+Z"), tr("Undo, redo a change of the settings")},
        {tr("Tab, Shift+Tab"), tr("Next, previous control")},
        {tr("Arrow keys"), tr("Choose a worker or link in the picture")},
        {tr("L, Del in the picture"), tr("Go through a worker's links; remove one that is drawn by hand")},
        {tr("Menu, Shift+F10"), tr("What can go wrong with the chosen worker or link")},
        {tr("Timeline: W S A D, F, End"), tr("Zoom and pan, show all, follow the run")},
        {tr("Timeline: comma, full stop"), tr("Previous, next step")},
        {tr("Esc"), tr("Close a message, clear the selection")},
        {tr("F11"), tr("Full screen")},
    };
    QString table = QStringLiteral("<table cellspacing='6'>");
    for (const auto& [key, words] : keys)
        table += QStringLiteral("<tr><td><b>%1</b></td><td style='padding-left: 12px'>%2</td></tr>")
                     .arg(key.toHtmlEscaped(), words.toHtmlEscaped());
    QMessageBox box(QMessageBox::NoIcon, tr("Keyboard shortcuts"), table + QStringLiteral("</table>"),
                    QMessageBox::Close, this);
    box.exec();
}

void MainWindow::showAbout() {
    QMessageBox box(
        QMessageBox::NoIcon, tr("About Rondo"),
        tr("<h3>Rondo %1</h3><p>A desktop lab for distributed machine learning. Every run is a real training "
           "run: real gradients by LibTorch, real messages.</p>"
           "<p>Free software under the GNU General Public License, version 3 or later.<br>"
           "Built with Qt %2, LibTorch and QCustomPlot.</p>")
            .arg(QStringLiteral(RONDO_VERSION), QString::fromLatin1(qVersion())),
        QMessageBox::Close, this);
    box.exec();
}

}  // namespace rondo::ui
