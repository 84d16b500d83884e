#include "engine/algorithms/pipeline/play_schedule.h"

#include <algorithm>
#include <limits>

namespace rondo {

namespace {

constexpr double kNotYet = std::numeric_limits<double>::infinity();

class Player {
  public:
    Player(const PipelineSchedule& schedule, const PassTimes& times)
        : schedule_(schedule),
          times_(times),
          stages_(schedule.stageCount()),
          parts_(stages_ * schedule.chunks),
          forwardEnd_(static_cast<std::size_t>(parts_ * schedule.microBatches), kNotYet),
          backwardEnd_(forwardEnd_) {
        played_.stages.resize(schedule.stages.size());
    }

    Result<PlayedSchedule> play() {
        for (bool goesOn = true; goesOn;) {
            goesOn = false;
            for (int stage = 0; stage < stages_; ++stage)
                while (doNext(stage)) goesOn = true;
        }
        for (int stage = 0; stage < stages_; ++stage)
            if (done(stage) < listOf(stage).size()) return impossible(stage);
        sumUp();
        return std::move(played_);
    }

  private:
    const std::vector<PipelineOp>& listOf(int stage) const {
        return schedule_.stages[static_cast<std::size_t>(stage)];
    }
    std::size_t done(int stage) const { return played_.stages[static_cast<std::size_t>(stage)].size(); }
    int partOf(const PipelineOp& op, int stage) const { return op.chunk * stages_ + stage; }
    std::size_t place(int part, const PipelineOp& op) const {
        return static_cast<std::size_t>(part * schedule_.microBatches + op.microBatch);
    }

    /// When what the operation needs is there; kNotYet while it isn't.
    double ready(const PipelineOp& op, int stage) const {
        const int part = partOf(op, stage);
        switch (op.pass) {
            case Pass::Forward:
                return part == 0 ? 0 : forwardEnd_[place(part - 1, op)] + times_.message;
            case Pass::BackwardInput:
            case Pass::Backward: {
                const double own = forwardEnd_[place(part, op)];
                if (part == parts_ - 1) return own;
                return std::max(own, backwardEnd_[place(part + 1, op)] + times_.message);
            }
            case Pass::BackwardWeight:
                return backwardEnd_[place(part, op)];
        }
        return kNotYet;
    }

    double duration(Pass pass) const {
        switch (pass) {
            case Pass::Forward:
                return times_.forward / schedule_.chunks;
            case Pass::BackwardInput:
                return times_.backwardInput / schedule_.chunks;
            case Pass::BackwardWeight:
                return times_.backwardWeight / schedule_.chunks;
            case Pass::Backward:
                return (times_.backwardInput + times_.backwardWeight) / schedule_.chunks;
        }
        return 0;
    }

    bool doNext(int stage) {
        auto& spans = played_.stages[static_cast<std::size_t>(stage)];
        if (spans.size() == listOf(stage).size()) return false;
        const PipelineOp& op = listOf(stage)[spans.size()];
        const double when = ready(op, stage);
        if (when == kNotYet) return false;
        const double begin = std::max(when, spans.empty() ? 0.0 : spans.back().end);
        const double end = begin + duration(op.pass);
        spans.push_back({op, begin, end});
        if (op.pass == Pass::Forward) forwardEnd_[place(partOf(op, stage), op)] = end;
        if (op.pass == Pass::BackwardInput || op.pass == Pass::Backward)
            backwardEnd_[place(partOf(op, stage), op)] = end;
        return true;
    }

    struct Awaited {
        PipelineOp op;
        int stage = 0;
    };
    /// What the next operation of a stage that is stuck waits for.
    Awaited awaitedBy(int stage) const {
        const PipelineOp& op = listOf(stage)[done(stage)];
        const int part = partOf(op, stage);
        const auto of = [&](int otherPart, Pass pass) {
            return Awaited{{pass, op.microBatch, otherPart / stages_}, otherPart % stages_};
        };
        if (op.pass == Pass::Forward) return of(part - 1, Pass::Forward);
        if (forwardEnd_[place(part, op)] == kNotYet) return of(part, Pass::Forward);
        if (op.pass == Pass::BackwardWeight) return of(part, Pass::BackwardInput);
        return of(part + 1, Pass::BackwardInput);
    }

    /// Stages wait for others that are stuck themselves: goes on to the one whose own order is wrong, or
    /// round a circle of which the first is as good as any.
    Problem impossible(int stage) const {
        std::vector<bool> seen(static_cast<std::size_t>(stages_));
        Awaited awaited = awaitedBy(stage);
        while (awaited.stage != stage && !seen[static_cast<std::size_t>(awaited.stage)]) {
            seen[static_cast<std::size_t>(stage)] = true;
            stage = awaited.stage;
            awaited = awaitedBy(stage);
        }
        return {"stage " + std::to_string(stage),
                nameOf(listOf(stage)[done(stage)], schedule_.chunks) + " can never begin: it waits for " +
                    nameOf(awaited.op, schedule_.chunks) + " of stage " + std::to_string(awaited.stage)};
    }

    void sumUp() {
        for (const auto& spans : played_.stages) {
            if (spans.empty()) continue;
            played_.cost = std::max(played_.cost, spans.back().end - spans.front().begin);
            played_.makespan = std::max(played_.makespan, spans.back().end);
        }
        const double busy = schedule_.microBatches * times_.all();
        played_.bubbleRate = played_.cost > 0 ? (played_.cost - busy) / played_.cost : 0;
    }

    const PipelineSchedule& schedule_;
    const PassTimes times_;
    const int stages_, parts_;
    std::vector<double> forwardEnd_, backwardEnd_;  // by part of the model, then micro-batch
    PlayedSchedule played_;
};

}  // namespace

Result<PlayedSchedule> playSchedule(const PipelineSchedule& schedule, const PassTimes& times) {
    return Player(schedule, times).play();
}

}  // namespace rondo
