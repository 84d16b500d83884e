#include "engine/run/states_of_ranks.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace rondo {

namespace {

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}
bool sameBits(std::int64_t a, std::int64_t b) {
    return a == b;
}

/// Moves what all have to `common`. What is one rank's alone stays with it, though all may happen to be
/// equal.
template <class Value>
void takeCommon(std::span<RankState> states, std::vector<std::pair<std::string, Value>> RankState::*list,
                RankState& common) {
    auto& first = states.front().*list;
    for (std::size_t i = 0; i < first.size();) {
        const auto isIt = [&](const auto& entry) {
            return entry.first == first[i].first && sameBits(entry.second, first[i].second);
        };
        const auto others = states.subspan(1);
        const bool all = std::all_of(others.begin(), others.end(), [&](const RankState& state) {
            return std::any_of((state.*list).begin(), (state.*list).end(), isIt);
        });
        if (!all || isOwn(first[i].first)) {
            ++i;
            continue;
        }
        for (RankState& state : others) std::erase_if(state.*list, isIt);
        (common.*list).push_back(std::move(first[i]));
        first.erase(first.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace

StatesOfRanks together(std::vector<RankState> states, int workers) {
    StatesOfRanks all;
    all.workers = workers;
    const auto training = std::span(states).first(static_cast<std::size_t>(workers));
    if (!training.empty()) {
        takeCommon(training, &RankState::floats, all.common);
        takeCommon(training, &RankState::counts, all.common);
    }
    for (const RankState& state : training)
        all.common.stepsDone = std::max(all.common.stepsDone, state.stepsDone);
    all.own = std::move(states);
    return all;
}

RankState StatesOfRanks::of(Rank rank) const {
    RankState state = rank.value < workers ? common : RankState{};
    const RankState& mine = own.at(rank.index());
    state.stepsDone = mine.stepsDone;
    state.floats.insert(state.floats.end(), mine.floats.begin(), mine.floats.end());
    state.counts.insert(state.counts.end(), mine.counts.begin(), mine.counts.end());
    return state;
}

}  // namespace rondo
