#pragma once

#include "engine/algorithms/predict.h"
#include "engine/run/lane_recorder.h"
#include "engine/run/measured.h"
#include "engine/run/step_ledger.h"
#include "engine/training/overseer.h"
#include "engine/training/training_run.h"

namespace rondo {

/// What every run goes through, wherever its ranks are: it gets its data, says what it is, trains, and ends
/// with a report, whatever happens. Whoever carries out the ranks is the class derived from it.
///
/// Thread: that of execute().
class RunFrame {
  public:
    RunFrame(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run);
    virtual ~RunFrame() = default;
    /// As runTraining says.
    TrainingResult execute(const DataSource& source);

  protected:
    /// Trains to the end and fills the report; throws what ends it early.
    virtual void train(std::int64_t plannedSteps) = 0;
    /// Run time; 0 before the first rank is there.
    virtual Nanoseconds now() const = 0;

    Stamp stamp() { return sequence_.stamp(now()); }
    void notice(Notice::Kind kind, std::string text);
    /// Tells the watchers what the control makes of the run, until the object goes.
    struct Telling {
        RunControl& control;
        ~Telling() { control.listen({}); }
    };
    Telling tellStates();
    /// Notes the weights everything started from, of the whole model.
    void startsFrom(std::span<const float> weights) {
        initialWeights_.assign(weights.begin(), weights.end());
    }
    /// The figures of the end: what the history says, and whether the run came to where it was to go.
    void conclude(std::int64_t plannedSteps, const Overseer& overseer);

    const RunSpec& spec_;
    RunControl& control_;
    EventSink& sink_;
    const std::uint32_t run_;
    const int ranks_;    // that train
    const int servers_;  // ranks after those
    EventSequence sequence_;
    std::shared_ptr<const Dataset> data_;
    Prediction prediction_;
    std::vector<float> initialWeights_;
    TrainingResult result_;

  private:
    void prepare(const DataSource& source);
    void tellStart();
    std::string withLost(const std::string& why) const;
    void failed(std::string why);
    TrainingResult end();

    const std::uint64_t droppedBefore_;  // by runs that had the same sink
};

}  // namespace rondo
