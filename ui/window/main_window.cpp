#include "ui/window/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <utility>

#include "engine/config/run_spec_json.h"
#include "ui/draw/axis.h"
#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/outcome.h"
#include "ui/panels/preset_hint.h"
#include "ui/room/join_card.h"
#include "ui/setup/setup_form.h"
#include "ui/widgets/boundary_view.h"
#include "ui/widgets/curve_plot.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"
#include "ui/window/icons.h"
#include "ui/window/transport_keys.h"

namespace rondo::ui {

namespace {
constexpr int kKeepSettingsMs = 400;
constexpr int kHealthMs = 250;
constexpr double kReplaySeconds = 4;  ///< how long watching a short run again takes at least
}  // namespace

MainWindow::MainWindow(Places places, QWidget* parent)
    : QMainWindow(parent),
      places_(std::move(places)),
      session_(places_.sessionFile),
      controller_(store_, places_.engine, places_.recordings),
      worker_(JoinProcess::Role::Worker, places_.engine.file) {
    setObjectName(QStringLiteral("mainWindow"));
    setWindowIcon(QIcon(QStringLiteral(":/icons/rondo.svg")));
    setAcceptDrops(true);
    makeActions();
    makePanes();
    makePresetsMenu();
    makeMenus();
    connectParts();
    setTheme(Theme::byName(session_.theme()));
    onDocument();
    onController();
    showHealth();
    topBar_->runButton()->setFocus();
}

MainWindow::~MainWindow() {
    keys_.reset();
    // The parts below go before the panes do; nothing may be told to a pane from a destructor.
    store_.disconnect();
    kept_.disconnect();
    controller_.disconnect();
    controller_.watcher().disconnect();
    worker_.disconnect();
    document_.disconnect();
    document_.undoStack().disconnect();
}

void MainWindow::connectParts() {
    connect(&store_, &RunStore::changed, this, &MainWindow::onStore);
    connect(&controller_, &RunController::stateChanged, this, &MainWindow::onController);
    connect(&controller_, &RunController::message, messages_, &MessageBar::show);
    connect(messages_, &MessageBar::countChanged, hint_, [this](int count) { hint_->giveWay(count > 0); });
    connect(&controller_, &RunController::recordingOpened, this, &MainWindow::onRecording);
    connect(&controller_, &RunController::recordingRefused, this, &MainWindow::onRecordingRefused);
    connect(&controller_, &RunController::runEnded, this, &MainWindow::onRunEnded);
    connect(&document_, &SettingsDocument::changed, this, &MainWindow::onDocument);
    connect(&document_, &SettingsDocument::titleChanged, this, &MainWindow::showTitle);
    connect(topBar_, &TopBar::speedChanged, this, [this](double factor) {
        slowedForReplay_ = false;  // from here on it is the person's choice
        controller_.setSpeed(factor);
    });
    connect(guess_, &GuessPanel::guessChanged, this, &MainWindow::onGuess);
    connect(guess_, &GuessPanel::entered, topBar_->runButton(), qOverload<>(&QWidget::setFocus));
    connect(tabs_, &QTabWidget::currentChanged, this, [this](int index) { session_.keep("tab", index); });
    makeComparison();
    makeRace();
    makeJoining();
    makeClass();
    connectCanvas();

    keepSettings_.setSingleShot(true);
    keepSettings_.setInterval(kKeepSettingsMs);
    connect(&keepSettings_, &QTimer::timeout, this, [this] {
        keepSettingsNow();
        session_.flush();
    });
    health_.setInterval(kHealthMs);
    connect(&health_, &QTimer::timeout, this, &MainWindow::showHealth);
    health_.start();
    centralWidget()->installEventFilter(this);
    keys_ = std::make_unique<TransportKeys>(*this, *topBar_->runButton(), *run_);
}

void MainWindow::restoreSettings() {
    const auto last = session_.settings();
    const QString welcome = places_.resources + QStringLiteral("/runs/welcome.json");
    if (!last || !document_.restore(last->text, last->file, last->dirty)) {
        if (const auto spec = loadRunSpec(welcome.toStdString())) document_.replace(*spec, {});
        return;
    }
    if (last->file.isEmpty()) return;
    seen_[last->file] = last->seen;
    const QByteArray now = fingerprintOf(last->file);
    if (now == last->seen || (last->dirty && last->seen.isEmpty())) return;
    const QString name = QFileInfo(last->file).fileName();
    if (!last->dirty && !now.isEmpty() && openSettings(last->file)) return document_.undoStack().clear();
    // What is shown is in no file now: saving it must be worth asking for.
    document_.restore(last->text, last->file, true);
    messages_->show(Severity::Warning,
                    now.isEmpty() ? tr("%1 can't be read any more. Its settings are shown as they were; "
                                       "saving writes the file again.")
                                        .arg(name)
                                  : tr("%1 has been changed by another program. Your settings are shown; "
                                       "saving replaces what the file holds now.")
                                        .arg(name));
}

void MainWindow::restoreSession(bool recording) {
    welcome_ = session_.firstLaunch();
    restoreSettings();
    restoreGuess();
    if (session_.has("geometry")) restoreGeometry(session_.bytes("geometry"));
    if (!session_.has("columns") || !columns_->restoreState(session_.bytes("columns")))
        columns_->setSizes({340, 541, 485});
    if (!session_.has("rows") || !rows_->restoreState(session_.bytes("rows"))) rows_->setSizes({432, 258});
    if (!session_.has("charts") || !charts_->restoreState(session_.bytes("charts")))
        charts_->setSizes({240, 220});
    if (session_.has("closedSections")) setup_->setClosedSections(session_.texts("closedSections"));
    if (session_.has("tab")) tabs_->setCurrentIndex(session_.text("tab").toInt());

    if (!recording) return;
    restoring_ = session_.recording();
    if (restoring_.isEmpty() || !QFileInfo::exists(restoring_)) return openWelcomeRecording();
    unasked_ = true;
    controller_.openRecording(restoring_);
}

void MainWindow::openWelcomeRecording() {
    restoring_.clear();
    const QString welcome = places_.resources + QStringLiteral("/recordings/welcome.rondo");
    // Later, beside other settings, it would only be taken for their run.
    if (!welcome_ || !QFileInfo::exists(welcome)) return;
    unasked_ = true;
    controller_.openRecording(welcome);
}

void MainWindow::restoreGuess() {
    const auto kept = [this](const char* key) {
        const double value = session_.text(key).toDouble();
        return value > 0 ? std::optional(value) : std::nullopt;
    };
    guess_->setGuess(kept("guess/accuracy"), kept("guess/seconds"));
}

void MainWindow::openFile(const QString& file, bool play) {
    restoring_.clear();
    unasked_ = false;
    session_.keep("folder", QFileInfo(file).absolutePath());
    if (looksLikeRecording(file) || file.endsWith(QStringLiteral(".rondo"))) {
        controller_.openRecording(file, play);
        return;
    }
    if (!mayLoseSettings() || !openSettings(file)) return;
    session_.addRecent(document_.file());
    onNewSettings();
}

bool MainWindow::openSettings(const QString& file) {
    const QByteArray seen = fingerprintOf(file);
    const auto spec = document_.open(file);
    if (spec)
        seen_[document_.file()] = seen;
    else
        messages_->show(Severity::Error, QString::fromStdString(spec.error()));
    return spec.ok();
}

void MainWindow::openPreset(const Preset& preset) {
    if (!mayLoseSettings()) return;
    const auto spec = loadRunSpec(preset.file.toStdString());
    if (spec) {
        document_.load(*spec);  // saving it asks for a new name
        onNewSettings();
        hint_->set(preset, document_.name());
        showViews(preset.show);
    } else {
        messages_->show(Severity::Error, QString::fromStdString(spec.error()));
    }
}

void MainWindow::onNewSettings() {
    // What another run left would only be taken for these settings' outcome.
    controller_.clear();
    guess_->setGuess({}, {});
    hint_->clear();
    if (expectedShape(document_.validSpec().data).dims.size() == 1) tabs_->setCurrentWidget(boundary_);
}

void MainWindow::showViews(const QStringList& names) {
    for (QTabWidget* tabs : {tabs_, bottom_})
        for (int i = 0; i < tabs->count(); ++i)
            if (names.contains(tabs->widget(i)->property("view").toString())) tabs->setCurrentIndex(i);
}

void MainWindow::replay() {
    if (topBar_->speed() <= 0) {
        // At "max" there would be nothing to watch.
        const double seconds = std::max(controller_.replaySeconds(), store_.duration());
        if (seconds > 0) topBar_->setSpeed(std::min(1.0, seconds / kReplaySeconds));
        slowedForReplay_ = true;
    }
    controller_.replay();
}

bool MainWindow::prepareRun() {
    if (!document_.problems().empty()) {
        messages_->withdraw(cantRun_);
        cantRun_ =
            tr("These settings can't run yet.\n%1").arg(QString::fromStdString(textOf(document_.problems())));
        messages_->show(Severity::Error, cantRun_);
        setup_->focusFirstProblem();
        return false;
    }
    if (!labIsReady()) return false;
    beginRun(document_.validSpec());
    return true;
}

void MainWindow::beginRun(const RunSpec& spec) {
    messages_->dismissAll();
    statusBar()->clearMessage();
    focus_.clear();
    unasked_ = keepWhenOver_ = false;
    running_ = spec;
    setup_->blame({}, {});
    timeline_->follow();
}

void MainWindow::startRun() {
    if (prepareRun()) controller_.run(running_);
}

void MainWindow::step() {
    const bool begins = controller_.source() != RunController::Source::Replay && !controller_.busy();
    if (!begins || prepareRun()) controller_.step(running_);
}

void MainWindow::runOrPause() {
    switch (controller_.state()) {
        case RunController::State::Idle:
            return startRun();
        case RunController::State::Paused:
            return controller_.source() == RunController::Source::Replay ? replay() : controller_.resume();
        case RunController::State::Preparing:
            return controller_.willPause() ? controller_.resume() : controller_.pause();
        case RunController::State::Running:
            return controller_.pause();
        case RunController::State::Stopping:
            return;
    }
}

void MainWindow::onController() {
    using State = RunController::State;
    const State state = controller_.state();
    // What the slider shows is what is used: the speed of a replay ends with it.
    if (slowedForReplay_ && !controller_.playing()) topBar_->setSpeed(0);
    const bool replay = controller_.source() == RunController::Source::Replay;
    const bool watching = controller_.watching();
    const bool live = controller_.busy() && !replay && !watching;
    const bool moving = state == State::Running || state == State::Preparing;
    const bool held = state == State::Paused || controller_.willPause();
    run_->setText(held ? tr("Go on") : moving ? tr("Pause") : tr("Run"));
    // On the button in the accent's ink, in the menu in that of its text.
    const QString picture = moving && !held ? QStringLiteral("pause") : QStringLiteral("run");
    topBar_->runButton()->setIcon(icon(picture, theme_.accentText));
    run_->setIcon(icon(picture, theme_.text));
    run_->setToolTip(held     ? tr("Go on (Space)")
                     : moving ? tr("Pause (Space)")
                              : tr("Train with these settings (Space)"));
    run_->setEnabled(state != State::Stopping && !watching);
    step_->setEnabled(state != State::Stopping && state != State::Preparing && !watching);
    step_->setToolTip(tr("One step of all workers, then pause (N)"));
    stop_->setEnabled(live || watching || (replay && controller_.busy()));
    stop_->setText(state == State::Stopping && live ? tr("End now") : tr("Stop"));
    stop_->setToolTip(watching ? tr("Watch the class no more; its run goes on (Ctrl+.)")
                      : replay ? tr("End the replay and show the whole recording (Ctrl+.)")
                      : state == State::Stopping
                          ? tr("End the training process at once, without a report (Ctrl+.)")
                          : tr("End the run cleanly, with its report (Ctrl+.)"));
    reset_->setEnabled(!live && !watching && (store_.hasRun() || store_.ended() || replay));
    reset_->setToolTip(tr("A recording goes back to its start; what a finished run left is cleared (R)"));
    saveCheckpoint_->setEnabled(live && state != State::Stopping);
    resumeCheckpoint_->setEnabled(!live && !watching);
    replay_->setEnabled(controller_.canReplay() && !(replay && moving));
    replay_->setToolTip(tr("Play what is shown again, at the chosen speed (P)"));
    if (watching) {
        // Grey keys say why.
        const QString why =
            tr("You watch another computer's class: only its host starts, pauses and ends runs. "
               "Stop watching first (Ctrl+.)");
        for (QAction* one : {run_, step_, reset_, replay_}) one->setToolTip(why);
    }
    guess_->setLocked(controller_.busy() && !replay);
    topology_->setInvites(!watching);
    timeline_->setInvites(!watching);

    const bool virtualNext = document_.validSpec().runOn == RunOn::Virtual;
    const bool speedWorks =
        !watching &&
        (replay || (live ? store_.virtualTime() || virtualNext : virtualNext || controller_.canReplay()));
    topBar_->setSpeedEnabled(speedWorks, speedWorks ? tr("How fast virtual time or a recording goes")
                                         : watching
                                             ? tr("The host says how fast its run goes")
                                             : tr("Real workers run as fast as they can; virtual time and "
                                                  "recordings can be slowed down"));
    const TopBar::Badge badge = controller_.source() == RunController::Source::None    ? TopBar::Badge::None
                                : replay                                               ? TopBar::Badge::Replay
                                : controller_.source() == RunController::Source::Watch ? TopBar::Badge::Watch
                                : controller_.slowed() && moving                       ? TopBar::Badge::Slow
                                                                                       : TopBar::Badge::Live;
    topBar_->setBadge(badge, moving);
    topBar_->setStatus(statusText(), statusBrief());
    showNextRun();
    showComparison();
    if (run_->isEnabled() && !focusWidget()) topBar_->runButton()->setFocus();
}

void MainWindow::showNextRun() {
    const bool live = controller_.busy() && controller_.source() == RunController::Source::Live;
    nextRun_->setText(controller_.watching() ? tr("These are your own settings, not the class's.")
                                             : tr("Changes are for the next run."));
    nextRun_->setVisible(
        controller_.watching() ||
        (live && !keepWhenOver_ && (!document_.problems().empty() || !(document_.validSpec() == running_))));
}

QString MainWindow::statusText() const {
    using State = RunController::State;
    const auto stepText = [this] {
        if (store_.steps().empty()) return QString();
        const StepPoint& last = store_.steps().back();
        const qint64 planned = store_.started() ? store_.started()->plannedSteps : 0;
        QString words = planned > 0 ? tr(" · step %1 of %2").arg(last.step + 1).arg(planned)
                                    : tr(" · step %1").arg(last.step + 1);
        return store_.spec().weights.modelled ? words : words + tr(" · loss %1").arg(last.loss, 0, 'g', 3);
    };
    switch (controller_.state()) {
        case State::Preparing: {
            const QString words = store_.stateDetail().isEmpty()
                                      ? tr("Preparing …")
                                      : tr("Preparing: %1 …").arg(store_.stateDetail());
            return controller_.willPause() ? words + tr(" then pausing") : words;
        }
        case State::Running:
            return (controller_.source() == RunController::Source::Replay ? tr("Replaying") : tr("Running")) +
                   stepText();
        case State::Paused:
            return tr("Paused") + stepText();
        case State::Stopping:
            return tr("Stopping …") + stepText();
        case State::Idle:
            break;
    }
    if (!store_.ended() && controller_.watching() && !store_.hasRun())
        return controller_.watcher().state() == JoinProcess::State::Joined
                   ? tr("Waiting for the class's next run")
                   : tr("Dialling the class …");
    if (!store_.ended()) return store_.hasRun() ? tr("Interrupted") + stepText() : tr("Ready");
    const Outcome outcome = Outcome::of(store_.report()).value_or(Outcome{});
    QString words = store_.state() == RunState::Finished  ? tr("Finished")
                    : store_.state() == RunState::Stopped ? tr("Stopped")
                    : outcome.error.isEmpty()             ? tr("Failed")
                                                          : tr("Failed: %1").arg(outcome.error);
    if (outcome.accuracy) words += tr(" · test accuracy %1").arg(percentText(*outcome.accuracy));
    if (outcome.seconds && store_.hasRun()) words += tr(" · %1").arg(durationText(*outcome.seconds));
    return words;
}

QString MainWindow::statusBrief() const {
    // What the badge and the button beside it don't tell already.
    if (controller_.state() == RunController::State::Running && !store_.steps().empty())
        return tr("Step %1").arg(store_.steps().back().step + 1);
    if (controller_.state() != RunController::State::Idle || store_.state() != RunState::Finished) return {};
    const Outcome outcome = Outcome::of(store_.report()).value_or(Outcome{});
    return outcome.accuracy ? tr("Test: %1").arg(percentText(*outcome.accuracy)) : QString();
}

void MainWindow::onStore(const RunStore::Changes& changes) {
    if (changes.reset) {
        noticesShown_ = worldsShown_ = 0;
        focus_.clear();  // the next run may not have that worker or moment
        guess_->showGuessing();
        guessCounts_ = !store_.hasRun() || !std::exchange(unasked_, false);
        showGuess();
        // What has left the screen doesn't come back next time.
        session_.keepRecording(store_.hasRun() ? controller_.recordingFile() : QString());
    }
    if (changes.notices) {
        noticesShown_ = std::min(noticesShown_, store_.notices().size());
        for (; noticesShown_ < store_.notices().size(); ++noticesShown_) {
            const Notice& notice = store_.notices()[noticesShown_];
            if (controller_.source() == RunController::Source::Replay &&
                notice.kind == Notice::Kind::Information)
                continue;
            messages_->show(
                notice.kind == Notice::Kind::Information ? Severity::Information : Severity::Warning,
                QString::fromStdString(notice.text));
        }
    }
    if (changes.world) showWorlds();
    if (changes.reset || changes.state) {
        onController();
        showTitle();
        if (changes.state && controller_.source() == RunController::Source::Replay && store_.ended())
            showOutcome();
    } else if (changes.steps) {
        topBar_->setStatus(statusText(), statusBrief());
    }
}

void MainWindow::onDocument() {
    topology_->setPreview(document_.validSpec());
    hint_->showFor(document_.name());
    if (document_.problems().empty()) messages_->withdraw(cantRun_);
    showRoom();
    keepSettings_.start();
    showTitle();
    onController();
}

void MainWindow::onRecording(const QString& file) {
    restoring_.clear();
    statusBar()->showMessage(tr("Recording: %1").arg(QFileInfo(file).fileName()), 6000);
}

void MainWindow::onRecordingRefused(const QString& file) {
    if (restoring_ != file) return;
    session_.keepRecording({});  // told once, not at every start
    openWelcomeRecording();
}

void MainWindow::onRunEnded() {
    onController();
    showOutcome();
    blameSetting();
    keepReference();
}

void MainWindow::blameSetting() {
    if (store_.hasRun() || !(document_.validSpec() == running_)) return;
    // Problem::text(): the setting, then what is wrong with it.
    const QString why = controller_.failure();
    const qsizetype colon = why.indexOf(QStringLiteral(": "));
    if (colon > 0) setup_->blame(why.left(colon).toStdString(), why.mid(colon + 2));
}

void MainWindow::onGuess() {
    // Who has seen how it goes doesn't guess any more.
    guessCounts_ = store_.steps().empty();
    session_.keep("guess/accuracy", guess_->accuracy().value_or(0));
    session_.keep("guess/seconds", guess_->seconds().value_or(0));
    showGuess();
}

void MainWindow::showGuess() {
    if (guessCounts_)
        curves_->setGuess(guess_->accuracy(), guess_->seconds());
    else
        curves_->setGuess({}, {});
}

void MainWindow::showOutcome() {
    // A recording says nothing about this person's guess, unless it was made before.
    const auto outcome = Outcome::of(store_.report());
    const bool guessed = guessCounts_ && (guess_->accuracy() || guess_->seconds());
    if (!outcome || outcome->status == QStringLiteral("failed")) return;
    if (controller_.source() == RunController::Source::Live || guessed)
        guess_->showOutcome(*outcome, store_.prediction());
    guess_->setFormula(formulaOf(store_.spec()));
}

void MainWindow::showTitle() {
    const QString name =
        document_.file().isEmpty() ? document_.name() : QFileInfo(document_.file()).fileName();
    setWindowTitle(QStringLiteral("%1[*] – Rondo").arg(name));
    setWindowModified(document_.dirty());
}

void MainWindow::showHealth() {
    const auto set = [](QLabel* label, const QString& text) {
        if (label->text() != text) label->setText(text);
    };
    set(frameText_, tr("Frame %1 ms").arg(frameClock_.median(), 0, 'f', 1));
    set(eventsText_, tr("Events %1").arg(countText(static_cast<qint64>(store_.eventsSeen()))));
    set(droppedText_, tr("Dropped %1").arg(countText(static_cast<qint64>(store_.eventsDropped()))));
    watchCard_->setLost(store_.eventsDropped());
}

bool MainWindow::event(QEvent* event) {
    if (event->type() != QEvent::UpdateRequest) return QMainWindow::event(event);
    frameClock_.begin();
    const bool handled = QMainWindow::event(event);
    frameClock_.end();
    return handled;
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Paint && !painted_ && watched == centralWidget()) {
        painted_ = true;
        QMetaObject::invokeMethod(
            this,
            [this] {
                Q_EMIT firstFramePainted();
                controller_.warmUp();
            },
            Qt::QueuedConnection);
    }
    return QMainWindow::eventFilter(watched, event);
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && messages_->count() > 0) return messages_->dismiss();
    QMainWindow::keyPressEvent(event);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    // Unsaved settings are kept in the session and come back next time, so nobody has to be asked.
    keepLayout();
    event->accept();
}

void MainWindow::keepSettingsNow() {
    session_.keepSettings(
        {document_.text(), document_.file(), document_.dirty(), seen_.value(document_.file())});
}

void MainWindow::keepLayout() {
    keepSettings_.stop();
    keepSettingsNow();
    session_.keep("geometry", saveGeometry());
    session_.keep("columns", columns_->saveState());
    session_.keep("rows", rows_->saveState());
    session_.keep("charts", charts_->saveState());
    session_.keep("closedSections", setup_->closedSections());
    session_.flush();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    const auto urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls[0].isLocalFile()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    const auto urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls[0].isLocalFile()) openFile(urls[0].toLocalFile());
}

}  // namespace rondo::ui
