#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {

/// Weights and whatever else decides how training goes on. Floats by what they are: "weights", and what
/// optimiser and compression remember, under names of their own. Whoever has nothing to remember yet writes
/// nothing down.
///
/// Names that begin with "own." are of one rank alone (what it left out of its gradients, its random
/// numbers): another rank that took them over would send twice what was left out once.
struct RankState {
    std::int64_t stepsDone = 0;
    std::vector<std::pair<std::string, std::vector<float>>> floats;
    std::vector<std::pair<std::string, std::int64_t>> counts;
    bool operator==(const RankState&) const = default;
};

/// Where a world begins in its data: in which epoch, and how many of its samples others have used.
struct DataPlace {
    std::int64_t epoch = 0, used = 0;
    bool operator==(const DataPlace&) const = default;
};

bool isOwn(std::string_view name);
/// Without what is of one rank alone: for a rank that takes another's place or is new.
RankState withoutOwn(RankState state);

/// Overwrites weights with those of the state, if it has any. BadInput when they are not as many.
void takeWeights(const RankState& state, std::span<float> weights);

/// Reads what one part of a rank wrote down, names that begin with `prefix`. Everything that doesn't fit is
/// BadInput, with the name: what comes from a file or a peer is checked before anything is changed by it.
class StateReader {
  public:
    StateReader(const RankState& state, std::string prefix);
    /// Floats of that name behind the prefix, empty where there are none; they must be so many.
    std::optional<std::span<const float>> floats(std::string_view name, std::int64_t expected);
    /// A count of that name, at least `least`.
    std::optional<std::int64_t> count(std::string_view name, std::int64_t least);
    /// Names with the prefix that nobody asked for are somebody else's state: refused.
    void end(std::string_view whose) const;

  private:
    const RankState& state_;
    const std::string prefix_;
    std::vector<std::string> asked_;
};

}  // namespace rondo
