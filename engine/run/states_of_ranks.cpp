#include "engine/run/states_of_ranks.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace rondo {

namespace {

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}
bool sameBits(std::int64_t a, std::int64_t b) {
    return a == b;
}

}  // namespace

StatesTogether::StatesTogether(int workers, int servers) {
    states_.workers = workers;
    states_.own.resize(static_cast<std::size_t>(workers + servers));
}

/// Leaves with the state what isn't common; what is common no longer goes to all before. What is one rank's
/// alone stays with it, though all may happen to be equal.
template <class Value>
void StatesTogether::share(std::vector<std::pair<std::string, Value>> RankState::*list, RankState& state) {
    auto& common = states_.common.*list;
    auto& mine = state.*list;
    if (sharing_.empty()) {
        const auto own = std::stable_partition(mine.begin(), mine.end(),
                                               [](const auto& entry) { return isOwn(entry.first); });
        common.assign(std::make_move_iterator(own), std::make_move_iterator(mine.end()));
        mine.erase(own, mine.end());
        return;
    }
    for (std::size_t i = 0; i < common.size();) {
        const auto same = std::find_if(mine.begin(), mine.end(), [&](const auto& entry) {
            return entry.first == common[i].first && sameBits(entry.second, common[i].second);
        });
        if (same != mine.end()) {
            mine.erase(same);
            ++i;
            continue;
        }
        for (const std::size_t other : sharing_) (states_.own[other].*list).push_back(common[i]);
        common.erase(common.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void StatesTogether::add(Rank rank, RankState state) {
    if (rank.value < states_.workers) {
        share(&RankState::floats, state);
        share(&RankState::counts, state);
        sharing_.push_back(rank.index());
        states_.common.stepsDone = std::max(states_.common.stepsDone, state.stepsDone);
    }
    states_.own[rank.index()] = std::move(state);
    ++added_;
}

StatesOfRanks together(std::vector<RankState> states, int workers) {
    StatesTogether all(workers, static_cast<int>(states.size()) - workers);
    for (std::size_t rank = 0; rank < states.size(); ++rank)
        all.add(Rank{static_cast<std::int32_t>(rank)}, std::move(states[rank]));
    return all.take();
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
