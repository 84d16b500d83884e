#include "ui/bridge/run_controller.h"

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
      engine_(std::move(program)),
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
    connect(&store_, &RunStore::changed, this, &RunController::onStore);
    connect(&player_, &Player::changed, this, &RunController::onPlayer);
    connect(&loader_, &RecordingLoader::loaded, this, &RunController::onLoaded);
    connect(&loader_, &RecordingLoader::failed, this, [this](const QString& file, const QString& why) {
        Q_EMIT message(Severity::Error, tr("%1 can't be opened. %2").arg(QFileInfo(file).fileName(), why));
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

void RunController::run(const RunSpec& spec) {
    if (live()) return;
    player_.load({});
    pump_.discardWaiting();
    source_ = Source::Live;
    killedOnPurpose_ = false;
    file_ = folder_.newFile(QString::fromStdString(spec.name));
    if (file_.isEmpty())
        Q_EMIT message(Severity::Warning,
                       tr("No folder for recordings can be made, so this run is not recorded."));
    store_.clear();
    setState(State::Preparing);
    engine_.send(StartRun{toText(spec), file_.toStdString()});
    engine_.send(SetSpeed{speed_});
}

void RunController::pause() {
    if (state_ != State::Running && state_ != State::Preparing) return;
    if (source_ == Source::Replay) return player_.pause();
    if (state_ == State::Preparing) pauseAtStart_ = true;
    engine_.send(PauseRun{});
}

void RunController::resume() {
    if (source_ == Source::Replay) return player_.play();
    if (state_ == State::Paused) engine_.send(ResumeRun{});
}

void RunController::step(const RunSpec& specWhenIdle) {
    if (source_ == Source::Replay) return player_.step();
    if (state_ == State::Idle) {
        // Held at the border before step 0; the one step follows when the run says that it is there.
        run(specWhenIdle);
        stepAtStart_ = true;
        engine_.send(PauseRun{});
    } else if (state_ == State::Running || state_ == State::Paused) {
        engine_.send(StepRun{});
    }
}

void RunController::replay() {
    if (live()) return;
    if (source_ == Source::Replay) return player_.play();
    if (!file_.isEmpty()) openRecording(file_, true);
}

bool RunController::canReplay() const {
    return !live() && (source_ == Source::Replay || (source_ == Source::Live && !file_.isEmpty()));
}

void RunController::stop() {
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
    if (live()) return;
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

void RunController::openRecording(const QString& file, bool play) {
    if (live()) {
        Q_EMIT message(Severity::Warning, tr("A run is under way. Stop it before opening a recording."));
        return;
    }
    playWhenLoaded_ = play;
    loader_.load(file);
}

void RunController::onLoaded(const QString& file, const std::vector<Event>& events, const QString& cut) {
    if (live()) return;  // a run was started in the meantime
    if (events.empty()) {
        Q_EMIT message(Severity::Error, tr("%1 holds no events. %2").arg(QFileInfo(file).fileName(), cut));
        return;
    }
    pump_.discardWaiting();
    store_.clear();
    source_ = Source::Replay;
    file_ = file;
    player_.load(events);
    if (playWhenLoaded_)
        player_.play();
    else
        player_.showAll();
    Q_EMIT recordingOpened(file);
    if (!cut.isEmpty())
        Q_EMIT message(Severity::Warning,
                       tr("%1 ends early and is shown up to there. %2").arg(QFileInfo(file).fileName(), cut));
}

void RunController::onPlayer() {
    if (source_ != Source::Replay) return;
    if (!player_.loaded() || player_.atEnd())
        setState(State::Idle);
    else
        setState(player_.playing() ? State::Running : State::Paused);
}

void RunController::onStore(const RunStore::Changes& changes) {
    if (!changes.state || !live()) return;
    const RunState told = store_.state();
    if (!isFinal(told)) {
        // A stop that was asked for is not undone on the screen by what was under way already.
        if (state_ == State::Stopping) return;
        if (told == RunState::Running) {
            if (stepAtStart_)
                engine_.send(StepRun{});
            else if (pauseAtStart_)
                engine_.send(PauseRun{});
            pauseAtStart_ = stepAtStart_ = false;
        }
        switch (told) {
            case RunState::Preparing:
                return setState(State::Preparing);
            case RunState::Running:
                return setState(State::Running);
            case RunState::Paused:
                return setState(State::Paused);
            default:
                return setState(State::Stopping);
        }
    }
    // RunStateChanged may tell the end before RunEnded brings the report; the run is over with the report.
    if (store_.report().isEmpty()) return;
    pauseAtStart_ = stepAtStart_ = false;
    if (told == RunState::Failed) {
        const QString why = errorOf(store_.report());
        Q_EMIT message(Severity::Error,
                       why.isEmpty() ? tr("The run failed.") : tr("The run failed. %1").arg(why));
    }
    setState(State::Idle);
    Q_EMIT runEnded();
}

void RunController::onEngineEnded(const QString& why) {
    pump_.flush();
    const bool duringRun = live();
    pauseAtStart_ = stepAtStart_ = false;
    if (pump_.damaged()) {
        // onDamage() has said why it was ended.
    } else if (killedOnPurpose_)
        Q_EMIT message(Severity::Warning,
                       tr("The run was ended at once. What arrived until then is shown and recorded."));
    else if (duringRun)
        Q_EMIT message(Severity::Error, why + tr(" What arrived until then is shown and recorded."));
    else
        Q_EMIT message(Severity::Warning, why);
    killedOnPurpose_ = false;
    if (!duringRun) return;
    setState(State::Idle);
    Q_EMIT runEnded();
}

void RunController::onDamage(const QString& problem) {
    Q_EMIT message(Severity::Error,
                   tr("The training process sent something that can't be read. %1").arg(problem));
    engine_.kill();
}

}  // namespace rondo::ui
