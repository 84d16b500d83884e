#include <algorithm>

#include "engine/core/overloaded.h"
#include "engine/run/tell_step.h"
#include "engine/training/world.h"

// What members tell of the world they are in.

namespace rondo {

void World::take(const FromMember& news) {
    const Rank rank = rankOf(news.member);
    std::visit(Overloaded{
                   [&](const RankTold& told) {
                       if (rank.value == kNone || members_[rank.index()].lost) return;
                       members_[rank.index()].heard = std::chrono::steady_clock::now();
                       take(members_[rank.index()], rank, told);
                   },
                   [&](const MemberLost& lost) {
                       std::erase(run_.joined, news.member);
                       if (rank.value != kNone) lose(members_[rank.index()], ": " + lost.why);
                   },
                   [&](const MemberJoined&) {
                       if (rank.value == kNone || members_[rank.index()].lost)
                           run_.joined.push_back(news.member);
                   },
               },
               news.news);
}

void World::take(Member& member, Rank rank, RankTold told) {
    // What a server says of steps is nothing to keep books of.
    const bool worker = !member.server;
    std::visit(Overloaded{
                   [&](const StepTold& step) {
                       if (worker) takeStep(member, rank, step);
                   },
                   [&](const StepsSkipped& steps) {
                       if (worker) takeSkipped(member, rank, steps);
                   },
                   [&](const KilledByPlan& killed) {
                       if (worker) takeKilled(member, rank, killed);
                   },
                   [&](const StandsBefore& border) {
                       if (worker) grants_->stands(rank, border.step);
                   },
                   [&](AtMeeting& meeting) {
                       if (worker) takeMeeting(member, rank, std::move(meeting));
                   },
                   [&](RankEnded& ended) {
                       member.ended = true;
                       member.figures = std::move(ended.figures);
                       member.weights = std::move(ended.weights);
                       if (!worker) return;
                       grants_->leaves(rank);
                       meetIfAll();
                   },
                   [&](RankFailed& failed) {
                       if (worker) grants_->leaves(rank);
                       takeFailed(member, std::move(failed));
                   },
                   [&](StateTold& state) {
                       if (state.generation == generation_ && !member.told) member.told = std::move(state);
                   },
               },
               told);
}

void World::takeStep(Member& member, Rank rank, const StepTold& step) {
    if (!grants_->expects(rank, step.step)) return lose(member, " told of a step out of turn");
    RemoteWorker& remote = *remote_[rank.index()];
    remote.told(runBegan_.value_or(step.firstBegan), step.ended);
    grants_->told(rank, step.step, step.ended);
    ledger_->addLoss(rank, step.step, step.lossSum, step.samples);
    if (step.share && stages_) run_.bubbles.add(step.step.value, *step.share);
    if (const auto whole = ledger_->endStep(rank, step.step, step.payloadBytes)) tellCompleted(*whole);
    run_.overseer.watch(remote, step.step);
}

void World::takeSkipped(Member& member, Rank rank, const StepsSkipped& steps) {
    if (steps.next < steps.first || steps.first.value != grants_->toldOf(rank).value + 1 ||
        steps.next.value > grants_->furthest().value + 1)
        return lose(member, " left out steps that nobody makes");
    grants_->told(rank, Step{steps.next.value - 1}, Nanoseconds{0});
    for (const auto& whole : ledger_->skip(rank, steps.first, steps.next)) tellCompleted(whole);
}

void World::takeKilled(Member& member, Rank rank, const KilledByPlan& killed) {
    if (!grants_->letOn(rank, killed.first)) return lose(member, " left before a step out of turn");
    member.killed = true;
    grants_->leaves(rank);
    for (const auto& whole : ledger_->leave(rank, killed.first)) tellCompleted(whole);
    meetIfAll();
}

void World::takeMeeting(Member& member, Rank rank, AtMeeting meeting) {
    if (meeting.stepsDone != std::int64_t{grants_->toldOf(rank).value} + 1)
        return lose(member, " met the others after steps it has not made");
    try {
        if (!meeting.weights.empty()) remote_[rank.index()]->brings(std::move(meeting.weights));
    } catch (const BadInput& wrong) {
        return lose(member, std::string(": ") + wrong.what());
    }
    if (!times_->meetsAfter(meeting.stepsDone)) {
        Overseen* const one[]{remote_[rank.index()].get()};
        return run_.overseer.evaluate(one, ledger_->stepsCompleted());
    }
    member.atMeeting = true;
    meetIfAll();
}

void World::meetIfAll() {
    std::optional<std::int64_t> stepsDone;
    for (std::size_t r = 0; r < remote_.size(); ++r) {
        const Member& member = members_[r];
        if (!member.atMeeting && !member.killed && !member.ended) return;
        if (member.atMeeting)
            stepsDone = std::int64_t{grants_->toldOf(Rank{static_cast<std::int32_t>(r)}).value} + 1;
    }
    if (stepsDone) evaluateMet(*stepsDone);
}

void World::takeFailed(Member& member, RankFailed failed) {
    member.figures = std::move(failed.figures);
    // What isn't about another rank is its own fault, with which it is as good as gone.
    if (!failed.lost) return lose(member, ": " + failed.why);
    member.failed = std::move(failed);
}

void World::tellCompleted(const StepLedger::Completed& completed) {
    run_.sink.publish(eventOf(completed, batches_->epochOf(completed.step),
                              run_.sequence.stamp(nanosecondsOf(run_.clock.now()))));
}

void World::evaluateMet(std::int64_t stepsDone) {
    run_.clock.outOfTime([&] {
        std::vector<Overseen*> all;
        for (const auto& worker : remote_) all.push_back(worker.get());
        run_.overseer.evaluate(all, stepsDone);
    });
    grants_->met(stepsDone);
    for (Member& member : members_) {
        if (!std::exchange(member.atMeeting, false)) continue;
        run_.crew.order(member.id, MeetingOver{run_.clock.stoodStill()});
    }
}

}  // namespace rondo
