#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "engine/algorithms/worker.h"
#include "engine/compress/compressor.h"
#include "engine/data/batch_plan.h"
#include "engine/data/dataset.h"
#include "engine/model/bucket_plan.h"
#include "engine/model/cost_model.h"
#include "engine/run/fault_plan.h"
#include "engine/run/lane_recorder.h"
#include "engine/run/rank_figures.h"
#include "engine/run/rank_state.h"
#include "engine/run/step_ledger.h"
#include "engine/training/optimizer.h"
#include "engine/training/overseen.h"
#include "engine/training/replica.h"
#include "engine/training/run_books.h"
#include "engine/training/torch_stage.h"

namespace rondo {

/// What the ranks of a run share; outlives them all.
struct SharedRun {
    const RunSpec& spec;
    const Dataset& data;
    const ModelPlan& model;
    const CostModel& costs;
    const std::vector<BucketRange>& buckets;
    Runtime& runtime;
    EventSink& sink;
    EpochOrders& orders;
    RunBooks& books;
    FaultPlan& faults;
    std::uint32_t run = 0;
    std::int64_t plannedSteps = 0;        ///< 0: until a condition stops the run
    BatchPlan::Start start{Step{0}, {}};  ///< where these ranks take the run over
    const SharedParts* parts = nullptr;   ///< where no rank has the whole model
};

/// How updates are made from gradients as they arrive: as the settings say, but without momentum where the
/// compression keeps it (dgc).
OptimizerSpec updateRule(const RunSpec& spec);

/// The worker of one rank: real gradients by LibTorch, charged or measured by the runtime. With modelled
/// weights there is no tensor: time and bytes only.
class TorchWorker final : public Worker, public Overseen {
  public:
    TorchWorker(SharedRun& shared, Rank rank);
    ~TorchWorker() override;

    Rank rank() const override { return rank_; }
    int worldSize() const override { return static_cast<int>(shared_.spec.workers); }
    Step step() const override { return step_; }
    bool beginStep() override;
    void forward() override;
    void backward() override;
    void backward(FunctionRef<void(Bucket)> ready) override;
    void weighByOwnBatch() override;
    void update() override;
    void endStep() override;
    void skipTo(Step next) override;
    TorchStage* stage() override { return stage_.get(); }
    Communicator& network() override { return shared_.runtime.communicator(rank_, Lane::Compute); }
    void await(Rank peer, const StageOp& op, FunctionRef<void(Communicator&)> receive) override;
    Values weights() override;
    Values gradients() override;
    Values gradients(Bucket bucket) override;
    Compressor* compressor() override { return compressor_.get(); }
    void synchronise(FunctionRef<void(Communicator&)> exchange) override;
    void communicate(Bucket bucket, std::function<void(Communicator&)> exchange) override;
    void finishCommunication() override;

    const Replica* model() override { return replica_.get(); }
    std::span<const float> ownWeights() override { return weights().floats(); }
    void putPart(std::span<float> whole) override { stage_->put(whole); }
    void evaluating(FunctionRef<void()> work) override;
    LaneRecorder& computeLane() { return compute_; }
    /// Tells of a fault that strikes this worker or a link of its.
    void tell(const FaultPlan::Struck& struck);
    /// What decides how its training goes on; after an exchange that failed, as after the last update.
    /// `floats`: with weights and what optimiser and compression remember.
    RankState state(bool floats) const;
    /// Goes on from there. BadInput when it is of another model or optimiser.
    void restore(const RankState& state);
    /// Measures on where one ended that had its place before; not yet at work.
    void goOn(const RankFigures& before);
    /// Of the one before it; zero where there was none.
    const RankFigures& before() const { return before_; }
    /// Where in the data its next step begins.
    DataPlace place() const { return batches_.placeAfter(step_); }

    /// Tells the watchers of a step that all have ended.
    void tell(const StepLedger::Completed& completed);
    /// Hands on what its lanes still hold; only when both have come to rest.
    void flush();
    const LaneRecorder& communicationLane() const { return communication_; }
    const std::vector<FaultHappened>& faults() const { return faults_; }
    /// Of its compression: the sum over the steps it has ended, and how many those are.
    std::pair<double, std::int64_t> compressionErrors() const { return {errorSum_, errors_}; }
    Picoseconds firstStepBegan() const override { return firstStepBegan_; }
    Picoseconds lastStepEnded() const override { return lastStepEnded_; }

  private:
    void watchBuckets();
    void tellCompression();
    /// What goes wrong as a step begins; false: this worker is out.
    bool standFaults();
    /// Computes the step, loses it and is away for that long.
    void loseStep(double seconds);
    /// Charges a computation that began at `begin`, for as long as a slowed worker takes.
    void charge(Picoseconds begin, Picoseconds modelled);
    void loadForStage();
    double forwardPass();  ///< sum of the slice's losses
    /// Where exchanges show: their own lane, or the compute lane when it is the one that does them.
    LaneRecorder& exchangeLane() { return shared_.runtime.sideLaneOverlaps() ? communication_ : compute_; }
    void computeGradients(FunctionRef<void(Bucket)>* ready);
    void chargeBackward(FunctionRef<void(Bucket)> ready);

    SharedRun& shared_;
    const Rank rank_;
    EventSequence sequence_;
    LaneRecorder compute_, communication_;
    std::unique_ptr<Replica> replica_;
    std::unique_ptr<TorchStage> stage_;
    std::int64_t stepsDone_ = 0;
    std::int32_t stageSteps_ = 0;  ///< of a stage: ended; more may have begun
    std::unique_ptr<Optimizer> optimizer_;
    std::unique_ptr<Compressor> compressor_;
    std::vector<FaultHappened> faults_;
    std::optional<double> away_;  ///< seconds, after losing the present step
    double errorSum_ = 0;         ///< of the compression, over the steps
    std::int64_t errors_ = 0;
    BatchPlan batches_;

    // The present step.
    Step step_;
    BatchPlan::Slice slice_;
    torch::Tensor inputs_, targets_, loss_;

    // Which bucket became ready, told by hooks of the backward pass under way.
    struct BucketWatch;
    std::unique_ptr<BucketWatch> watch_;
    Picoseconds firstStepBegan_{0}, lastStepEnded_{0};
    bool began_ = false;
    RankFigures before_;
};

}  // namespace rondo
