#include <algorithm>

#include "engine/config/validate.h"
#include "engine/run/consensus.h"
#include "engine/run/settings_of_world.h"
#include "engine/training/world.h"

// What becomes of a world: where the next one begins, or what it has come to.

namespace rondo {

namespace {

using Clock = std::chrono::steady_clock;

/// How long a member may take to say what it has when a world ends; longer, and it counts as lost.
constexpr std::chrono::seconds kAnswerWithin{20};
/// The same of a run that has failed, where only figures of the report are wanted.
constexpr std::chrono::seconds kLastFiguresWithin{3};

}  // namespace

void World::await(const std::vector<Rank>& from, std::chrono::seconds within) {
    const auto due = Clock::now() + within;
    const auto missing = [&](Rank rank) {
        return !members_[rank.index()].told && !members_[rank.index()].lost;
    };
    while (std::any_of(from.begin(), from.end(), missing)) {
        if (const auto news = run_.inbox.take(std::chrono::milliseconds(200))) take(*news);
        if (Clock::now() < due) continue;
        for (const Rank rank : from)
            if (missing(rank)) lose(members_[rank.index()], " did not answer");
    }
}

void World::halt(const std::string& why, std::chrono::seconds within) {
    over_ = true;
    std::vector<Rank> asked;
    for (std::size_t r = 0; r < members_.size(); ++r) {
        const Member& member = members_[r];
        if (!member.lost) asked.push_back(Rank{static_cast<std::int32_t>(r)});
        run_.crew.order(member.id, EndWorld{generation_, member.server, why});
    }
    await(asked, within);
    for (Member& member : members_)
        if (member.told && !member.ended) member.figures = member.told->figures;
}

void World::abandon(const std::string& why) {
    if (!over_) halt(why, kLastFiguresWithin);
}

std::int64_t World::stepsDone() const {
    std::int64_t done = first_.value;
    for (const Member& member : members_) {
        if (member.lost || !member.told) continue;
        // An update that a server has made counts even where no worker has heard of it.
        if (!member.server || algorithm_->lockStep()) done = std::max(done, member.told->state.stepsDone);
    }
    return done;
}

WorldStart World::end() {
    halt(why_, kAnswerWithin);
    for (std::size_t r = 0; r < members_.size(); ++r) {
        Member& member = members_[r];
        if (member.server || member.lost || !member.told) continue;
        const std::int64_t told = member.told->state.stepsDone;
        if (told < first_.value ||
            told > std::int64_t{grants_->toldOf(Rank{static_cast<std::int32_t>(r)}).value} + 1)
            lose(member, " has made steps that it never told of");
    }
    const auto gone = [](const Member& m) { return m.lost || !m.told; };
    for (const Member& member : members_)
        if (member.server && gone(member))
            throw CommError(CommError::Kind::PeerGone, why_ + ", and a server with them");
    if (std::all_of(members_.begin(), members_.end(), [&](const Member& m) { return m.server || gone(m); }))
        throw CommError(CommError::Kind::PeerGone, why_ + ", and nobody is left");
    // All answer, nobody has joined, and yet they don't reach each other: it would happen again.
    const auto failed =
        std::find_if(members_.begin(), members_.end(), [](const Member& m) { return m.failed; });
    if (failed != members_.end() && run_.joined.empty() &&
        std::none_of(members_.begin(), members_.end(), gone))
        throw CommError(*failed->failed->lost, run_.crew.nameOf(failed->id) + ": " + failed->failed->why);

    WorldStart next;
    next.generation = generation_ + 1;
    const std::int64_t done = stepsDone();
    // Servers hold the model; workers start from it.
    next.state = members_.back().server ? stateOfServers(done) : stateOfOneWith(done);
    for (const Member& member : members_)
        if (!gone(member) && (member.server || !algorithm_->agrees() || member.told->state.stepsDone == done))
            next.keepStates.push_back(member.id);
    next.runBegan = began();
    next.before = booksAfter(done);
    next.first = Step{static_cast<std::int32_t>(done)};
    next.place = done > first_.value ? batches_->placeAfter(Step{next.first.value - 1}) : place_;
    next.owesEvaluation =
        done > first_.value && times_->meetsAfter(done) && run_.overseer.evaluatedAt() != done;
    choosePlaces(next);
    next.why = why_;
    return next;
}

std::optional<RankState> World::stateOfServers(std::int64_t done) const {
    std::vector<float> weights;
    for (const Member& member : members_) {
        if (!member.server) continue;
        for (const auto& [name, values] : member.told->state.floats)
            if (name == "weights") weights.insert(weights.end(), values.begin(), values.end());
    }
    // Those that were never made have none: all begin from the seed.
    if (weights.empty()) return std::nullopt;
    return RankState{done, {{"weights", std::move(weights)}}, {}};
}

RankState World::stateOfOneWith(std::int64_t done) {
    for (std::size_t r = 0; r < members_.size(); ++r) {
        Member& source = members_[r];
        if (source.lost || !source.told || source.told->state.stepsDone != done) continue;
        source.told.reset();
        run_.crew.order(source.id, EndWorld{generation_, true, why_});
        await({Rank{static_cast<std::int32_t>(r)}}, kAnswerWithin);
        if (!source.told) continue;
        const bool whole = std::all_of(
            source.told->state.floats.begin(), source.told->state.floats.end(), [&](const auto& entry) {
                return entry.first != "weights" ||
                       entry.second.size() == static_cast<std::size_t>(run_.model.parameters());
            });
        if (whole && source.told->state.stepsDone == done) return withoutOwn(source.told->state);
        lose(source, " has weights of another model");
    }
    throw CommError(CommError::Kind::PeerGone, why_ + ", who alone had the last step");
}

StepLedger::Before World::booksAfter(std::int64_t done) {
    StepLedger::Before books{done, ledger_->samplesTrained(), ledger_->payloadBytes()};
    if (!algorithm_->lockStep()) return books;
    // A step that one has finished is done, though not everybody told of it.
    for (std::int64_t step = ledger_->stepsCompleted(); step < done; ++step)
        books.samples += batches_->slice(Rank{0}, Step{static_cast<std::int32_t>(step)}).globalBatch;
    return books;
}

void World::choosePlaces(WorldStart& next) {
    std::vector<MemberId> candidates;
    for (const Member& member : members_) {
        if (member.server)
            next.servers.push_back(member.id);
        else if (!member.lost && member.told && !member.killed)
            candidates.push_back(member.id);
    }
    RunSpec before = spec_;
    for (FaultSpec& fault : run_.injected.take()) before.faults.push_back(std::move(fault));
    const double now = secondsOf(run_.clock.now());
    const std::size_t stayed = candidates.size();
    candidates.insert(candidates.end(), run_.joined.begin(), run_.joined.end());
    // As many as the settings allow, those that were there first.
    for (std::size_t n = candidates.size(); n > 0; --n) {
        NextPlaces places(members_.size());
        for (std::size_t i = 0; i < std::min(n, stayed); ++i)
            places[rankOf(candidates[i]).index()] = Rank{static_cast<std::int32_t>(i)};
        for (std::size_t server = remote_.size(); server < members_.size(); ++server)
            places[server] = Rank{static_cast<std::int32_t>(server - remote_.size() + n)};
        next.spec = settingsOfNextWorld(before, places, static_cast<std::int64_t>(n), next.first, now);
        if (n > 1 && !validate(next.spec).empty()) continue;
        for (std::size_t i = stayed; i < n; ++i) addWhy(run_.crew.nameOf(candidates[i]) + " joined");
        for (std::size_t i = n; i < stayed; ++i)
            addWhy(run_.crew.nameOf(candidates[i]) + " waits, since the settings don't allow so many");
        next.workers.assign(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(n));
        run_.joined.assign(candidates.begin() + static_cast<std::ptrdiff_t>(n), candidates.end());
        return;
    }
}

FiguresOfRanks World::figures() const {
    FiguresOfRanks figures;
    for (std::size_t r = 0; r < members_.size(); ++r) {
        RankFigures own = members_[r].figures;
        // Of one that was lost, when it trained is known, if nothing else.
        if (r < remote_.size() && own.lastStepEnded.count() == 0) {
            own.firstStepBegan = remote_[r]->firstStepBegan();
            own.lastStepEnded = remote_[r]->lastStepEnded();
        }
        figures.emplace_back(std::move(own));
    }
    return figures;
}

World::Weights World::takeWeights() {
    Weights weights;
    if (run_.overseer.putsTogether()) {
        weights.whole.resize(static_cast<std::size_t>(run_.model.parameters()));
        for (std::size_t r = 0; r < remote_.size(); ++r) {
            remote_[r]->brings(std::move(members_[r].weights));
            remote_[r]->putPart(weights.whole);
        }
    } else if (members_.back().server) {
        for (const Member& member : members_)
            if (member.server)
                weights.whole.insert(weights.whole.end(), member.weights.begin(), member.weights.end());
    } else if (run_.overseer.meansOverWorkers()) {
        ConsensusMeter meter(static_cast<int>(remote_.size()));
        for (std::size_t r = 0; r < remote_.size(); ++r)
            if (auto consensus = meter.add(0, members_[r].weights)) {
                weights.whole = std::move(consensus->mean);
                weights.distance = consensus->distance;
            }
    } else {
        weights.whole = std::move(members_.front().weights);
    }
    if (weights.whole.size() != static_cast<std::size_t>(run_.model.parameters()))
        throw std::runtime_error("the weights that came are " + std::to_string(weights.whole.size()) +
                                 ", expected " + std::to_string(run_.model.parameters()));
    return weights;
}

}  // namespace rondo
