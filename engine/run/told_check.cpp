#include "engine/run/told_check.h"

#include <cmath>

#include "engine/core/overloaded.h"
#include "engine/data/batch_plan.h"

namespace rondo {

namespace {

/// Sums over a world of the largest size stay numbers.
constexpr std::int64_t kMostBytes = 1'000'000'000'000'000, kMostSamples = 1'000'000'000'000;
/// A machine's clock may be wrong by so much before what it measures is of no use.
constexpr Nanoseconds kClocksApart = std::chrono::seconds(10);

bool within(std::int64_t value, std::int64_t least, std::int64_t most) {
    return value >= least && value <= most;
}
bool within(Picoseconds time) {
    return time.count() >= 0 && time <= kLongestRun;
}
bool isTime(Nanoseconds time) {
    return time.count() >= 0 && time <= std::chrono::duration_cast<Nanoseconds>(kLongestRun);
}
bool isAmount(double value) {
    return std::isfinite(value) && value >= 0;
}

struct Told {
    const ToldBounds& bounds;
    std::optional<std::string> wrong = {};

    void must(bool holds, const char* what) {
        if (!holds && !wrong) wrong = what;
    }
    void step(Step step) { must(within(step.value, bounds.first.value, kMostSteps), "a step of no world"); }
    void stepsDone(std::int64_t done, std::int64_t least) {
        must(within(done, least, kMostSteps), "a number of steps that can't be");
    }
    void bytes(std::int64_t bytes) { must(within(bytes, 0, kMostBytes), "a number of bytes that can't be"); }

    void figures(const RankFigures& f) {
        must(within(f.firstStepBegan) && within(f.lastStepEnded), "a time outside of the run");
        for (const double seconds : f.phaseSeconds) must(isAmount(seconds), "a phase of no length");
        std::int64_t sent = 0;
        for (const auto& [to, traffic] : f.sentTo) {
            must(within(to.value, 0, bounds.ranks - 1), "what it sent to a rank that isn't there");
            bytes(traffic.payloadBytes);
            bytes(traffic.wireBytes);
            bytes(traffic.messages);
            if (wrong) return;
            sent += traffic.wireBytes;
            bytes(sent);
        }
        for (const FaultHappened& fault : f.faults) {
            must(fault.stamp.rank == bounds.rank, "a fault of another rank");
            must(within(fault.peer.value, kNone, bounds.ranks - 1), "a fault on the way to no rank");
            must(within(fault.step, kNone, kMostSteps), "a fault in no step");
        }
        if (f.compression) {
            bytes(f.compression->denseBytes);
            bytes(f.compression->encodedBytes);
        }
        must(f.compressionSteps >= 0, "a number of steps that can't be");
        must(isAmount(f.peakActivations) && f.weightVersions >= 0 && f.weightDelay >= 0,
             "memory of a stage that can't be");
        for (const std::int64_t count : f.staleness)
            must(within(count, 0, kMostBytes), "gradients that can't be");
        must(f.clockSpread >= 0, "clocks that can't be");
    }

    void operator()(const StepTold& told) {
        step(told.step);
        must(within(told.samples, 0, kMostSamples), "a number of samples that can't be");
        bytes(told.payloadBytes);
        must(isTime(told.firstBegan) && isTime(told.ended), "a time outside of the run");
        if (told.share) must(isAmount(told.share->time) && isAmount(told.share->busy), "a time of no length");
    }
    void operator()(const StepsSkipped& told) {
        step(told.first);
        step(told.next);
    }
    void operator()(const KilledByPlan& told) { step(told.first); }
    void operator()(const StandsBefore& told) { step(told.step); }
    void operator()(const AtMeeting& told) { stepsDone(told.stepsDone, bounds.first.value); }
    void operator()(const RankEnded& told) { figures(told.figures); }
    void operator()(const RankFailed& told) { figures(told.figures); }
    void operator()(const StateTold& told) {
        stepsDone(told.state.stepsDone, 0);
        figures(told.figures);
    }
};

}  // namespace

std::optional<std::string> impossibleIn(const RankTold& told, const ToldBounds& bounds) {
    Told check{bounds};
    std::visit(check, told);
    return check.wrong;
}

bool isOfARank(const Event& event) {
    return std::visit(Overloaded{
                          [](const Span&) { return true; },
                          [](const Message&) { return true; },
                          [](const CompressionMeasured&) { return true; },
                          [](const EventsDropped&) { return true; },
                          [](const FaultHappened&) { return true; },
                          [](const RouteChosen&) { return true; },
                          [](const auto&) { return false; },
                      },
                      event);
}

bool canBe(const Event& event, int ranks, Nanoseconds now) {
    const auto isRank = [&](Rank rank, std::int32_t least = 0) {
        return within(rank.value, least, ranks - 1);
    };
    const auto isIndex = [](std::int32_t index) { return index >= kNone; };
    const auto areBytes = [](std::int64_t bytes) { return within(bytes, 0, kMostBytes); };
    const Stamp& stamp = stampOf(event);
    if (stamp.at < -kClocksApart || stamp.at > now + kClocksApart) return false;
    const auto lasts = [&](Nanoseconds begin) { return begin >= -kClocksApart && begin <= stamp.at; };
    return std::visit(
        Overloaded{
            [&](const Span& span) {
                return lasts(span.begin) && isIndex(span.step) && isIndex(span.bucket) &&
                       isIndex(span.microBatch) && isIndex(span.chunk) && isRank(span.peer, kNone);
            },
            [&](const Message& message) {
                return lasts(message.begin) && isRank(message.from) && message.to == stamp.rank &&
                       areBytes(message.payloadBytes) && areBytes(message.wireBytes) &&
                       isIndex(message.step) && isIndex(message.bucket) && isIndex(message.chunk) &&
                       isIndex(message.microBatch);
            },
            [&](const CompressionMeasured& measured) {
                return measured.step >= 0 && areBytes(measured.denseBytes) && areBytes(measured.encodedBytes);
            },
            [&](const FaultHappened& fault) {
                return isRank(fault.peer, kNone) && isIndex(fault.step) && fault.seconds >= 0 &&
                       isAmount(fault.factor);
            },
            [&](const RouteChosen& route) { return isRank(route.peer); },
            [](const auto&) { return true; },
        },
        event);
}

}  // namespace rondo
