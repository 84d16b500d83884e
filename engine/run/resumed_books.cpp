#include "engine/run/resumed_books.h"

#include <algorithm>

namespace rondo {

StepTimes stepTimes(const CheckpointBooks& books) {
    std::optional<StepTimes> all;
    for (const WorldFigures& world : books.worlds)
        for (const auto& rank : world.ranks) {
            if (!rank || rank->lastStepEnded.count() == 0) continue;
            if (!all) all = {rank->firstStepBegan, rank->lastStepEnded};
            all->began = std::min(all->began, rank->firstStepBegan);
            all->ended = std::max(all->ended, rank->lastStepEnded);
        }
    return all.value_or(StepTimes{});
}

std::vector<FaultHappened> faultsOf(const CheckpointBooks& books) {
    std::vector<FaultHappened> all;
    for (const WorldFigures& world : books.worlds)
        for (const auto& rank : world.ranks)
            if (rank) all.insert(all.end(), rank->faults.begin(), rank->faults.end());
    return all;
}

bool goesOn(const Checkpoint& checkpoint, int workers, int servers) {
    const auto ranks = static_cast<std::size_t>(workers + servers);
    const auto& worlds = checkpoint.books.worlds;
    return checkpoint.states.workers == workers && checkpoint.states.own.size() == ranks && !worlds.empty() &&
           worlds.back().workers == workers && worlds.back().ranks.size() == ranks;
}

RankFigures figuresBefore(const Checkpoint& checkpoint, int workers, int servers, Rank rank) {
    if (goesOn(checkpoint, workers, servers))
        return checkpoint.books.worlds.back().ranks[rank.index()].value_or(RankFigures{});
    RankFigures before;
    if (rank.value >= workers) return before;
    const StepTimes times = stepTimes(checkpoint.books);
    before.firstStepBegan = times.began;
    before.lastStepEnded = times.ended;
    return before;
}

std::vector<WorldFigures> worldsBefore(const Checkpoint& checkpoint, int workers, int servers) {
    std::vector<WorldFigures> worlds = checkpoint.books.worlds;
    if (goesOn(checkpoint, workers, servers)) worlds.pop_back();
    return worlds;
}

namespace {

/// Each server's shard, one behind the other; nothing when weights are only counted.
std::vector<float> weightsOfServers(const StatesOfRanks& states) {
    std::vector<float> whole;
    for (std::size_t rank = static_cast<std::size_t>(states.workers); rank < states.own.size(); ++rank)
        for (const auto& [name, values] : states.own[rank].floats)
            if (name == "weights") whole.insert(whole.end(), values.begin(), values.end());
    return whole;
}

}  // namespace

RankState stateFor(const Checkpoint& checkpoint, int workers, int servers, Rank rank) {
    const StatesOfRanks& states = checkpoint.states;
    if (goesOn(checkpoint, workers, servers)) return states.of(rank);
    const int was = states.workers, server = rank.value - workers;
    if (server >= 0) return withoutOwn(states.of(Rank{was + server}));
    RankState state = rank.value < was ? states.of(rank) : states.ofNewcomer();
    if (servers == 0) return state;
    std::erase_if(state.floats, [](const auto& entry) { return entry.first == "weights"; });
    if (auto weights = weightsOfServers(states); !weights.empty())
        state.floats.emplace_back("weights", std::move(weights));
    return state;
}

}  // namespace rondo
