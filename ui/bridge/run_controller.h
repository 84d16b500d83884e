#pragma once

#include <QObject>
#include <optional>

#include "ui/bridge/engine_process.h"
#include "ui/bridge/event_pump.h"
#include "ui/bridge/join_process.h"
#include "ui/bridge/player.h"
#include "ui/bridge/recordings.h"

namespace rondo::ui {

enum class Severity { Information, Warning, Error };

/// Run, pause, step, stop: for a live run in the training process and for a recording alike; or the runs of
/// another computer's class, watched without a hand in them. Each command is ignored where it makes no sense.
/// Whatever dies or can't be read becomes a message (of a class that is watched: what watcher() says); what
/// arrived stays in the store. Thread: GUI only.
class RunController final : public QObject {
    Q_OBJECT
  public:
    enum class State { Idle, Preparing, Running, Paused, Stopping };
    enum class Source { None, Live, Replay, Watch };  ///< where what is on the screen comes from

    RunController(RunStore& store, EngineProcess::Program program, QString recordingsFolder,
                  QObject* parent = nullptr);

    /// Starts the training process, so that a run begins at once later.
    void warmUp() { engine_.start(); }

    /// `checkpoint`: a file to go on at; empty: from the beginning. What is wrong with it becomes a message.
    void run(const RunSpec& spec, const QString& checkpoint = {});
    /// The live run's state goes to that file as soon as all workers stand at one step border; a message says
    /// so, or why not.
    void saveCheckpoint(const QString& file);
    void pause();
    void resume();
    void step(const RunSpec& specWhenIdle);  ///< of a run, of a recording, or of a new run that then pauses
    /// Plays what is shown again from its recording (a recording that is paused goes on).
    void replay();
    bool canReplay() const;
    /// Shows the runs of a class as they come, from the one that is under way on, until stop(). The
    /// connection and what became of it is watcher(); the state follows the run.
    void watch(const JoinPlace& place);
    /// It is being watched, or dialled, or will be dialled again: no run of this window's own meanwhile.
    bool watching() const { return !watcher_.away(); }
    JoinProcess& watcher() { return watcher_; }
    const JoinProcess& watcher() const { return watcher_; }
    /// Ends a run cleanly; asked a second time, ends the training process. Recording: shows the whole of it.
    /// A class: watches it no more.
    void stop();
    /// Recording: back to its start. Live and idle: forgets what is shown.
    void reset();
    /// Forgets what is shown, not during a live run and not while a class is watched.
    void clear();
    /// Virtual seconds, or a recording's, per second; 0 = as fast as it goes.
    void setSpeed(double factor);
    /// Strikes the live run, at once or at the worker's next step. What can't be is refused by the run, with
    /// a message.
    void injectFault(const FaultSpec& fault);

    /// Reads in the background. `play`: from its start, else the whole at once.
    void openRecording(const QString& file, bool play = false);

    State state() const { return state_; }
    Source source() const { return source_; }
    bool busy() const { return state_ != State::Idle; }
    /// Preparing, and told to pause by then; the run tells Paused once it is there.
    bool willPause() const { return state_ == State::Preparing && willPause_; }
    double speed() const { return speed_; }
    /// A recording is being played, or will be once it is read.
    bool playing() const { return playWhenLoaded_ || (source_ == Source::Replay && busy()); }
    bool slowed() const;  ///< a modelled run or recording at less than its own speed
    double replaySeconds() const { return player_.duration(); }  ///< run seconds of the open recording
    QString recordingFile() const { return file_; }              ///< of what is shown; empty if none
    QString failure() const { return failure_; }  ///< why the latest live run failed; empty if it did not
    const RecordingsFolder& recordings() const { return folder_; }
    qint64 enginePid() const { return engine_.pid(); }
    EngineProcess& engine() { return engine_; }  ///< for what is no run: the room of this computer

  Q_SIGNALS:
    void stateChanged();
    void message(rondo::ui::Severity severity, const QString& text);
    /// What the training process tells of its room, whatever is shown.
    void roomNews(const std::vector<rondo::Event>& events);
    /// A recording is on its way to the screen.
    void recordingOpened(const QString& file);
    /// It can't be shown; a message has told why.
    void recordingRefused(const QString& file);
    /// A live or watched run came to its end, whatever it was.
    void runEnded();

  private:
    void setState(State state);
    void onStore(const RunStore::Changes& changes);
    void onEngineEnded(const QString& why);
    void onDamage(const QString& problem);
    void onPlayer();
    void onLoaded(const QString& file, Recording& recording);
    void cancelLoading();
    void onDrained();
    void refuse(const QString& file, const QString& why);
    void onWatcher();
    void endRun();
    bool live() const { return source_ == Source::Live && busy(); }

    RunStore& store_;
    EventPump pump_;
    EventPump watchPump_;  ///< of its own: the training process may speak meanwhile
    EngineProcess engine_;
    JoinProcess watcher_;
    Player player_;
    RecordingLoader loader_;
    RecordingsFolder folder_;
    State state_ = State::Idle;
    Source source_ = Source::None;
    double speed_ = 0;
    QString file_;
    QString failure_;
    bool playWhenLoaded_ = false;
    bool willPause_ = false;
    bool killedOnPurpose_ = false;
};

}  // namespace rondo::ui
