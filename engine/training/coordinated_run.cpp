#include "engine/training/coordinated_run.h"

#include "engine/algorithms/model_parallel.h"
#include "engine/config/run_spec_json.h"
#include "engine/control/control.h"
#include "engine/run/worlds_measured.h"
#include "engine/training/layers.h"
#include "engine/training/run_frame.h"
#include "engine/training/world.h"

namespace rondo {

namespace {

class CoordinatedRun final : public RunFrame {
  public:
    CoordinatedRun(const RunSpec& spec, RunControl& control, EventSink& sink, Crew& crew, CrewInbox& inbox,
                   std::uint32_t run)
        : RunFrame(spec, control, sink, run), crew_(crew), inbox_(inbox), worlds_(servers_) {}

  private:
    Nanoseconds now() const override { return clock_ ? nanosecondsOf(clock_->now()) : Nanoseconds{0}; }
    void train(std::int64_t plannedSteps) override;

    WorldStart chooseCrew();
    std::string offerData();
    void carryOut(WorldsOfRun& worlds);
    void fillReport();

    Crew& crew_;
    CrewInbox& inbox_;
    std::optional<StandingClock> clock_;
    std::unique_ptr<World> world_;  ///< the present one
    WorldsMeasured worlds_;         ///< those that are over
};

/// News of faults and commands reaches the run from other threads, until the object goes.
class Listening {
  public:
    Listening(RunControl& control, Crew& crew, CrewInbox& inbox, InjectedFaults& injected,
              const StandingClock& clock)
        : control_(control) {
        control.wakeOnCommand([&inbox] { inbox.wake(); });
        control.listenToFaults([&crew, &injected, &clock](const FaultSpec& fault) {
            injected.add(fault, secondsOf(clock.now()));
            for (const MemberId member : crew.workers())
                crew.order(member, Strike{toLine(InjectFault{fault})});
        });
    }
    ~Listening() {
        control_.stopSaving();
        control_.wakeOnCommand({});
        control_.listenToFaults({});
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

  private:
    RunControl& control_;
};

WorldStart CoordinatedRun::chooseCrew() {
    // What was said before this run is about none of its ranks.
    while (inbox_.take(std::chrono::milliseconds(0))) {
    }
    WorldStart start;
    start.workers = crew_.workers();
    if (static_cast<int>(start.workers.size()) < ranks_)
        throw std::runtime_error(std::to_string(start.workers.size()) +
                                 " workers have joined, the run needs " + std::to_string(ranks_));
    start.workers.resize(static_cast<std::size_t>(ranks_));
    start.servers = crew_.servers(servers_);
    start.spec = spec_;
    return start;
}

std::string CoordinatedRun::offerData() {
    // Files are on the coordinator's computer; what is made from the settings is the same everywhere.
    const bool files =
        std::holds_alternative<IdxData>(spec_.data) || std::holds_alternative<TextData>(spec_.data);
    return files ? crew_.offer(data_) : std::string();
}

void CoordinatedRun::train(std::int64_t) {
    inbox_.allow(mostBytesOfRank(result_.model.parameters()));
    clock_.emplace(crew_);
    if (!makeAlgorithm(spec_, result_.model)->lockStep()) control_.makeIndependent();
    const torch::Tensor start = initialWeights(result_.model, static_cast<std::uint64_t>(spec_.seed));
    startsFrom({start.data_ptr<float>(), static_cast<std::size_t>(start.numel())});
    EpochOrders orders(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
    BubbleMeter bubbles(ranks_);
    Overseer overseer(spec_, *data_, *clock_, control_, sink_, sequence_, result_.model);
    InjectedFaults injected;
    WorldsOfRun shared{spec_,    result_.model, control_, sink_,     crew_,    inbox_, *clock_,
                       overseer, bubbles,       orders,   sequence_, injected, run_,   offerData()};
    const Listening listening(control_, crew_, inbox_, injected, *clock_);
    control_.listenToSaves([this](const std::string& file) {
        noticeFromOutside(Notice::Kind::Warning,
                          "There is no checkpoint in " + file +
                              ". run_on: only runs in one process (threads, virtual) can be saved");
    });
    const Telling telling = tellStates();
    std::exception_ptr failure;
    try {
        carryOut(shared);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!world_) std::rethrow_exception(failure);
    if (failure) world_->abandon("the run has failed");
    Report& report = result_.report;
    report.steps = world_->ledger().stepsCompleted();
    report.rounds = report.steps * world_->algorithm().roundsPerStep();
    fillReport();
    if (report.stages) report.stages->bubbleFraction = bubbles.fraction();
    if (!failure) {
        World::Weights weights = world_->takeWeights();
        result_.weights = std::move(weights.whole);
        if (report.steps > 0)
            overseer.finish(world_->first(), report.steps, weights.distance, result_.weights);
    }
    report.history = overseer.takeHistory();
    const std::int64_t planned = world_->plannedSteps();
    world_.reset();
    if (failure) std::rethrow_exception(failure);
    conclude(planned, overseer);
}

void CoordinatedRun::carryOut(WorldsOfRun& shared) {
    world_ = std::make_unique<World>(shared, chooseCrew());
    while (world_->carryOut() == World::Outcome::Regroup) {
        const WorldStart next = world_->end();
        auto world = std::make_unique<World>(shared, next);
        worlds_.add(world_->figures());
        world_ = std::move(world);
    }
}

void CoordinatedRun::fillReport() {
    Report& report = result_.report;
    report.secondEigenvalue = prediction_.secondEigenvalue;
    worlds_.add(world_->figures());
    const FiguresOfRanks figures = worlds_.together();
    const auto workers = static_cast<std::size_t>(worlds_.workers());
    report.seconds =
        secondsOfSteps({figures.begin(), figures.begin() + static_cast<std::ptrdiff_t>(workers)});
    if (report.seconds > 0)
        report.samplesPerSecond = static_cast<double>(world_->ledger().samplesTrained()) / report.seconds;
    measureInto(report, figures, worlds_.workers());
}

}  // namespace

TrainingResult coordinateTraining(const RunSpec& spec, RunControl& control, EventSink& sink, Crew& crew,
                                  CrewInbox& inbox, std::uint32_t run, const DataSource& source) {
    return CoordinatedRun(spec, control, sink, crew, inbox, run).execute(source);
}

}  // namespace rondo
