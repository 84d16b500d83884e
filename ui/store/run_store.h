#pragma once

#include <QObject>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/algorithms/predict.h"
#include "engine/config/run_spec.h"
#include "engine/events/event.h"
#include "ui/store/link_id.h"
#include "ui/store/link_meter.h"
#include "ui/store/span_lane.h"
#include "ui/store/step_history.h"

namespace rondo::ui {

/// How much of a run is remembered. Of what there can be more of, the older half is forgotten when it gets
/// there; notices stop being taken.
struct Remembered {
    std::size_t spans = 4'000'000;  ///< of all lanes together, 32 bytes each
    std::size_t steps = 500'000, evaluations = 65'536, notices = 4'096;
};

/// Everything the window shows of one run, built from its events alone, so that replay is live. Applying a
/// batch costs in proportion to the batch. Thread: GUI only.
class RunStore final : public QObject {
    Q_OBJECT
  public:
    /// What a batch changed; views repaint only what is named here.
    struct Changes {
        bool reset = false, state = false, steps = false, evaluations = false, spans = false, links = false,
             boundary = false, preview = false, notices = false, health = false, staleness = false,
             compression = false, faults = false, world = false;
    };

    explicit RunStore(QObject* parent = nullptr, const Remembered& most = {});

    /// A RunStarted in the batch forgets the run before. Emits changed() once.
    void apply(std::span<const Event> batch);
    /// The spans that have begun and not ended at `now` (run seconds), from somebody who knows what comes:
    /// the player of a recording. Good until the next call.
    void setUnderWay(double now, std::vector<Span> spans);
    void clear();
    /// No event of this run will come any more, though it has not told its end: its process died, its
    /// recording is cut.
    void interrupt();

    bool hasRun() const { return started_.has_value(); }
    const RunStarted* started() const { return started_ ? &*started_ : nullptr; }
    const RunSpec& spec() const {
        return spec_;
    }  ///< defaults when there is no run or its settings can't be read
    const Prediction& prediction() const { return prediction_; }
    RunState state() const { return state_; }
    bool interrupted() const { return interrupted_; }
    /// Nothing on the screen moves any more: the run ended, or was interrupted.
    bool over() const { return interrupted_ || isFinal(state_); }
    QString stateDetail() const { return stateDetail_; }
    int workers() const { return started_ ? started_->workers : 0; }
    bool virtualTime() const { return started_ && started_->virtualTime; }
    double duration() const { return duration_; }  ///< run seconds of the latest event
    /// Run seconds up to which the latest step is known, be it over or not.
    double reached() const;
    /// What a lane is doing at `duration()`; nullptr when that is not known: a live run tells of a span when
    /// it is over.
    const Span* underWay(int rank, Lane lane) const;

    /// The latest steps: all of a run of up to 500,000.
    const std::vector<StepPoint>& steps() const { return steps_.points(); }
    const StepHistory& stepHistory() const { return steps_; }
    const std::vector<Evaluated>& evaluations() const { return evaluations_; }
    /// Of the evaluations of a run whose workers have weights of their own, in order.
    const std::vector<ConsensusMeasured>& consensus() const { return consensus_; }
    /// How many gradients were so many updates old when a server applied them; those of kMostStaleness and
    /// more are counted together.
    const std::vector<quint64>& staleness() const { return staleness_; }
    static constexpr std::int64_t kMostStaleness = 4095;
    /// The latest, in order: what rank 0 has sent in compressed form.
    const std::vector<CompressionMeasured>& compression() const { return compression_; }
    const std::vector<FaultHappened>& faults() const { return faults_; }
    quint64 evaluationsEver() const { return evaluationsEver_; }
    const std::vector<Notice>& notices() const { return notices_; }
    /// Who trained together, from the first world on.
    const std::vector<WorldChanged>& worlds() const { return worlds_; }
    const std::optional<DecisionBoundary>& boundary() const { return boundary_; }
    const std::optional<DataPreview>& preview() const { return preview_; }
    /// Lanes in drawing order: rank 0 compute, rank 0 communication (if it has spans), rank 1 compute …
    const std::vector<SpanLane>& lanes() const { return lanes_; }
    /// The latest, in order of arrival: between 32,768 and 65,536 of them once there are that many.
    const std::vector<Message>& messages() const { return messages_; }
    quint64 messagesEver() const { return messagesEver_; }  ///< of this run, those forgotten included
    const std::map<LinkId, LinkCounter>& links() const { return links_; }
    const RateHistory& totalRate() const { return totalRate_; }
    /// What worker cards show: what the rank is doing, where that is known. Else the phase that ended last,
    /// or Synchronise when a message has arrived since.
    std::optional<Phase> currentPhase(int rank) const;
    int currentStep(int rank) const;
    /// Some span of this run was in it.
    bool hadPhase(Phase phase) const { return phases_ >> static_cast<int>(phase) & 1u; }
    /// Backward passes of this run are split into the part for the input and the part for the weights.
    bool splitBackward() const { return splitBackward_; }
    quint64 eventsSeen() const { return eventsSeen_; }
    quint64 eventsDropped() const { return eventsDropped_; }
    bool ended() const { return ended_; }                 ///< RunEnded has come, with hasRun() or without
    const QByteArray& report() const { return report_; }  ///< JSON text; empty until the run ended, or none

  Q_SIGNALS:
    void changed(const rondo::ui::RunStore::Changes& changes);

  private:
    static constexpr std::size_t kMostMessages = 65'536;
    struct Now {
        std::optional<Phase> phase;
        std::int64_t since = std::numeric_limits<std::int64_t>::min();  ///< end of that span, ns
        int step = kNone;
        int lanes[2] = {kNone, kNone};  ///< places in lanes_, by Lane
    };

    void take(const RunStarted& event, Changes& changes);
    void take(const RunStateChanged& event, Changes& changes);
    void take(const RunEnded& event, Changes& changes);
    void take(const Notice& event, Changes& changes);
    void take(const Evaluated& event, Changes& changes);
    void take(const DecisionBoundary& event, Changes& changes);
    void take(const DataPreview& event, Changes& changes);
    void take(const Span& event, Changes& changes);
    void take(const Message& event, Changes& changes);
    void take(const StepCompleted& event, Changes& changes);
    void take(const EventsDropped& event, Changes& changes);
    void take(const Throughput&, Changes&) {}
    void take(const ConsensusMeasured& event, Changes& changes);
    void take(const GradientApplied& event, Changes& changes);
    void take(const CompressionMeasured& event, Changes& changes);
    void take(const FaultHappened& event, Changes& changes);
    void take(const MemberChanged&, Changes&) {}  // the room has a store of its own
    void take(const RoomChanged&, Changes&) {}
    void take(const WorldChanged& event, Changes& changes);
    void take(const RouteChosen& event, Changes& changes);
    void forget();
    void forgetOldSpans();
    SpanLane& laneOf(int rank, Lane lane);
    Now& nowOf(int rank);

    std::optional<RunStarted> started_;
    RunSpec spec_;
    Prediction prediction_;
    RunState state_ = RunState::Preparing;
    QString stateDetail_;
    const Remembered most_;
    double duration_ = 0;
    StepHistory steps_;
    std::vector<Evaluated> evaluations_;
    std::vector<ConsensusMeasured> consensus_;
    std::vector<quint64> staleness_;
    std::vector<CompressionMeasured> compression_;
    std::vector<FaultHappened> faults_;
    std::vector<WorldChanged> worlds_;
    std::vector<RouteChosen> routes_;
    std::vector<Notice> notices_;
    std::optional<DecisionBoundary> boundary_;
    std::optional<DataPreview> preview_;
    std::vector<SpanLane> lanes_;
    std::size_t spans_ = 0;  ///< in all lanes
    std::uint32_t phases_ = 0;
    bool splitBackward_ = false;
    std::vector<Message> messages_;
    std::map<LinkId, LinkCounter> links_;
    RateHistory totalRate_;
    std::map<LinkId, LinkMeter> meters_;
    std::vector<Now> now_;        ///< by rank
    std::vector<Span> underWay_;  ///< by rank and lane
    double openStepEnd_ = 0;      ///< of the spans of the step that is not over
    quint64 messagesEver_ = 0, evaluationsEver_ = 0;
    quint64 eventsSeen_ = 0, eventsDropped_ = 0;
    bool ended_ = false, interrupted_ = false;
    QByteArray report_;
};

}  // namespace rondo::ui
