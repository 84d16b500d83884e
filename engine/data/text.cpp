#include <array>
#include <fstream>
#include <iterator>

#include "engine/core/random.h"
#include "engine/data/dataset.h"

namespace rondo {

namespace {

constexpr std::size_t kMostBytes = 64'000'000;
constexpr std::int64_t kMostSymbols = 255;  // a label of its own stands for "not asked"

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
    throw BadInput(Problem{"data.path", file + ": " + why});
}

std::vector<std::uint8_t> bytesOf(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) refuse(file, "can't be opened, expected a text file");
    std::vector<std::uint8_t> bytes;
    std::array<char, 65'536> block;
    // Read until it ends, whatever size it claims to have: it may be a pipe, or grow.
    while (in.read(block.data(), block.size()), in.gcount() > 0) {
        bytes.insert(bytes.end(), block.begin(), block.begin() + in.gcount());
        if (bytes.size() > kMostBytes)
            refuse(file, "is longer than " + std::to_string(kMostBytes / 1'000'000) + " MB");
    }
    if (in.bad()) refuse(file, "can't be read, expected a text file");
    if (bytes.empty()) refuse(file, "is empty, expected a text file");
    return bytes;
}

/// Replaces each byte by its place among the different ones; gives how many there are.
std::int64_t toSymbols(std::vector<std::uint8_t>& bytes, const std::string& file) {
    std::array<bool, 256> occurs{};
    for (const std::uint8_t byte : bytes) occurs[byte] = true;
    std::array<std::uint8_t, 256> symbol{};
    std::int64_t symbols = 0;
    for (std::size_t byte = 0; byte < 256; ++byte)
        if (occurs[byte]) symbol[byte] = static_cast<std::uint8_t>(symbols++);
    if (symbols > kMostSymbols)
        refuse(file, "has " + std::to_string(symbols) + " different bytes, expected at most " +
                         std::to_string(kMostSymbols) + ": is it a text?");
    if (symbols < 2) refuse(file, "has one character only, again and again: there is nothing to learn");
    for (std::uint8_t& byte : bytes) byte = symbol[byte];
    return symbols;
}

}  // namespace

Dataset readText(const TextData& spec, std::uint64_t seed) {
    std::vector<std::uint8_t> text = bytesOf(spec.path);
    const std::int64_t symbols = toSymbols(text, spec.path);
    const auto size = static_cast<std::int64_t>(text.size()), forTraining = size - size / 10;
    if (size - forTraining <= spec.length)
        refuse(spec.path, "has " + std::to_string(size) + " characters, expected more than " +
                              std::to_string(10 * spec.length) +
                              ": a tenth is for the test, and a piece is " + std::to_string(spec.length) +
                              " and the next");

    const auto pieces = [&](std::int64_t from, std::int64_t to, std::int64_t count, const char* purpose) {
        Samples samples;
        samples.shape = {{spec.length}, symbols, spec.length};
        for (std::int64_t i = 0; i < count; ++i) {
            Random random(seedFor(seed, purpose, static_cast<std::uint64_t>(i)));
            const auto begin =
                text.begin() + from +
                static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(to - from - spec.length)));
            samples.pixels.insert(samples.pixels.end(), begin, begin + spec.length);
            samples.labels.insert(samples.labels.end(), begin + 1, begin + 1 + spec.length);
        }
        return samples;
    };
    return {pieces(0, forTraining, spec.train, "text"), pieces(forTraining, size, spec.test, "text test")};
}

}  // namespace rondo
