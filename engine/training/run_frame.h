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
    RunFrame(const RunSpec& spec, RunControl& control, EventSink& sink, const TrainingOptions& options);
    RunFrame(const RunSpec& spec, RunControl& control, EventSink& sink, std::uint32_t run)
        : RunFrame(spec, control, sink, TrainingOptions{.run = run}) {}
    virtual ~RunFrame() = default;
    /// As runTraining says.
    TrainingResult execute(const DataSource& source);

  protected:
    /// Trains to the end and fills the report; throws what ends it early.
    virtual void train(std::int64_t plannedSteps) = 0;
    /// Run time; 0 before the first rank is there.
    virtual Nanoseconds now() const = 0;

    /// Since the data was there, and in runs that this one goes on from.
    double wallSeconds() const;
    Stamp stamp() { return sequence_.stamp(now()); }
    void notice(Notice::Kind kind, std::string text);
    /// Tells the watchers what the control makes of the run, until the object goes.
    struct Telling {
        RunControl& control;
        ~Telling() { control.listen({}); }
    };
    Telling tellStates();
    /// The same, from threads that can't ask for the time.
    void noticeFromOutside(Notice::Kind kind, std::string text);
    /// Notes the weights everything started from, of the whole model.
    void startsFrom(std::span<const float> weights) {
        initialWeights_.assign(weights.begin(), weights.end());
    }
    /// The figures of the end: what the history says, and whether the run came to where it was to go.
    void conclude(std::int64_t plannedSteps, const Overseer& overseer);

    const RunSpec& spec_;
    RunControl& control_;
    EventSink& sink_;
    const TrainingOptions options_;
    const std::uint32_t run_;
    const Checkpoint* const resumed_;  ///< null: the run begins
    const int ranks_;                  // that train
    const int servers_;                // ranks after those
    EventSequence sequence_;
    std::shared_ptr<const Dataset> data_;
    Prediction prediction_;
    std::vector<float> initialWeights_;
    TrainingResult result_;

  private:
    void prepare(const DataSource& source);
    void checkResume();
    void tellStart();
    void tellHistory();
    std::string withLost(const std::string& why) const;
    void failed(std::string why);
    TrainingResult end();

    std::optional<std::chrono::steady_clock::time_point> began_;
    std::int64_t plannedSteps_ = 0;      // 0: until a condition is met
    const std::uint64_t droppedBefore_;  // by runs that had the same sink
};

}  // namespace rondo
