#include "engine/compress/sparse.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "engine/compress/bytes.h"

namespace rondo {

std::int64_t keptOf(std::int64_t elements, double density) {
    if (elements == 0) return 0;
    return std::clamp<std::int64_t>(std::llround(density * static_cast<double>(elements)), 1, elements);
}

namespace {

/// Magnitudes are ordered as these are; NaN is above infinity.
std::uint32_t magnitudeBits(float value) {
    return std::bit_cast<std::uint32_t>(value) & 0x7fffffffu;
}

/// The `count`-th largest of the values' magnitudeBits, and how many of those equal to it are among the
/// `count` largest. A digit at a time from the top, by counting: cost n whatever the values.
struct Least {
    std::uint32_t bits;
    std::int64_t ofEqual;
};
Least leastOfLargest(std::span<const float> values, std::int64_t count) {
    constexpr int kDigit = 11;
    std::array<std::int64_t, std::size_t{1} << kDigit> counts;
    Least least{0, count};
    for (const int shift : {22, 11, 0}) {
        counts.fill(0);
        for (const float value : values) {
            const std::uint32_t bits = magnitudeBits(value);
            if (bits >> shift >> kDigit == least.bits) ++counts[bits >> shift & (counts.size() - 1)];
        }
        std::size_t digit = counts.size() - 1;
        for (; counts[digit] < least.ofEqual; --digit) least.ofEqual -= counts[digit];
        least.bits = least.bits << kDigit | static_cast<std::uint32_t>(digit);
    }
    return least;
}

}  // namespace

std::vector<std::uint32_t> largest(std::span<const float> values, std::int64_t count) {
    count = std::min(count, static_cast<std::int64_t>(values.size()));
    std::vector<std::uint32_t> indices;
    if (count == 0) return indices;
    indices.reserve(static_cast<std::size_t>(count));
    auto [least, ofEqual] = leastOfLargest(values, count);
    for (std::uint32_t i = 0; i < values.size(); ++i) {
        const std::uint32_t bits = magnitudeBits(values[i]);
        if (bits > least || (bits == least && ofEqual-- > 0)) indices.push_back(i);
    }
    return indices;
}

void TopKCodec::encode(std::span<const float> values, Random&, std::vector<std::byte>& out) const {
    const auto indices = largest(values, keptOf(static_cast<std::int64_t>(values.size()), density_));
    out.resize(indices.size() * 8);
    for (std::size_t i = 0; i < indices.size(); ++i) {
        store(std::span(out), 4 * i, indices[i]);
        store(std::span(out), 4 * (indices.size() + i), values[indices[i]]);
    }
}

void TopKCodec::add(std::span<const std::byte> bytes, std::span<float> into) const {
    requireBytes(bytes, static_cast<std::size_t>(bytesFor(static_cast<std::int64_t>(into.size()))));
    const std::size_t count = bytes.size() / 8;
    std::size_t next = 0;  // indices ascend
    for (std::size_t i = 0; i < count; ++i) {
        const auto index = valueAt<std::uint32_t>(bytes, 4 * i);
        if (index < next || index >= into.size())
            wrongEncoding("value " + std::to_string(index) + ", expected one of " + std::to_string(next) +
                          " to " + std::to_string(into.size()));
        into[index] += valueAt<float>(bytes, 4 * (count + i));
        next = std::size_t{index} + 1;
    }
}

void RunLengthCodec::encode(std::span<const float> values, Random&, std::vector<std::byte>& out) const {
    encode(values, largest(values, keptOf(static_cast<std::int64_t>(values.size()), density_)), out);
}

void RunLengthCodec::encode(std::span<const float> values, std::span<const std::uint32_t> indices,
                            std::vector<std::byte>& out) {
    constexpr std::uint32_t kLongest = std::numeric_limits<std::uint16_t>::max();
    out.clear();
    out.reserve(indices.size() * 6);
    std::uint32_t next = 0;  // the first index not told yet
    for (const std::uint32_t index : indices) {
        for (; index - next > kLongest; next += kLongest + 1) {
            append(out, static_cast<std::uint16_t>(kLongest));
            append(out, 0.0f);
        }
        append(out, static_cast<std::uint16_t>(index - next));
        append(out, values[index]);
        next = index + 1;
    }
}

void RunLengthCodec::add(std::span<const std::byte> bytes, std::span<float> into) const {
    constexpr std::size_t kEach = 6;
    // How many there are depends on the epoch and on the runs, but one is always sent.
    if (bytes.size() % kEach != 0 || bytes.empty() != into.empty())
        wrongEncoding(std::to_string(bytes.size()) + " bytes, expected pairs of 6");
    std::size_t next = 0;
    for (std::size_t place = 0; place < bytes.size(); place += kEach) {
        next += valueAt<std::uint16_t>(bytes, place);
        if (next >= into.size())
            wrongEncoding("value " + std::to_string(next) + " of " + std::to_string(into.size()));
        into[next++] += valueAt<float>(bytes, place + 2);
    }
}

namespace {

/// `count` of `elements` indices, ascending, each subset as likely as any other (selection sampling: Knuth 2,
/// 3.4.2 S).
std::vector<std::uint32_t> drawSubset(std::uint64_t seed, std::size_t elements, std::int64_t count) {
    Random random(seed);
    const auto wanted = static_cast<std::size_t>(count);
    std::vector<std::uint32_t> indices(wanted + 1);  // one to write to in vain
    std::size_t have = 0;
    for (std::size_t i = 0; have < wanted; ++i) {
        // Branches that nobody can foretell would take most of the time.
        indices[have] = static_cast<std::uint32_t>(i);
        have += (random.bits() >> 32) * (elements - i) >> 32 < wanted - have ? 1 : 0;
    }
    indices.pop_back();
    return indices;
}

}  // namespace

void RandomMaskCodec::encode(std::span<const float> values, Random& random,
                             std::vector<std::byte>& out) const {
    const auto elements = static_cast<std::int64_t>(values.size());
    out.resize(static_cast<std::size_t>(bytesFor(elements)));
    if (values.empty()) return;
    const std::uint64_t seed = random.bits();
    store(std::span(out), 0, seed);
    const std::int64_t count = keptOf(elements, density_);
    const float factor =
        scaled_ ? static_cast<float>(static_cast<double>(elements) / static_cast<double>(count)) : 1.0f;
    std::size_t place = sizeof seed;
    for (const std::uint32_t i : drawSubset(seed, values.size(), count)) {
        store(std::span(out), place, values[i] * factor);
        place += sizeof(float);
    }
}

void RandomMaskCodec::add(std::span<const std::byte> bytes, std::span<float> into) const {
    const auto elements = static_cast<std::int64_t>(into.size());
    requireBytes(bytes, static_cast<std::size_t>(bytesFor(elements)));
    if (into.empty()) return;
    std::size_t place = sizeof(std::uint64_t);
    for (const std::uint32_t i :
         drawSubset(valueAt<std::uint64_t>(bytes, 0), into.size(), keptOf(elements, density_))) {
        into[i] += valueAt<float>(bytes, place);
        place += sizeof(float);
    }
}

}  // namespace rondo
