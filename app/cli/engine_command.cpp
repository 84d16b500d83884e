#include <signal.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "app/cli/command.h"
#include "app/cli/event_stream.h"
#include "engine/config/run_spec_json.h"
#include "engine/control/control.h"
#include "engine/events/recording.h"
#include "engine/training/blas.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

namespace {

/// Serves the commands of a window (control.h): one run at a time on a thread of its own, while this one
/// listens.
class EngineService {
  public:
    EngineService() : events_(STDOUT_FILENO) {}
    ~EngineService() { endRun(); }

    /// False: time to go.
    bool obey(const ControlCommand& command) {
        return std::visit(
            Overloaded{
                [&](const StartRun& start) { return begin(start), true; },
                [&](const PauseRun&) { return steer(RunState::Paused, [](RunControl& c) { c.pause(); }); },
                [&](const ResumeRun&) { return steer(RunState::Running, [](RunControl& c) { c.resume(); }); },
                [&](const StepRun&) { return steer(RunState::Paused, [](RunControl& c) { c.stepOnce(); }); },
                [&](const StopRun&) { return steer(RunState::Stopping, [](RunControl& c) { c.stop(); }); },
                [&](const SetSpeed& s) { return setSpeed(s.factor), true; },
                [&](const Quit&) { return false; },
            },
            command);
    }

    void complain(const std::string& text) {
        Notice notice;
        notice.kind = Notice::Kind::Warning;
        notice.text = text;
        events_.publish(notice);
    }

  private:
    void endRun() {
        {
            const std::lock_guard lock(mutex_);
            if (control_) control_->stop();
        }
        if (thread_.joinable()) thread_.join();
    }

    void begin(const StartRun& start) {
        endRun();
        ++run_;
        auto spec = parseRunSpec(start.spec);
        if (!spec) return fail(spec.error());
        std::unique_ptr<Recorder> recorder;
        if (!start.recordFile.empty()) {
            auto created = Recorder::create(start.recordFile);
            if (created)
                recorder = std::move(*created);
            else
                complain("This run is not recorded: " + created.error());
        }
        {
            const std::lock_guard lock(mutex_);
            control_ =
                std::make_shared<RunControl>(static_cast<int>(spec->workers), spec->runOn == RunOn::Virtual);
            control_->setSpeed(speed_);
        }
        thread_ = std::thread([this, spec = *spec, recorder = std::move(recorder), control = control_] {
            carryOut(spec, *control, recorder.get());
        });
    }

    void carryOut(const RunSpec& spec, RunControl& control, Recorder* recorder) {
        std::vector<EventSink*> sinks{&events_};
        if (recorder) sinks.insert(sinks.begin(), recorder);
        FanOut sink(sinks);
        try {
            // The same data again is the most common next run: keep it.
            if (!data_ || !(dataSpec_ == spec.data) || dataSeed_ != spec.seed) {
                data_ = nullptr;
                RunStateChanged preparing;
                preparing.stamp.run = run_;
                preparing.detail = "making the data";
                events_.publish(preparing);
                const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
                data_ = std::make_shared<Dataset>(
                    loadDataset(spec.data, static_cast<std::uint64_t>(spec.seed), cores));
                dataSpec_ = spec.data;
                dataSeed_ = spec.seed;
            }
            runTraining(spec, control, sink, run_, data_);
        } catch (const std::exception& error) {
            fail(error.what());
        }
        if (recorder) recorder->finish();
    }

    void fail(const std::string& error) {
        RunEnded ended;
        ended.stamp.run = run_;
        ended.state = RunState::Failed;
        ended.report = boost::json::serialize(boost::json::object{{"status", "failed"}, {"error", error}});
        events_.publish(ended);
    }

    bool steer(RunState state, void (*action)(RunControl&)) {
        const std::lock_guard lock(mutex_);
        if (!control_) return true;
        action(*control_);
        RunStateChanged changed;
        changed.stamp.run = run_;
        changed.state = state;
        events_.publish(changed);
        return true;
    }

    void setSpeed(double factor) {
        const std::lock_guard lock(mutex_);
        speed_ = factor;
        if (control_) control_->setSpeed(factor);
    }

    EventStream events_;
    std::mutex mutex_;
    std::shared_ptr<RunControl> control_;
    double speed_ = 0;
    std::uint32_t run_ = 0;
    std::thread thread_;
    std::shared_ptr<const Dataset> data_;  // of the run's thread
    DataSpec dataSpec_;
    std::int64_t dataSeed_ = 0;
};

int serve() {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);  // Ctrl-C in the window's terminal is for the window to handle
    EngineService service;
    useOneTorchThread();
    std::string waiting;
    char buffer[65536];
    for (;;) {
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return kDone;  // the window is gone
        waiting.append(buffer, static_cast<std::size_t>(count));
        for (std::size_t end; (end = waiting.find('\n')) != std::string::npos; waiting.erase(0, end + 1)) {
            const auto command = parseCommand(std::string_view(waiting).substr(0, end));
            if (!command)
                service.complain("A command was not understood: " + command.error());
            else if (!service.obey(*command))
                return kDone;
        }
        if (waiting.size() > kMostControlBytes) {
            service.complain("A command was longer than allowed and is ignored.");
            waiting.clear();
        }
    }
}

}  // namespace

void addEngine(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "engine", "Train for a window: commands on standard input, events on standard output");
    command->group("");  // for the window, not for people
    command->callback([&action] { action = [] { return serve(); }; });
}

}  // namespace rondo::cli
