#include "ui/bridge/run_controller.h"

#include <QFile>
#include <QFileInfo>
#include <boost/json/parse.hpp>

#include "engine/config/run_spec_json.h"

namespace rondo::ui {

namespace {

QString errorOf(const QByteArray& report) {
    boost::system::error_code failed;
    const auto json = boost::json::parse({report.data(), static_cast<std::size_t>(report.size())}, failed);
    if (failed || !json.is_object()) return {};
    const auto* error = json.as_object().if_contains("error");
    return error && error->is_string() ? QString::fromUtf8(error->as_string().c_str()) : QString();
}

}  // namespace

RunController::RunController(RunStore& store, EngineProcess::Program program, QString recordingsFolder,
                             QObject* parent)
    : QObject(parent),
      store_(store),
      pump_(store),
      watchPump_(store),
      engine_(program),
      watcher_(JoinProcess::Role::Viewer, program.file),
      player_(pump_),
      folder_(std::move(recordingsFolder)) {
    connect(&engine_, &EngineProcess::streamBegins, &pump_, &EventPump::restartStream);
    connect(&engine_, &EngineProcess::received, this, [this](const QByteArray& bytes) {
        pump_.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    });
    connect(&engine_, &EngineProcess::ended, this, &RunController::onEngineEnded);
    connect(&engine_, &EngineProcess::gaveUp, this, [this] {
        Q_EMIT message(Severity::Error,
                       tr("The training process can't be kept running. Run tries it again."));
    });
    connect(&pump_, &EventPump::damagedStream, this, &RunController::onDamage);
    connect(&pump_, &EventPump::roomNews, this, &RunController::roomNews);
    connect(&watcher_, &JoinProcess::streamBegins, &watchPump_, &EventPump::restartStream);
    connect(&watcher_, &JoinProcess::received, this, [this](const QByteArray& bytes) {
        watchPump_.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    });
    connect(&watcher_, &JoinProcess::changed, this, &RunController::onWatcher);
    connect(&watchPump_, &EventPump::damagedStream, this, [this](const QString& problem) {
        watcher_.giveUp(tr("The host sent something that can't be read. %1").arg(problem));
    });
    connect(&store_, &RunStore::changed, this, &RunController::onStore);
    connect(&pump_, &EventPump::drained, this, &RunController::onDrained);
    connect(&player_, &Player::changed, this, &RunController::onPlayer);
    connect(&loader_, &RecordingLoader::loaded, this,
            [this](const QString& file, const std::shared_ptr<Recording>& recording) {
                onLoaded(file, *recording);
            });
    connect(&loader_, &RecordingLoader::failed, this, [this](const QString& file, const QString& why) {
        refuse(file, tr("%1 can't be opened. %2").arg(QFileInfo(file).fileName(), why));
    });
}

bool RunController::slowed() const {
    if (speed_ <= 0 || speed_ >= 1) return false;
    return source_ == Source::Replay || (source_ == Source::Live && store_.virtualTime());
}

void RunController::setState(State state) {
    state_ = state;
    Q_EMIT stateChanged();
}

void RunController::cancelLoading() {
    loader_.cancel();
    playWhenLoaded_ = false;
}

void RunController::run(const RunSpec& spec, const QString& checkpoint) {
    if (live() || watching()) return;
    cancelLoading();
    player_.load({});
    pump_.discardWaiting();
    source_ = Source::Live;
    killedOnPurpose_ = willPause_ = false;
    failure_.clear();
    file_ = folder_.newFile(QString::fromStdString(spec.name));
    if (file_.isEmpty())
        Q_EMIT message(Severity::Warning,
                       tr("No folder for recordings can be made, so this run is not recorded."));
    store_.clear();
    setState(State::Preparing);
    engine_.send(StartRun{toText(spec), file_.toStdString(), checkpoint.toStdString()});
    engine_.send(SetSpeed{speed_});
}

void RunController::pause() {
    if (watching() || (state_ != State::Running && state_ != State::Preparing)) return;
    if (source_ == Source::Replay) return player_.pause();
    engine_.send(PauseRun{});
    if (state_ != State::Preparing) return;
    willPause_ = true;
    Q_EMIT stateChanged();
}

void RunController::resume() {
    if (watching()) return;
    if (source_ == Source::Replay) return player_.play();
    if (state_ == State::Paused) engine_.send(ResumeRun{});
    if (!willPause()) return;
    engine_.send(ResumeRun{});
    willPause_ = false;
    Q_EMIT stateChanged();
}

void RunController::step(const RunSpec& specWhenIdle) {
    if (watching()) return;
    if (source_ == Source::Replay) return player_.step();
    if (state_ == State::Idle) {
        // The engine obeys in order: the run it prepares will make one step and stand.
        run(specWhenIdle);
        engine_.send(StepRun{});
        willPause_ = true;
        Q_EMIT stateChanged();
    } else if (state_ == State::Running || state_ == State::Paused) {
        engine_.send(StepRun{});
    }
}

void RunController::replay() {
    if (live() || watching()) return;
    if (source_ == Source::Replay) return player_.play();
    if (!file_.isEmpty()) openRecording(file_, true);
}

bool RunController::canReplay() const {
    return !live() && (source_ == Source::Replay || (source_ == Source::Live && !file_.isEmpty()));
}

void RunController::watch(const JoinPlace& place) {
    if (live()) {
        Q_EMIT message(Severity::Warning, tr("A run is under way. Stop it before watching a class."));
        return;
    }
    cancelLoading();
    player_.load({});
    pump_.discardWaiting();
    watchPump_.discardWaiting();
    source_ = Source::Watch;
    file_.clear();
    failure_.clear();
    willPause_ = false;
    store_.clear();
    setState(State::Idle);
    watcher_.join(place);
}

void RunController::stop() {
    if (watching()) return watcher_.leave();
    if (source_ == Source::Replay) return busy() ? player_.showAll() : void();
    if (!busy()) return;
    if (state_ == State::Stopping) {
        killedOnPurpose_ = true;
        engine_.kill();
        return;
    }
    engine_.send(StopRun{});
    setState(State::Stopping);
}

void RunController::reset() {
    if (source_ == Source::Replay)
        player_.rewind();
    else
        clear();
}

void RunController::clear() {
    if (live() || watching()) return;
    cancelLoading();
    player_.load({});
    source_ = Source::None;
    file_.clear();
    pump_.discardWaiting();
    store_.clear();
    setState(State::Idle);
}

void RunController::setSpeed(double factor) {
    speed_ = factor;
    player_.setSpeed(factor);
    if (live() && engine_.running()) engine_.send(SetSpeed{factor});
    Q_EMIT stateChanged();
}

void RunController::saveCheckpoint(const QString& file) {
    if (live()) engine_.send(WriteCheckpoint{file.toStdString()});
}

void RunController::injectFault(const FaultSpec& fault) {
    if (live()) engine_.send(InjectFault{fault});
}

void RunController::openRecording(const QString& file, bool play) {
    if (live()) {
        Q_EMIT message(Severity::Warning, tr("A run is under way. Stop it before opening a recording."));
        return;
    }
    if (watching()) {
        Q_EMIT message(Severity::Warning, tr("You watch a class. Stop watching before opening a recording."));
        return;
    }
    playWhenLoaded_ = play;
    loader_.load(file);
}

void RunController::refuse(const QString& file, const QString& why) {
    playWhenLoaded_ = false;
    Q_EMIT message(Severity::Error, why);
    Q_EMIT recordingRefused(file);
}

void RunController::onLoaded(const QString& file, Recording& recording) {
    const QString name = QFileInfo(file).fileName();
    const QString cut = recording.cut ? QString::fromStdString(recording.cut->text()) : QString();
    if (recording.events.empty()) return refuse(file, tr("%1 holds no events. %2").arg(name, cut));
    if (!std::holds_alternative<RunStarted>(recording.events.front())) {
        const auto* ended = std::get_if<RunEnded>(&recording.events.back());
        const QString error = ended ? errorOf(QByteArray::fromStdString(ended->report)) : cut;
        return refuse(file, tr("%1 holds no run: it ended before it began. %2").arg(name, error));
    }
    pump_.discardWaiting();
    store_.clear();
    source_ = Source::Replay;
    file_ = file;
    player_.load(std::move(recording.events));
    if (playWhenLoaded_)
        player_.play();
    else
        player_.showAll();
    playWhenLoaded_ = false;
    Q_EMIT recordingOpened(file);
    if (!cut.isEmpty())
        Q_EMIT message(Severity::Warning, tr("%1 ends early and is shown up to there. %2").arg(name, cut));
}

void RunController::onDrained() {
    // A recording that is cut holds no end.
    if (source_ == Source::Replay && player_.loaded() && player_.atEnd()) store_.interrupt();
}

void RunController::onPlayer() {
    if (source_ != Source::Replay) return;
    if (!player_.loaded() || player_.atEnd())
        setState(State::Idle);
    else
        setState(player_.playing() ? State::Running : State::Paused);
}

void RunController::onStore(const RunStore::Changes& changes) {
    if (!changes.state || !(live() || watching()) || store_.interrupted()) return;
    if (store_.ended()) {
        if (store_.state() == RunState::Failed) {
            failure_ = errorOf(store_.report());
            Q_EMIT message(Severity::Error, failure_.isEmpty() ? tr("The run failed.")
                                                               : tr("The run failed. %1").arg(failure_));
        }
        return endRun();
    }
    // A stop that was asked for is not undone on the screen by what was under way already.
    if (state_ == State::Stopping) return;
    if (store_.state() != RunState::Preparing) willPause_ = false;
    switch (store_.state()) {
        case RunState::Preparing:
            return setState(State::Preparing);
        case RunState::Running:
            return setState(State::Running);
        case RunState::Paused:
            return setState(State::Paused);
        case RunState::Stopping:
            return setState(State::Stopping);
        case RunState::Finished:
        case RunState::Stopped:
        case RunState::Failed:
            return;  // the run is over with RunEnded, which brings the report
    }
}

void RunController::endRun() {
    willPause_ = false;
    if (!store_.hasRun() && source_ == Source::Live) {
        // It never began: there is nothing to look at, neither here nor in its file.
        if (!file_.isEmpty() && !pump_.damaged()) QFile::remove(file_);
        file_.clear();
        source_ = Source::None;
    }
    setState(State::Idle);
    if (!store_.ended()) store_.interrupt();
    Q_EMIT runEnded();
}

void RunController::onWatcher() {
    if (source_ != Source::Watch) return;
    if (watcher_.state() == JoinProcess::State::Lost || watcher_.away()) {
        watchPump_.flush();
        // Whether the run goes on with nobody here to see it is not known.
        if (busy())
            endRun();
        else
            store_.interrupt();
    }
    if (watcher_.away() && !store_.hasRun()) source_ = Source::None;
    Q_EMIT stateChanged();
}

void RunController::onEngineEnded(const QString& why) {
    if (live()) pump_.flush();
    const bool duringRun = live();
    const QString kept =
        store_.hasRun() ? QLatin1Char(' ') + tr("What arrived until then is shown and recorded.") : QString();
    if (pump_.damaged()) {
        // onDamage() has said why it was ended.
    } else if (killedOnPurpose_)
        Q_EMIT message(Severity::Warning, tr("The run was ended at once.") + kept);
    else if (duringRun)
        Q_EMIT message(Severity::Error, why + kept);
    else
        Q_EMIT message(Severity::Warning, why);
    killedOnPurpose_ = false;
    if (duringRun) endRun();
}

void RunController::onDamage(const QString& problem) {
    Q_EMIT message(Severity::Error,
                   tr("The training process sent something that can't be read. %1").arg(problem));
    engine_.kill();
}

}  // namespace rondo::ui
