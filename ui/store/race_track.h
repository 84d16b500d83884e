#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/algorithms/pipeline/play_schedule.h"
#include "engine/events/event.h"

namespace rondo::ui {

/// One thing a stage does, in seconds of its race. `takes`: from its begin on the stage holds the activations
/// of one micro-batch (of one chunk) more; `frees`: at its end one less.
struct RaceSpan {
    double begin = 0, end = 0;
    Phase phase = Phase::Forward;
    bool fused = false, takes = false, frees = false;
    std::int32_t microBatch = 0, chunk = 0;
    bool operator==(const RaceSpan&) const = default;
};

/// What a stage has come to at a moment. Waiting counts between its first start and its last end only: the
/// bubble.
struct StageMoment {
    double busy = 0, waited = 0;  ///< seconds
    double held = 0, peak = 0;    ///< activations now and at most so far, in micro-batches of a whole stage
    bool over = false;
    double bubble() const { return busy + waited > 0 ? waited / (busy + waited) : 0; }
};

/// A schedule as it goes, computed or measured: what every stage does when, and what has come of it at any
/// moment, in logarithmic time.
class RaceTrack {
  public:
    RaceTrack() = default;
    /// `stages`: what each does, ordered by begin, not overlapping.
    RaceTrack(std::vector<std::vector<RaceSpan>> stages, int chunks);
    /// Times of `played` are multiplied by `unit` to be seconds.
    static RaceTrack of(const PipelineSchedule& schedule, const PlayedSchedule& played, double unit);

    int stages() const { return static_cast<int>(lanes_.size()); }
    int chunks() const { return chunks_; }
    const std::vector<RaceSpan>& spans(int stage) const { return lanes_[place(stage)].spans; }
    double end() const { return end_; }  ///< of the last stage to end

    StageMoment at(int stage, double seconds) const;
    /// `held` and `peak` of all stages together; `busy` and `waited` of the stage that has been at work
    /// longest, so that in the end bubble() is what is stated of the schedule as a whole.
    StageMoment total(double seconds) const;
    /// The next moment after `seconds` at which something begins or ends; end() if none. With `back`, the
    /// last one before, 0 if none.
    double border(double seconds, bool back) const;

  private:
    struct Held {
        double at = 0, held = 0, peak = 0;
    };
    struct Lane {
        std::vector<RaceSpan> spans;
        std::vector<double> busyBefore;  ///< of each span
        std::vector<Held> held;
    };
    using Changes = std::vector<std::pair<double, double>>;  ///< when, by how much
    static std::size_t place(int stage) { return static_cast<std::size_t>(stage); }
    static std::vector<Held> heldFrom(Changes changes);
    static const Held* heldAt(const std::vector<Held>& held, double seconds);

    std::vector<Lane> lanes_;
    std::vector<Held> all_;
    std::vector<double> borders_;
    int chunks_ = 1;
    double end_ = 0;
};

}  // namespace rondo::ui
