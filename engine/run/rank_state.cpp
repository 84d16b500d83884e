#include "engine/run/rank_state.h"

#include <algorithm>

#include "engine/core/result.h"

namespace rondo {

bool isOwn(std::string_view name) {
    return name.starts_with("own.");
}

RankState withoutOwn(RankState state) {
    const auto own = [](const auto& entry) { return isOwn(entry.first); };
    std::erase_if(state.floats, own);
    std::erase_if(state.counts, own);
    return state;
}

void takeWeights(const RankState& state, std::span<float> weights) {
    for (const auto& [name, values] : state.floats) {
        if (name != "weights") continue;
        if (values.size() != weights.size())
            throw BadInput(Problem{"state.weights", std::to_string(values.size()) + " numbers, expected " +
                                                        std::to_string(weights.size())});
        std::copy(values.begin(), values.end(), weights.begin());
    }
}

StateReader::StateReader(const RankState& state, std::string prefix)
    : state_(state), prefix_(std::move(prefix)) {}

std::optional<std::span<const float>> StateReader::floats(std::string_view name, std::int64_t expected) {
    asked_.push_back(prefix_ + std::string(name));
    const auto found = std::find_if(state_.floats.begin(), state_.floats.end(),
                                    [&](const auto& entry) { return entry.first == asked_.back(); });
    if (found == state_.floats.end()) return {};
    if (static_cast<std::int64_t>(found->second.size()) != expected)
        throw BadInput(Problem{found->first, std::to_string(found->second.size()) + " values, expected " +
                                                 std::to_string(expected)});
    return std::span(found->second);
}

std::optional<std::int64_t> StateReader::count(std::string_view name, std::int64_t least) {
    asked_.push_back(prefix_ + std::string(name));
    const auto found = std::find_if(state_.counts.begin(), state_.counts.end(),
                                    [&](const auto& entry) { return entry.first == asked_.back(); });
    if (found == state_.counts.end()) return {};
    if (found->second < least)
        throw BadInput(Problem{
            found->first, std::to_string(found->second) + ", expected at least " + std::to_string(least)});
    return found->second;
}

void StateReader::end(std::string_view whose) const {
    const auto refuse = [&](const auto& entries) {
        for (const auto& [name, value] : entries)
            if (name.starts_with(prefix_) && std::find(asked_.begin(), asked_.end(), name) == asked_.end())
                throw BadInput(Problem{name, "not something that " + std::string(whose) + " remembers"});
    };
    refuse(state_.floats);
    refuse(state_.counts);
}

}  // namespace rondo
