#pragma once

#include <cstdint>
#include <exception>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo {

/// A label that stands for "not asked here", in sequences.
inline constexpr std::uint8_t kNotCounted = 255;

/// Samples with labels, in memory. Images are bytes (scaled to [0, 1] when a batch is made, never
/// standardised), symbols of sequences are bytes as they are, points are floats; exactly one of `pixels` and
/// `values` is filled. Sample i of F features takes [i·F, (i+1)·F), its labels [i·P, (i+1)·P) with P
/// positions.
struct Samples {
    SampleShape shape;
    std::vector<std::uint8_t> pixels;
    std::vector<float> values;
    std::vector<std::uint8_t> labels;
    std::vector<std::int32_t> writers;  ///< who wrote sample i, where the data knows; else empty

    std::int64_t size() const { return static_cast<std::int64_t>(labels.size()) / shape.positions; }
    /// Writes the features of the chosen samples as floats, one row a sample: out.size() == chosen.size() ·
    /// F.
    void gather(std::span<const std::int64_t> chosen, std::span<float> out) const;
    /// Their labels, out.size() == chosen.size() · P.
    void gatherLabels(std::span<const std::int64_t> chosen, std::span<std::int64_t> out) const;
    /// Hash of everything above: equal data, equal hash, on every machine.
    std::uint64_t fingerprint() const;
};

struct Dataset {
    Samples train, test;
};

/// Somebody lost interest while data was being made.
struct DataCancelled final : std::exception {
    const char* what() const noexcept override { return "making the data was cancelled"; }
};

/// Makes or reads the data a spec names; deterministic by seed. Throws BadInput with the file and what was
/// wrong, and DataCancelled soon after `stop` asks for it. `digits` costs about 20 ms per 1,000 samples on
/// one core and uses up to `threads` of them; the result does not depend on how many.
Dataset loadDataset(const DataSpec& spec, std::uint64_t seed, int threads = 1,
                    const std::stop_token& stop = {});

// The makers and readers behind it.
/// 120 writers, the same for training and test; classes and writers are balanced, and the first n samples
/// don't depend on how many follow.
Dataset makeDigits(const DigitsData& spec, std::uint64_t seed, int threads, const std::stop_token& stop = {});
/// Classes in turn; x and y within about ±1, `noise` is the standard deviation (of moons in radii of a
/// moon, 1.5 to ±1).
Dataset makeSpirals(const SpiralsData& spec, std::uint64_t seed);
Dataset makeMoons(const MoonsData& spec, std::uint64_t seed);
/// [symbols, mark, answer without its last]; asked at the mark and behind it, where the answer has length
/// T/2.
Dataset makeSequences(const SequencesData& spec, std::uint64_t seed);
/// Symbols are the different bytes of the file, in order. At most 64 MB and 255 symbols; refusals are
/// problems of `data.path`.
Dataset readText(const TextData& spec, std::uint64_t seed);
/// MNIST's four file names, with `-idx3-` or `.idx3-`, plain or .gz. Classes: the highest label + 1, at least
/// ten. What is wrong with them is a problem of `data.path`.
Dataset readIdx(const IdxData& spec);

/// One IDX file, plain or gzip (told by its first bytes): magic, dimensions, then bytes. The sizes in its
/// header are checked against limits and against what really follows before memory is taken; a lying header
/// gets a BadInput.
struct IdxFile {
    std::vector<std::int64_t> dims;
    std::vector<std::uint8_t> bytes;
};
IdxFile readIdxFile(const std::string& file, std::size_t dimensions);

}  // namespace rondo
