#include "engine/training/torch_server.h"

#include "engine/comm/collectives/collectives.h"
#include "engine/training/card_state.h"

namespace rondo {

namespace {

/// Followed by a worker's rank: how many updates its parameters have seen.
constexpr const char* kAnswered = "own.answered.";

}  // namespace

TorchServer::TorchServer(SharedRun& shared, Rank rank)
    : shared_(shared),
      rank_(rank),
      sequence_{shared.run, rank},
      lane_(shared.runtime, sequence_, Lane::Compute, shared.sink),
      optimizer_(makeOptimizer(updateRule(shared.spec))),
      startsWith_(static_cast<std::size_t>(shared.spec.workers), shared.start.step.value),
      answers_(startsWith_.size()),
      virtualTime_(dynamic_cast<const VirtualRuntime*>(&shared.runtime)) {
    shared.runtime.observe(rank, Lane::Compute, &lane_);
    const auto [begin, end] = chunkOf(shared.model.parameters(), servers(), index());
    elements_ = static_cast<std::size_t>(end - begin);
    if (shared.spec.weights.modelled) return;
    // The same start as every worker's, without asking one for it.
    Replica whole(shared.model, static_cast<std::uint64_t>(shared.spec.seed));
    weights_ = whole.flatWeights().narrow(0, begin, end - begin).clone();
}

TorchServer::~TorchServer() {
    shared_.runtime.observe(rank_, Lane::Compute, nullptr);
}

Values TorchServer::weights() {
    if (!weights_.defined()) return Values::counted(elements_);
    return std::span(weights_.data_ptr<float>(), elements_);
}

RankState TorchServer::state(bool floats) const {
    RankState state;
    state.stepsDone = shared_.start.step.value + updates_;
    if (!floats || !weights_.defined()) return state;
    const float* first = weights_.data_ptr<float>();
    state.floats.emplace_back("weights", std::vector<float>(first, first + weights_.numel()));
    optimizer_->save(state);
    return state;
}

void TorchServer::restore(const RankState& state) {
    if (!weights_.defined()) return;
    takeWeights(state, {weights_.data_ptr<float>(), elements_});
    optimizer_->restore(state, weights_.numel());
    StateReader reader(state, kAnswered);
    for (std::size_t worker = 0; worker < startsWith_.size(); ++worker) {
        const std::string name = std::to_string(worker);
        const std::int64_t answered = reader.count(name, 0).value_or(startsWith_[worker]);
        if (answered > firstStep().value)
            throw BadInput(Problem{kAnswered + name, std::to_string(answered) + ", expected at most " +
                                                         std::to_string(firstStep().value)});
        startsWith_[worker] = answered;
    }
}

std::unique_lock<std::mutex> TorchServer::guard() const {
    return shared_.runtime.virtualTime() ? std::unique_lock<std::mutex>() : std::unique_lock(mutex_);
}

void TorchServer::await(FunctionRef<void(Communicator&)> receive) {
    const Picoseconds begin = shared_.runtime.now();
    if (rests_.empty()) {
        const auto guarded = guard();
        rest();
    }
    receive(communicator());
    const auto guarded = guard();
    const Picoseconds end = shared_.runtime.now();
    lane_.record(Phase::Wait, begin, end);
    waited_ += end - begin;
}

void TorchServer::answer(FunctionRef<void(Communicator&)> send) {
    const auto guarded = guard();
    lane_.span(Phase::Synchronise, [&] { send(communicator()); });
    lane_.flush();
    rest();
}

void TorchServer::rest() {
    std::int64_t most = 0;
    for (const Answers& answers : answers_) most = std::max(most, answers.count);
    rests_[most] = {shared_.runtime.now(), waited_, virtualTime_ ? virtualTime_->card(rank_) : CardTimes{}};
    // Nobody asks for those of a border that all have passed.
    constexpr std::size_t kMost = 1024;
    if (rests_.size() > kMost) rests_.erase(rests_.begin());
}

void TorchServer::update(std::span<const float> gradient) {
    const auto guarded = guard();
    ++updates_;
    lane_.span(Phase::Update, [&] {
        if (weights_.defined()) {
            // from_blob takes no constant memory; the optimiser only reads it.
            const torch::Tensor view = torch::from_blob(const_cast<float*>(gradient.data()),
                                                        {static_cast<std::int64_t>(gradient.size())});
            optimizer_->update(weights_, view);
        }
        shared_.runtime.charge(shared_.costs.update(rank_) / servers());
    });
}

void TorchServer::noteStaleness(Rank worker, std::int64_t updates) {
    if (shared_.sink.wantsSamples()) {
        GradientApplied event;
        event.stamp = sequence_.stamp(nanosecondsOf(shared_.runtime.now()));
        event.worker = worker;
        event.staleness = updates;
        shared_.sink.publish(event);
    }
    const auto guarded = guard();
    const auto place = static_cast<std::size_t>(updates);
    if (staleness_.size() <= place) staleness_.resize(place + 1);
    ++staleness_[place];
}

void TorchServer::noteAnswer(Rank worker, std::int64_t updates) {
    const auto guarded = guard();
    Answers& answers = answers_[worker.index()];
    ++answers.count;
    answers.latest.push_back(updates);
    // Nobody asks for those of a worker that is further behind than the others wait for.
    constexpr std::size_t kMost = 1024;
    if (answers.latest.size() > kMost) answers.latest.pop_front();
}

void TorchServer::noteClockSpread(std::int64_t most) {
    const auto guarded = guard();
    clockSpread_ = most;
}

RankFigures TorchServer::figures() const {
    RankFigures figures = before_;
    for (std::size_t p = 0; p < kPhases; ++p) figures.phaseSeconds[p] += lane_.seconds()[p];
    for (const Lane lane : {Lane::Compute, Lane::Communication})
        for (const auto& [to, traffic] : shared_.runtime.meter(rank_, lane).sentTo())
            figures.sentTo[to] += traffic;
    if (figures.staleness.size() < staleness_.size()) figures.staleness.resize(staleness_.size());
    for (std::size_t i = 0; i < staleness_.size(); ++i) figures.staleness[i] += staleness_[i];
    figures.clockSpread = std::max(figures.clockSpread, clockSpread_);
    return figures;
}

std::int64_t TorchServer::seenBy(std::size_t worker, std::int64_t answers) const {
    const Answers& given = answers_[worker];
    const std::int64_t place = static_cast<std::int64_t>(given.latest.size()) - 1 - (given.count - answers);
    if (answers == 0 || place < 0) return startsWith_[worker];
    return given.latest.at(static_cast<std::size_t>(place));
}

std::pair<RankState, RankFigures> TorchServer::atBorder(Step border) {
    const auto guarded = guard();
    RankState state = this->state(true);
    RankFigures figures = this->figures();
    const std::int64_t steps = border.value - firstStep().value;
    if (const auto after = rests_.upper_bound(steps); after != rests_.begin()) {
        const Rest& rest = std::prev(after)->second;
        figures.phaseSeconds[static_cast<std::size_t>(Phase::Wait)] -= secondsOf(waited_ - rest.waited);
        if (virtualTime_) {
            addCard(state, rest.card);
            state.counts.emplace_back(kServerGoesOn, rest.since.count());
        }
    }
    for (const auto& [to, sent] : shared_.runtime.meter(rank_, Lane::Compute).sentTo()) {
        // All that it sends is its shard, again and again.
        const std::int64_t since = std::max<std::int64_t>(0, sent.messages - steps);
        LinkTraffic& traffic = figures.sentTo.at(to);
        traffic.payloadBytes -= sent.payloadBytes / sent.messages * since;
        traffic.wireBytes -= sent.wireBytes / sent.messages * since;
        traffic.messages -= since;
    }
    for (std::size_t worker = 0; worker < answers_.size(); ++worker)
        if (const std::int64_t seen = seenBy(worker, steps); seen < border.value)
            state.counts.emplace_back(kAnswered + std::to_string(worker), seen);
    return {std::move(state), std::move(figures)};
}

}  // namespace rondo
