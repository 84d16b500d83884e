#include "app/cli/engine_service.h"

#include <boost/json/serialize.hpp>

#include "app/cli/checkpoint_options.h"
#include "engine/config/run_spec_json.h"
#include "engine/config/validate.h"

namespace rondo::cli {

namespace {

Notice warning(Stamp stamp, std::string text) {
    Notice notice;
    notice.stamp = stamp;
    notice.kind = Notice::Kind::Warning;
    notice.text = std::move(text);
    return notice;
}

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
                          [&](const WriteCheckpoint& wish) { return save(wish.file), true; },
                          [&](const OpenRoom& wish) { return leaveRoom(), room_.open(wish), true; },
                          [&](const CloseRoom&) { return leaveRoom(), room_.close(), true; },
                          [&](const RenameMember& wish) { return room_.rename(wish), true; },
                          [&](const RemoveMember& wish) { return room_.remove(wish), true; },
                          [&](const Quit&) { return endRun(), room_.close(), false; },
                      },
                      command);
}

void EngineService::inject(const FaultSpec& fault) {
    if (!control_) return;
    for (const Problem& problem : validate(running_, fault, "fault")) return complain(problem.text());
    control_->inject(fault);
}

void EngineService::save(const std::string& file) {
    if (!control_ || !control_->saveCheckpoint(file))
        complain("There is no checkpoint in " + file + ": no run is under way.");
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

void EngineService::leaveRoom() {
    if (overRoom_) endRun();
    overRoom_ = false;
}

void EngineService::begin(const StartRun& start) {
    endRun();
    ++run_;
    const auto spec = parseRunSpec(start.spec);
    if (!spec) return refuse(spec.error());
    overRoom_ = spec->runOn == RunOn::Lab;
    TrainingOptions options;
    options.run = run_;
    options.checkpoints = {start.checkpointFile, start.checkpointEvery};
    try {
        options.resume = checkpointIn(start.resumeFile);
        requireRanksHere(*spec, options);
        if (overRoom_) room_.require(*spec);
    } catch (const BadInput& problem) {
        return refuse(problem.what());
    }
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
    auto events = std::make_unique<RunEvents>(events_, watchers_, std::move(recorder));
    options.source = [this](const RunSpec& wanted, const std::stop_token& stop) {
        return data_.get(wanted, stop);
    };
    thread_ = std::thread(
        [this, spec = *spec, events = std::move(events), control = control_, options = std::move(options)] {
            try {
                if (spec.runOn == RunOn::Lab)
                    room_.train(spec, *control, *events, options.run, options.source);
                else
                    trainAsSet(spec, *control, *events, options);
            } catch (const std::exception&) {
                // RunEnded has told why.
            }
        });
}

}  // namespace rondo::cli
