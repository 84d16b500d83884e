#include "engine/training/world.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "engine/algorithms/model_parallel.h"
#include "engine/algorithms/planned_steps.h"
#include "engine/config/run_spec_json.h"
#include "engine/config/validate.h"

namespace rondo {

namespace {

using Clock = std::chrono::steady_clock;

/// Who can't reach a peer may be the first to notice that it is gone: so long the coordinator waits to hear.
constexpr std::chrono::seconds kNewsWithin{6};
/// A worker that the others are long done without, and of which so long nothing was heard, won't come.
constexpr std::chrono::seconds kSilentFor{60};

}  // namespace

World::World(WorldsOfRun& run, const WorldStart& start)
    : run_(run),
      spec_(start.spec),
      generation_(start.generation),
      first_(start.first),
      place_(start.place),
      runBegan_(start.runBegan) {
    plan(start);
    give(start);
    catchUp(start);
}

World::~World() {
    if (over_) return;
    for (const Member& member : members_)
        if (!member.ended) run_.crew.order(member.id, EndWorld{generation_, false, "the run is over"});
}

void World::plan(const WorldStart& start) {
    if (const Problems problems = validate(spec_); !problems.empty())
        throw std::runtime_error(start.why + (start.why.empty() ? "" : ", and ") +
                                 "the run can't go on with " + std::to_string(spec_.workers) + ": " +
                                 textOf(problems));
    algorithm_ = makeAlgorithm(spec_, run_.model);
    const auto* inParts = dynamic_cast<const ModelParallel*>(algorithm_.get());
    stages_ = inParts ? &inParts->plan() : nullptr;
    times_.emplace(spec_, *algorithm_);
    batches_.emplace(run_.orders, spec_.batch, meshOf(spec_).data, spec_.split,
                     BatchPlan::Start{first_, place_});
    planned_ = rondo::plannedSteps(spec_, [&](std::int64_t epochs) {
                   return batches_->stepsUntil(epochs);
               }).value_or(0);
    const int workers = static_cast<int>(spec_.workers);
    ledger_ = std::make_unique<StepLedger>(
        workers, spec_.evaluateEvery,
        algorithm_->lockStep() ? StepLedger::Grouping::ByStep : StepLedger::Grouping::ByFurthest,
        start.before);
    run_.control.beginWorld(workers, first_);
    grants_.emplace(run_.control, workers, first_, planned_, times_->meetEvery(),
                    stages_ && stages_->streams() ? stages_->mesh.pipeline : 0);
}

void World::give(const WorldStart& start) {
    std::vector<MemberId> all = start.workers;
    all.insert(all.end(), start.servers.begin(), start.servers.end());
    std::vector<BeginWorld> orders;
    const std::string spec = boost::json::serialize(toJson(spec_));
    for (std::size_t i = 0; i < all.size(); ++i) {
        Member member;
        member.id = all[i];
        member.server = i >= start.workers.size();
        member.heard = Clock::now();
        BeginWorld order;
        order.run = run_.run;
        order.generation = generation_;
        order.rank = Rank{static_cast<std::int32_t>(i)};
        order.spec = spec;
        order.runBegan = run_.clock.began();
        order.stoodStill = run_.clock.stoodStill();
        order.firstStep = first_;
        order.plannedSteps = planned_;
        order.data = place_;
        order.dataSha256 = run_.dataSha256;
        order.wantsSamples = run_.sink.wantsSamples();
        order.keepsState =
            std::find(start.keepStates.begin(), start.keepStates.end(), member.id) != start.keepStates.end();
        if (!order.keepsState) order.state = start.state;
        if (!member.server)
            remote_.push_back(std::make_unique<RemoteWorker>(order.rank, run_.spec, run_.model, stages_));
        orders.push_back(std::move(order));
        members_.push_back(std::move(member));
    }
    run_.crew.arrange(all, orders);

    WorldChanged changed;
    changed.stamp = run_.sequence.stamp(nanosecondsOf(run_.clock.now()));
    changed.generation = generation_;
    changed.firstStep = first_.value;
    changed.workers = static_cast<std::int32_t>(spec_.workers);
    changed.why = start.why;
    run_.sink.publish(changed);
    for (std::size_t i = 0; i < all.size(); ++i) run_.crew.order(all[i], std::move(orders[i]));
}

void World::catchUp(const WorldStart& start) {
    run_.overseer.beginWorld(static_cast<int>(spec_.workers), *ledger_, *algorithm_);
    if (!start.owesEvaluation || !start.state || !algorithm_->agrees() || stages_) return;
    for (const auto& [name, values] : start.state->floats)
        if (name == "weights") remote_.front()->brings(values);
    remote_.front()->told(start.runBegan.value_or(Nanoseconds{0}), nanosecondsOf(run_.clock.now()));
    run_.clock.outOfTime([&] {
        Overseen* const one[]{remote_.front().get()};
        run_.overseer.evaluate(one, first_.value);
    });
}

Rank World::rankOf(MemberId member) const {
    for (std::size_t rank = 0; rank < members_.size(); ++rank)
        if (members_[rank].id == member) return Rank{static_cast<std::int32_t>(rank)};
    return Rank{kNone};
}

bool World::workersEnded() const {
    return std::all_of(members_.begin(), members_.end(), [](const Member& m) { return m.server || m.ended; });
}

bool World::mayGrow() const {
    RunSpec larger = spec_;
    for (std::size_t more = 0; more < run_.joined.size(); ++more) {
        ++larger.workers;
        if (validate(larger).empty()) return true;
    }
    return false;
}

World::Outcome World::carryOut() {
    for (;;) {
        if (const auto news = run_.inbox.take(std::chrono::milliseconds(200))) take(*news);
        letOn();
        loseSilent();

        const auto all = [&](auto is) { return std::all_of(members_.begin(), members_.end(), is); };
        const auto any = [&](auto is) { return std::any_of(members_.begin(), members_.end(), is); };
        if (all([](const Member& m) { return m.ended; })) return Outcome::Ended;
        // Where workers have all ended, what is lost now is lost by nobody.
        if (any([](const Member& m) { return m.lost && !m.ended; }) && !workersEnded()) {
            if (stages_)
                throw CommError(CommError::Kind::PeerGone,
                                why_ + ", and without its part of the model the others can't go on");
            return Outcome::Regroup;
        }
        if (!stages_ && !workersEnded() && mayGrow()) {
            grants_->gather();
            if (grants_->commonBorder() || !algorithm_->lockStep()) return Outcome::Regroup;
        }
        // Somebody it needs is gone: who that is should be known in a moment, or nobody answers for it.
        if (!any([](const Member& m) { return m.failed.has_value(); })) continue;
        if (!failedAt_) failedAt_ = Clock::now();
        if (Clock::now() - *failedAt_ <= kNewsWithin) continue;
        if (!stages_) return Outcome::Regroup;
        for (const Member& member : members_)
            if (member.failed)
                throw CommError(*member.failed->lost,
                                run_.crew.nameOf(member.id) + ": " + member.failed->why);
    }
}

void World::letOn() {
    // The first steps begin together, when all are ready; a run that is to stop need not begin, and if it
    // never has, nobody waits for samples that are still on their way.
    const bool stops = run_.control.stopToken().stop_requested();
    begun_ = begun_ || grants_->allStand();
    if (stops && !begun_ && generation_ == 0 && !run_.dataSha256.empty()) throw DataCancelled{};
    begun_ = begun_ || stops;
    if (!begun_) return;
    if (run_.control.paused() && grants_->allStand()) run_.clock.stand();
    for (int r = 0; r < static_cast<int>(remote_.size()); ++r) {
        const auto grant = grants_->next(Rank{r});
        if (!grant) continue;
        run_.clock.goOn();
        run_.crew.order(members_[static_cast<std::size_t>(r)].id,
                        GoOn{grant->upTo, grant->end, run_.clock.stoodStill()});
    }
}

std::optional<Nanoseconds> World::began() const {
    std::optional<Nanoseconds> began = runBegan_;
    for (const auto& worker : remote_)
        if (worker->lastStepEnded().count() > 0) {
            const Nanoseconds first = nanosecondsOf(worker->firstStepBegan());
            began = std::min(began.value_or(first), first);
        }
    return began;
}

void World::lose(Member& member, const std::string& why) {
    if (member.lost) return;
    member.lost = true;
    addWhy(run_.crew.nameOf(member.id) + why);
}

void World::loseSilent() {
    const auto done = [](const Member& m) { return m.server || m.ended || m.killed; };
    if (std::none_of(members_.begin(), members_.end(), [](const Member& m) { return !m.server && m.ended; }))
        return;
    for (Member& member : members_)
        if (!done(member) && Clock::now() - member.heard > kSilentFor)
            lose(member, " has said nothing for " + std::to_string(kSilentFor.count()) + " s");
}

void World::addWhy(const std::string& words) {
    why_ += (why_.empty() ? "" : ", ") + words;
}

}  // namespace rondo
