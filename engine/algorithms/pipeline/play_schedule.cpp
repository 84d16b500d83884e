#include "engine/algorithms/pipeline/play_schedule.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

#include "engine/algorithms/pipeline/schedule_stream.h"

namespace rondo {

namespace {

constexpr double kNotYet = std::numeric_limits<double>::infinity();

class Player {
  public:
    /// `microBatchesAnUpdate`: 0 when none is waited for.
    Player(const PipelineSchedule& schedule, const StageTimes& times, int microBatchesAnUpdate)
        : schedule_(schedule),
          times_(times),
          stages_(schedule.stageCount()),
          parts_(schedule.partCount()),
          microBatchesAnUpdate_(microBatchesAnUpdate),
          free_(schedule.stages.size()),
          gradients_(schedule.stages.size()),
          forwardEnd_(static_cast<std::size_t>(parts_) * static_cast<std::size_t>(schedule.microBatches),
                      kNotYet),
          backwardEnd_(forwardEnd_) {
        assert(times.parts.size() == static_cast<std::size_t>(parts_));
        played_.stages.resize(schedule.stages.size());
        for (std::size_t stage = 0; stage < schedule.stages.size(); ++stage)
            played_.stages[stage].reserve(schedule.stages[stage].size());
    }

    Result<PlayedSchedule> play() {
        for (bool goesOn = true; goesOn;) {
            goesOn = false;
            for (int stage = 0; stage < stages_; ++stage)
                while (doNext(stage)) goesOn = true;
        }
        for (int stage = 0; stage < stages_; ++stage)
            if (stuck(stage)) return impossible(stage);
        sumUp();
        return std::move(played_);
    }

  private:
    const std::vector<PipelineOp>& listOf(int stage) const {
        return schedule_.stages[static_cast<std::size_t>(stage)];
    }
    const std::vector<PipelineSpan>& spansOf(int stage) const {
        return played_.stages[static_cast<std::size_t>(stage)];
    }
    bool stuck(int stage) const { return spansOf(stage).size() < listOf(stage).size(); }
    const PipelineOp& next(int stage) const { return listOf(stage)[spansOf(stage).size()]; }
    const PassTimes& timesOf(int part) const { return times_.parts[static_cast<std::size_t>(part)]; }
    std::size_t place(int part, const PipelineOp& op) const {
        return static_cast<std::size_t>(part) * static_cast<std::size_t>(schedule_.microBatches) +
               static_cast<std::size_t>(op.microBatch);
    }
    /// When what the operation needs is there; kNotYet while it isn't.
    double ready(const PipelineOp& op, int part) const {
        if (op.pass == Pass::Forward)
            return part == 0 ? 0 : forwardEnd_[place(part - 1, op)] + timesOf(part - 1).message;
        if (!schedule_.beginsBackward(op.pass, part)) return backwardEnd_[place(part, op)];
        const double own = forwardEnd_[place(part, op)];
        if (part == parts_ - 1) return own;
        return std::max(own, backwardEnd_[place(part + 1, op)] + timesOf(part).message);
    }

    double duration(Pass pass, int part) const {
        const PassTimes& times = timesOf(part);
        switch (pass) {
            case Pass::Forward:
                return times.forward;
            case Pass::BackwardInput:
                return times.backwardInput;
            case Pass::BackwardWeight:
                return times.backwardWeight;
            case Pass::Backward:
                return times.backwardInput + times.backwardWeight;
        }
        return 0;
    }

    bool doNext(int stage) {
        if (!stuck(stage)) return false;
        const PipelineOp& op = next(stage);
        const int part = schedule_.partOf(op, stage);
        const double when = ready(op, part);
        if (when == kNotYet) return false;
        const auto lane = static_cast<std::size_t>(stage);
        const double begin = std::max(when, free_[lane]);
        const bool repeats = schedule_.recompute && schedule_.beginsBackward(op.pass, part);
        const double recomputed = repeats ? timesOf(part).forward : 0;
        const double end = begin + recomputed + duration(op.pass, part);
        played_.stages[lane].push_back({op, begin, end, recomputed});
        free_[lane] = end;
        if (op.pass == Pass::Backward || op.pass == Pass::BackwardWeight) {
            ++gradients_[lane];
            if (microBatchesAnUpdate_ > 0 && !times_.updates.empty() &&
                gradients_[lane] % (learningChunks(schedule_, stage) * microBatchesAnUpdate_) == 0)
                free_[lane] += times_.updates[lane];
        }
        if (op.pass == Pass::Forward) forwardEnd_[place(part, op)] = end;
        if (op.pass == Pass::BackwardInput || op.pass == Pass::Backward) backwardEnd_[place(part, op)] = end;
        return true;
    }

    struct Awaited {
        PipelineOp op;
        int stage = 0;
        bool missing = false;  ///< nobody does it
    };
    /// What the next operation of a stage that is stuck waits for, as its stage's list has it.
    Awaited awaitedBy(int stage) const {
        const PipelineOp& op = next(stage);
        const int part = schedule_.partOf(op, stage);
        const auto of = [&](int otherPart, Pass pass) {
            Awaited awaited{{pass, op.microBatch, otherPart / stages_}, otherPart % stages_};
            const PipelineOp whole{Pass::Backward, awaited.op.microBatch, awaited.op.chunk};
            const auto& list = listOf(awaited.stage);
            const auto has = [&](const PipelineOp& what) {
                return std::find(list.begin(), list.end(), what) != list.end();
            };
            if (pass != Pass::Forward && has(whole)) awaited.op = whole;
            awaited.missing = !has(awaited.op);
            return awaited;
        };
        if (op.pass == Pass::Forward) return of(part - 1, Pass::Forward);
        if (forwardEnd_[place(part, op)] == kNotYet) return of(part, Pass::Forward);
        return of(schedule_.beginsBackward(op.pass, part) ? part + 1 : part, Pass::BackwardInput);
    }

    /// Stages wait for others that are stuck themselves: follows them to the circle they end in (of one stage
    /// when its own order is wrong), and tells it from the operation that was stuck first.
    Problem impossible(int stage) const {
        std::vector<bool> seen(static_cast<std::size_t>(stages_));
        while (!seen[static_cast<std::size_t>(stage)]) {
            seen[static_cast<std::size_t>(stage)] = true;
            const Awaited awaited = awaitedBy(stage);
            if (awaited.missing) break;
            stage = awaited.stage;
        }
        const auto stuckSince = [&](int s) { return spansOf(s).empty() ? 0 : spansOf(s).back().end; };
        int first = stage;
        if (!awaitedBy(stage).missing)
            for (int s = awaitedBy(stage).stage; s != stage; s = awaitedBy(s).stage)
                if (stuckSince(s) < stuckSince(first)) first = s;
        std::string what = nameOf(next(first), schedule_.chunks) + " can never begin: it waits for ";
        for (int s = first;;) {
            const Awaited awaited = awaitedBy(s);
            what += nameOf(awaited.op, schedule_.chunks) + " of stage " + std::to_string(awaited.stage);
            if (awaited.missing) {
                what += ", which is missing";
                break;
            }
            const PipelineOp& ahead = next(awaited.stage);
            what += ", which comes after " + nameOf(ahead, schedule_.chunks);
            s = awaited.stage;
            if (s == first) break;
            what += ", which waits for ";
        }
        return {"stage " + std::to_string(first), what};
    }

    void sumUp() {
        std::vector<StageShare> shares;
        for (const auto& spans : played_.stages) {
            double busy = 0;
            for (const PipelineSpan& span : spans) busy += span.end - span.begin;
            played_.busy.push_back(busy);
            if (spans.empty()) continue;
            played_.makespan = std::max(played_.makespan, spans.back().end);
            shares.push_back({spans.back().end - spans.front().begin, busy});
            played_.cost = std::max(played_.cost, shares.back().time);
        }
        played_.bubbleRate = bubbleOf(shares);
    }

    const PipelineSchedule& schedule_;
    const StageTimes& times_;
    const int stages_, parts_, microBatchesAnUpdate_;
    std::vector<double> free_;                      // when a stage has done what it began
    std::vector<std::int64_t> gradients_;           // weight gradients a stage has made
    std::vector<double> forwardEnd_, backwardEnd_;  // by part of the model, then micro-batch
    PlayedSchedule played_;
};

}  // namespace

double bubbleOf(std::span<const StageShare> stages) {
    double longest = 0, bubble = 0;
    for (const StageShare& stage : stages) longest = std::max(longest, stage.time);
    for (const StageShare& stage : stages)
        if (stage.time > 0 && stage.time >= longest * (1 - 1e-9))
            bubble = std::max(bubble, 1 - stage.busy / stage.time);
    return bubble;
}

StageTimes StageTimes::even(int stages, int chunks, const PassTimes& stage) {
    const PassTimes part{stage.forward / chunks, stage.backwardInput / chunks, stage.backwardWeight / chunks,
                         stages > 1 ? stage.message : 0};
    return {std::vector<PassTimes>(static_cast<std::size_t>(stages * chunks), part), {}};
}

Result<PlayedSchedule> playSchedule(const PipelineSchedule& schedule, const StageTimes& times) {
    return Player(schedule, times, 0).play();
}

Result<PlayedSchedule> playSchedule(const PipelineSchedule& schedule, const PassTimes& stage) {
    return playSchedule(schedule, StageTimes::even(schedule.stageCount(), schedule.chunks, stage));
}

double PlayedSteps::meanBubble() const {
    return bubbles.empty()
               ? 0
               : std::accumulate(bubbles.begin(), bubbles.end(), 0.0) / static_cast<double>(bubbles.size());
}

namespace {

std::vector<double> bubblesOf(const PlayedSchedule& whole, int microBatches, int steps) {
    struct Window {
        double begin = kNotYet, busyBefore = 0, end = 0, busyUntil = 0;
    };
    std::vector<std::vector<StageShare>> shares(static_cast<std::size_t>(steps));
    for (const auto& spans : whole.stages) {
        std::vector<Window> windows(shares.size());
        double busy = 0;
        for (const PipelineSpan& span : spans) {
            Window& window = windows[static_cast<std::size_t>(span.op.microBatch / microBatches)];
            if (window.begin == kNotYet) window.begin = span.begin, window.busyBefore = busy;
            busy += span.end - span.begin;
            window.end = span.end, window.busyUntil = busy;
        }
        for (std::size_t step = 0; step < windows.size(); ++step)
            shares[step].push_back({windows[step].end - windows[step].begin,
                                    windows[step].busyUntil - windows[step].busyBefore});
    }
    std::vector<double> bubbles;
    for (const auto& step : shares) bubbles.push_back(bubbleOf(step));
    return bubbles;
}

}  // namespace

Result<PlayedSteps> playSteps(const PipelineSchedule& schedule, const StageTimes& times, int steps) {
    auto whole = Player(repeated(schedule, steps), times,
                        schedule.weights == WeightUse::Stashed ? 1 : schedule.microBatches)
                     .play();
    if (!whole) return whole.problems();
    PlayedSteps played{std::move(*whole), {}};
    played.bubbles = bubblesOf(played.whole, schedule.microBatches, steps);
    return played;
}

}  // namespace rondo
