#include "engine/training/remote_rank.h"

#include <c10/util/Exception.h>

#include <boost/json/serialize.hpp>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/model_parallel.h"
#include "engine/comm/process_runtime.h"
#include "engine/config/run_spec_json.h"
#include "engine/control/control.h"
#include "engine/core/overloaded.h"
#include "engine/run/fault_plan.h"
#include "engine/training/blas.h"
#include "engine/training/layers.h"
#include "engine/training/memory.h"
#include "engine/training/ranks_of_run.h"
#include "engine/training/remote_books.h"

namespace rondo {

namespace {

RunSpec specOf(const std::string& json) {
    auto spec = parseRunSpec(json);
    if (!spec) throw BadInput(spec.problems());
    return *std::move(spec);
}

/// Equal where the data is.
std::string dataKeyOf(const RunSpec& spec, const std::string& sha256) {
    return boost::json::serialize(toJson(spec).at("data")) + std::to_string(spec.seed) + sha256;
}

}  // namespace

/// The rank in one world: everything it needs to train, and what it has in the end.
class RemoteRank::World {
  public:
    World(BeginWorld order, const Surroundings& surroundings)
        : order_(std::move(order)),
          surroundings_(surroundings),
          gate_([&surroundings, generation = order_.generation](
                    RankTold told) { surroundings.tell(generation, std::move(told)); },
                surroundings.hostNow, order_) {}

    RankGate& gate() { return gate_; }
    std::uint32_t generation() const { return order_.generation; }
    /// Any thread.
    void cancel(const std::string& why) {
        gate_.cancel(why);
        const std::lock_guard lock(mutex_);
        cancelled_ = why;
        stop_.request_stop();
        if (network_) network_->cancel(why);
    }
    void strike(const FaultSpec& fault) {
        const std::lock_guard lock(mutex_);
        if (faults_) faults_->add(fault);
    }

    /// Trains to the end of the run or of the world; everything is told to the coordinator.
    void carryOut(const DataSource& data, std::shared_ptr<World> before);
    StateTold state(const EndWorld& order) const;

  private:
    void prepare(const DataSource& data);
    void connect();
    void train();
    /// What it has to go on with: its own, or what it was to begin with.
    std::optional<RankState> ownState() const;
    RankFigures figures() const;

    const BeginWorld order_;
    const Surroundings& surroundings_;
    RankGate gate_;
    std::mutex mutex_;  // of what other threads reach into
    std::optional<std::string> cancelled_;
    std::stop_source stop_;  ///< of what is done before there is a network

    RunSpec spec_;
    std::shared_ptr<const Dataset> data_;
    ModelPlan model_;
    std::vector<BucketRange> buckets_;
    std::optional<CostModel> costs_;
    std::optional<FaultPlan> faults_;
    std::optional<RankState> start_;  ///< until the rank is made
    std::optional<EpochOrders> orders_;
    std::unique_ptr<Algorithm> algorithm_;
    std::optional<PartCosts> partCosts_;
    std::vector<float> initialWeights_;
    std::optional<SharedParts> parts_;
    std::optional<RemoteBooks> books_;
    std::unique_ptr<RankNetwork> network_;
    std::unique_ptr<Runtime> runtime_;
    std::optional<SharedRun> shared_;
    std::unique_ptr<TorchWorker> worker_;
    std::unique_ptr<TorchServer> server_;
};

void RemoteRank::World::prepare(const DataSource& data) {
    spec_ = specOf(order_.spec);
    data_ = data(spec_, stop_.get_token());
    model_ = planModel(spec_, data_->train.shape);
    buckets_ = planBuckets(model_, spec_.algorithm);
    costs_.emplace(spec_, model_);
    orders_.emplace(data_->train.size(), static_cast<std::uint64_t>(spec_.seed));
    algorithm_ = makeAlgorithm(spec_, model_);
    books_.emplace(spec_, *algorithm_, gate_, order_.firstStep);
    {
        const std::lock_guard lock(mutex_);
        const auto* mapReduce = std::get_if<MapReduceAlgorithm>(&spec_.algorithm);
        faults_.emplace(spec_.faults, FaultPlan::TaskFailures{mapReduce ? mapReduce->taskFailure : 0.0,
                                                              static_cast<std::uint64_t>(spec_.seed),
                                                              static_cast<int>(spec_.workers)});
    }
    if (const auto* inParts = dynamic_cast<const ModelParallel*>(algorithm_.get())) {
        const torch::Tensor start = initialWeights(model_, static_cast<std::uint64_t>(spec_.seed));
        initialWeights_.assign(start.data_ptr<float>(), start.data_ptr<float>() + start.numel());
        partCosts_.emplace(spec_, model_, inParts->plan());
        parts_.emplace(SharedParts{inParts->plan(), *partCosts_, initialWeights_, *books_});
    }
}

void RemoteRank::World::connect() {
    auto network = surroundings_.connect(
        order_, [this] { return gate_.now(); }, stop_.get_token());
    const std::lock_guard lock(mutex_);
    network_ = std::move(network);
    network_->feel(*faults_);
    if (cancelled_) network_->cancel(*cancelled_);
}

void RemoteRank::World::train() {
    runtime_ = makeProcessRuntime(*network_, gate_, order_.ranksHere);
    gate_.beforeWaits([this] { network_->settle(Lane::Compute); });
    shared_.emplace(SharedRun{spec_, *data_, model_, *costs_, buckets_, *runtime_, surroundings_.events,
                              *orders_, *books_, *faults_, order_.run, order_.plannedSteps,
                              BatchPlan::Start{order_.firstStep, order_.data}, parts_ ? &*parts_ : nullptr});
    runtime_->run([&](Rank rank) {
        const std::optional<RankState> state = std::exchange(start_, std::nullopt);
        if (rank.value >= spec_.workers) {
            server_ = std::make_unique<TorchServer>(*shared_, rank);
            if (state) server_->restore(*state);
            return algorithm_->serve(*server_);
        }
        worker_ = std::make_unique<TorchWorker>(*shared_, rank);
        if (state) worker_->restore(*state);
        algorithm_->train(*worker_);
        worker_->computeLane().flush();
    });
}

RankFigures RemoteRank::World::figures() const {
    if (worker_) return figuresOf(*worker_, *runtime_);
    if (server_) return figuresOf(*server_);
    return {};
}

void RemoteRank::World::carryOut(const DataSource& data, std::shared_ptr<World> before) {
    const auto failed = [&](std::optional<CommError::Kind> lost, std::string why) {
        gate_.tell(RankFailed{lost, std::move(why), figures()});
    };
    try {
        // Until the rank is there this is all it has; the world before goes, with its network and tensors.
        start_ = order_.keepsState && before ? before->ownState() : order_.state;
        before.reset();
        prepare(data);
        connect();
        train();
        RankEnded ended{figures(), {}};
        if (worker_) ended.weights = books_->weightsFor(*worker_);
        if (server_) {
            const auto shard = server_->weights().floats();
            ended.weights.assign(shard.begin(), shard.end());
        }
        gate_.tell(std::move(ended));
    } catch (const CommError& error) {
        // Whoever ended the world knows.
        if (error.kind() != CommError::Kind::Cancelled) failed(error.kind(), error.what());
    } catch (const DataCancelled&) {
    } catch (const c10::Error& error) {
        failed({}, error.what_without_backtrace());
    } catch (const std::exception& error) {
        failed({}, error.what());
    }
}

StateTold RemoteRank::World::state(const EndWorld& order) const {
    StateTold told{order_.generation, {}, figures()};
    if (worker_)
        told.state = worker_->state(order.wantsFloats);
    else if (server_)
        told.state = server_->state(order.wantsFloats);
    else {
        if (start_ && order.wantsFloats) told.state = *start_;
        told.state.stepsDone = order_.firstStep.value;
    }
    return told;
}

std::optional<RankState> RemoteRank::World::ownState() const {
    if (worker_) return worker_->state(true);
    if (server_) return server_->state(true);
    return start_;
}

RemoteRank::RemoteRank(Surroundings surroundings) : surroundings_(std::move(surroundings)) {}

RemoteRank::~RemoteRank() = default;

void RemoteRank::take(RankOrder order) {
    std::shared_ptr<World> current;
    bool later = false;
    {
        const std::lock_guard lock(mutex_);
        current = current_;
        // What begins and ends worlds is done by the rank's own thread, in order.
        later = std::holds_alternative<BeginWorld>(order) || std::holds_alternative<EndWorld>(order);
        if (later) orders_.push_back(order);
    }
    if (later) ordered_.notify_all();
    if (!current) return;
    std::visit(Overloaded{
                   [](const BeginWorld&) {},
                   [&](const GoOn& goOn) { current->gate().take(goOn); },
                   [&](const MeetingOver& over) { current->gate().take(over); },
                   [&](const Strike& strike) {
                       const auto command = parseCommand(strike.command);
                       const auto* fault = command ? std::get_if<InjectFault>(&*command) : nullptr;
                       if (fault) current->strike(fault->fault);
                   },
                   [&](const EndWorld& end) {
                       if (end.generation == current->generation()) current->cancel(end.why);
                   },
               },
               order);
}

void RemoteRank::close(const std::string& why) {
    std::shared_ptr<World> current;
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) closed_ = why;
        current = current_;
    }
    ordered_.notify_all();
    if (current) current->cancel(why);
}

std::optional<RankOrder> RemoteRank::nextOrder() {
    std::unique_lock lock(mutex_);
    ordered_.wait(lock, [&] { return closed_ || !orders_.empty(); });
    if (closed_) return std::nullopt;
    RankOrder order = std::move(orders_.front());
    orders_.pop_front();
    return order;
}

void RemoteRank::begin(BeginWorld order) {
    std::shared_ptr<World> before = std::move(latest_);
    const std::string sha256 = order.dataSha256;
    latest_ = std::make_shared<World>(std::move(order), surroundings_);
    {
        const std::lock_guard lock(mutex_);
        current_ = latest_;
        if (closed_) latest_->cancel(*closed_);
        // It may be over already.
        for (const RankOrder& next : orders_)
            if (const auto* end = std::get_if<EndWorld>(&next))
                if (end->generation == latest_->generation()) latest_->cancel(end->why);
    }
    latest_->carryOut(
        [&](const RunSpec& spec, const std::stop_token& stop) {
            const std::string wanted = dataKeyOf(spec, sha256);
            if (dataset_.first != wanted || !dataset_.second)
                dataset_ = {wanted, surroundings_.data(spec, stop)};
            return dataset_.second;
        },
        std::move(before));
}

void RemoteRank::run() {
    useOneTorchThread();
    keepFreedMemory();
    while (auto order = nextOrder()) {
        if (auto* world = std::get_if<BeginWorld>(&*order)) {
            begin(std::move(*world));
        } else if (const auto* end = std::get_if<EndWorld>(&*order)) {
            if (latest_ && latest_->generation() == end->generation)
                surroundings_.tell(end->generation, latest_->state(*end));
            else
                surroundings_.tell(end->generation, StateTold{end->generation, {}, {}});
        }
    }
}

}  // namespace rondo
