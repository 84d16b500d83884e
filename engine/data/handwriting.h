#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/core/random.h"
#include "engine/data/digit_strokes.h"

namespace rondo {

inline constexpr int kDigitSide = 28;
inline constexpr std::size_t kDigitPixels = kDigitSide * kDigitSide;

/// How one person writes: drawn once per writer, so that the digits of a writer resemble each other.
struct Writer {
    float slant = 0;         ///< sideways per height, positive leans to the right
    float width = 1;         ///< of a digit, relative to the usual
    float height = 19;       ///< pixels
    float penRadius = 1.2f;  ///< pixels
    float unsteadiness = 0;  ///< of the hand, in digit heights: how far points stray from sample to sample
    float ink = 1;           ///< blackness of the stroke's core, 0–1
    std::array<std::uint8_t, 10> favourite{};  ///< way of writing each digit that is used most
    std::uint64_t habit = 0;                   ///< seed of the writer's own deviations from the model strokes
};
Writer makeWriter(std::uint64_t seed);

/// Writes one digit as a person would on one occasion. `pixels`: kDigitPixels bytes, row by row, 0 paper, 255
/// ink. Cost: about 20 µs. Thread: any, nothing is shared.
void writeDigit(int digit, const Writer& writer, Random random, std::span<std::uint8_t> pixels);

}  // namespace rondo
