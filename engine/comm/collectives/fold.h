#pragma once

#include <bit>

namespace rondo {

/// How a world of N ranks halves and doubles where N is no power of two: p is the power at or below N, and
/// the first 2(N − p) ranks go in pairs, the even one of which only lends its values. What is left has the
/// positions 0 … p−1.
struct Fold {
    int power, pairs;
    explicit Fold(int ranks)
        : power(static_cast<int>(std::bit_floor(static_cast<unsigned>(ranks)))), pairs(ranks - power) {}

    bool paired(int rank) const { return rank < 2 * pairs; }
    bool lends(int rank) const { return paired(rank) && rank % 2 == 0; }
    /// Of a rank that doesn't lend.
    int positionOf(int rank) const { return paired(rank) ? rank / 2 : rank - pairs; }
    int rankAt(int position) const { return position < pairs ? 2 * position + 1 : position + pairs; }
};

}  // namespace rondo
