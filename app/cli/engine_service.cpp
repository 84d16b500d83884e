#include "app/cli/engine_service.h"

#include <boost/json/serialize.hpp>
#include <vector>

#include "app/cli/room/room.h"
#include "engine/config/run_spec_json.h"
#include "engine/config/validate.h"
#include "engine/events/recording.h"

namespace rondo::cli {

namespace {

Notice warning(Stamp stamp, std::string text) {
    Notice notice;
    notice.stamp = stamp;
    notice.kind = Notice::Kind::Warning;
    notice.text = std::move(text);
    return notice;
}

/// Records a run and shows it. The recording is closed before the window hears of the end: what went wrong
/// with it can still be told, and the file is whole when the window opens it.
class RecordedEvents final : public EventSink {
  public:
    RecordedEvents(Recorder& recorder, EventSink& window) : recorder_(recorder), window_(window) {}
    using EventSink::publish;
    std::uint64_t dropped() const override { return recorder_.dropped() + window_.dropped(); }
    void publish(std::span<Event> batch) override {
        std::vector<Event> copy(batch.begin(), batch.end());
        recorder_.publish(std::span<Event>(copy));
        for (const Event& event : batch)
            if (std::holds_alternative<RunEnded>(event)) {
                recorder_.finish();
                if (!recorder_.error().empty()) window_.publish(warning(stampOf(event), recorder_.error()));
            }
        window_.publish(batch);
    }

  private:
    Recorder& recorder_;
    EventSink& window_;
};

}  // namespace

std::shared_ptr<const Dataset> EngineService::DataKeeper::get(const RunSpec& spec,
                                                              const std::stop_token& stop) {
    const bool file =
        std::holds_alternative<IdxData>(spec.data) || std::holds_alternative<TextData>(spec.data);
    if (file) return loadData(spec, stop);
    if (!data_ || !(spec_ == spec.data) || seed_ != spec.seed) {
        data_ = nullptr;  // not both in memory
        data_ = loadData(spec, stop);
        spec_ = spec.data;
        seed_ = spec.seed;
    }
    return data_;
}

bool EngineService::obey(const ControlCommand& command) {
    const auto steer = [&](void (RunControl::*action)()) {
        if (control_) ((*control_).*action)();
        return true;
    };
    return std::visit(Overloaded{
                          [&](const StartRun& start) { return begin(start), true; },
                          [&](const PauseRun&) { return steer(&RunControl::pause); },
                          [&](const ResumeRun&) { return steer(&RunControl::resume); },
                          [&](const StepRun&) { return steer(&RunControl::stepOnce); },
                          [&](const StopRun&) { return steer(&RunControl::stop); },
                          [&](const SetSpeed& s) {
                              speed_ = s.factor;
                              if (control_) control_->setSpeed(speed_);
                              return true;
                          },
                          [&](const InjectFault& command) { return inject(command.fault), true; },
                          [&](const WriteCheckpoint&) { return true; },
                          [&](const OpenRoom&) { return true; },
                          [&](const CloseRoom&) { return true; },
                          [&](const RenameMember&) { return true; },
                          [&](const RemoveMember&) { return true; },
                          [&](const Quit&) { return false; },
                      },
                      command);
}

void EngineService::inject(const FaultSpec& fault) {
    if (!control_) return;
    for (const Problem& problem : validate(running_, fault, "fault")) return complain(problem.text());
    control_->inject(fault);
}

void EngineService::complain(const std::string& text) {
    Stamp stamp;
    stamp.run = run_;
    events_.publish(warning(stamp, text));
}

void EngineService::refuse(const std::string& why) {
    RunEnded ended;
    ended.stamp.run = run_;
    ended.state = RunState::Failed;
    ended.report = boost::json::serialize(boost::json::object{{"status", "failed"}, {"error", why}});
    events_.publish(ended);
}

void EngineService::endRun() {
    if (control_) control_->stop();
    if (thread_.joinable()) thread_.join();
    control_ = nullptr;
}

void EngineService::begin(const StartRun& start) {
    endRun();
    ++run_;
    const auto spec = parseRunSpec(start.spec);
    if (!spec) return refuse(spec.error());
    std::unique_ptr<Recorder> recorder;
    if (!start.recordFile.empty()) {
        auto created = Recorder::create(start.recordFile);
        if (created)
            recorder = std::move(*created);
        else
            complain("This run is not recorded: " + created.error());
    }
    running_ = *spec;
    control_ = std::make_shared<RunControl>(static_cast<int>(spec->workers), spec->runOn == RunOn::Virtual);
    control_->setSpeed(speed_);
    thread_ = std::thread([this, spec = *spec, recorder = std::move(recorder), control = control_] {
        const auto data = [this](const RunSpec& wanted, const std::stop_token& stop) {
            return data_.get(wanted, stop);
        };
        try {
            if (!recorder) {
                trainAsSet(spec, *control, events_, run_, data);
                return;
            }
            RecordedEvents both(*recorder, events_);
            trainAsSet(spec, *control, both, run_, data);
        } catch (const std::exception&) {
            // RunEnded has told why.
        }
    });
}

}  // namespace rondo::cli
