#include <algorithm>
#include <array>
#include <numeric>
#include <thread>

#include "engine/data/dataset.h"
#include "engine/data/handwriting.h"

namespace rondo {

namespace {

constexpr std::int64_t kWriters = 120;
constexpr std::int64_t kClasses = 10;

/// A permutation of 0 … n−1 that depends on seed, purpose and index alone.
template <std::size_t N>
std::array<std::int32_t, N> permutation(std::uint64_t seed, std::string_view purpose, std::int64_t index) {
    std::array<std::int32_t, N> order;
    std::iota(order.begin(), order.end(), 0);
    Random(seedFor(seed, purpose, static_cast<std::uint64_t>(index))).shuffle(std::span<std::int32_t>(order));
    return order;
}

/// Ten samples in a row are the ten digits in some order, by one writer; 120 such rows are the 120 writers in
/// some order. So classes and writers are balanced in any set, and the first n samples don't depend on how
/// many follow.
Samples makeSet(std::int64_t count, std::uint64_t seed, std::string_view purpose,
                std::span<const Writer> writers, int threads, const std::stop_token& stop) {
    Samples samples;
    samples.shape = {{1, kDigitSide, kDigitSide}, kClasses};
    const auto n = static_cast<std::size_t>(count);
    samples.pixels.resize(n * kDigitPixels);
    samples.labels.resize(n);
    samples.writers.resize(n);
    const std::int64_t rows = (count + kClasses - 1) / kClasses;

    const auto fill = [&](std::int64_t firstRow, std::int64_t endRow) {
        for (std::int64_t row = firstRow; row < endRow && !stop.stop_requested(); ++row) {
            const auto order = permutation<kClasses>(seedFor(seed, purpose), "order", row);
            const auto turns = permutation<kWriters>(seedFor(seed, purpose), "writers", row / kWriters);
            const std::int32_t writer = turns[static_cast<std::size_t>(row % kWriters)];
            for (std::int64_t k = 0; k < kClasses && row * kClasses + k < count; ++k) {
                const auto i = static_cast<std::size_t>(row * kClasses + k);
                const std::int32_t digit = order[static_cast<std::size_t>(k)];
                samples.labels[i] = static_cast<std::uint8_t>(digit);
                samples.writers[i] = writer;
                writeDigit(digit, writers[static_cast<std::size_t>(writer)],
                           Random(seedFor(seed, purpose, i)),
                           std::span(samples.pixels).subspan(i * kDigitPixels, kDigitPixels));
            }
        }
    };
    const std::int64_t parts = std::clamp<std::int64_t>(threads, 1, std::max<std::int64_t>(1, rows / 16));
    std::vector<std::jthread> helpers;
    for (std::int64_t part = 1; part < parts; ++part) {
        helpers.emplace_back(fill, rows * part / parts, rows * (part + 1) / parts);
    }
    fill(0, rows / parts);
    helpers.clear();  // joins them: they write into what is returned
    if (stop.stop_requested()) throw DataCancelled();
    return samples;
}

}  // namespace

Dataset makeDigits(const DigitsData& spec, std::uint64_t seed, int threads, const std::stop_token& stop) {
    std::vector<Writer> writers;
    for (std::int64_t w = 0; w < kWriters; ++w) {
        writers.push_back(makeWriter(seedFor(seed, "digits writer", static_cast<std::uint64_t>(w))));
    }
    return {makeSet(spec.train, seed, "digits", writers, threads, stop),
            makeSet(spec.test, seed, "digits test", writers, threads, stop)};
}

}  // namespace rondo
