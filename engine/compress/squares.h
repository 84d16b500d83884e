#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace rondo {

/// Of all there was to send, and of the part of it that nobody gets: ‖v‖².
struct SquaredLengths {
    double wanted = 0, missed = 0;
};

/// Sum of term(i) over i < count, each at most a few doubles' work: eight sums, so that none waits for the
/// one before.
template <class Term>
double sumOf(std::size_t count, Term term) {
    std::array<double, 8> sums{};
    std::size_t i = 0;
    for (; i + sums.size() <= count; i += sums.size())
        for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += term(i + k);
    double sum = 0;
    for (; i < count; ++i) sum += term(i);
    for (const double part : sums) sum += part;
    return sum;
}

inline double squaredLength(std::span<const float> values) {
    return sumOf(values.size(), [&](std::size_t i) { return static_cast<double>(values[i]) * values[i]; });
}

}  // namespace rondo
