#pragma once

#include <cmath>
#include <numbers>

#include "engine/core/random.h"

namespace rondo {

// What generated data is computed with. Only +, −, ×, ÷, √ and floor, which IEEE 754 fixes to the last bit:
// the sines and logarithms of C libraries differ, and one bit is enough to change a sample's fingerprint.
// (This folder is compiled with -ffp-contract=off for the same reason.)

/// Nearly normal, mean 0, standard deviation 1, never beyond ±3.47: the sum of four uniform numbers, from one
/// draw.
inline double bell(Random& random) {
    const std::uint64_t bits = random.bits();
    const auto part = [bits](int i) { return static_cast<double>((bits >> (16 * i)) & 0xffff); };
    return ((part(0) + part(1)) + (part(2) + part(3)) - 131070.0) * (std::numbers::sqrt3 / 65536.0);
}

/// Sine of any angle, to about 1e-12.
inline double sine(double angle) {
    const double turns = angle / (2 * std::numbers::pi);
    double x = (turns - std::floor(turns + 0.5)) * 2 * std::numbers::pi;
    if (x > std::numbers::pi / 2) x = std::numbers::pi - x;
    if (x < -std::numbers::pi / 2) x = -std::numbers::pi - x;
    double term = x, sum = x;
    for (int n = 2; n <= 18; n += 2) {
        term *= -x * x / (n * (n + 1.0));
        sum += term;
    }
    return sum;
}
inline double cosine(double angle) {
    return sine(angle + std::numbers::pi / 2);
}

/// A smooth wave of period 1 between −1 and 1: a sine for the eye, at the cost of a few multiplications.
inline float wave(float x) {
    const float t = x - std::floor(x);
    const float u = t < 0.5f ? 4 * t - 1 : 3 - 4 * t;
    return u * (1.5f - 0.5f * u * u);
}

}  // namespace rondo
