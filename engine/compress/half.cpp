#include "engine/compress/half.h"

#include <bit>

#include "engine/compress/bytes.h"

namespace rondo {

std::uint16_t halfOf(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
    const std::uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return sign | 0x7e00u;   // NaN
    if (magnitude >= 0x477ff000u) return sign | 0x7c00u;  // rounds to 65,536 or more: infinite
    if (magnitude < 0x38800000u) {
        // Below the smallest normal half: adding ½ puts the value's bits, rounded, where a subnormal has
        // them.
        const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
        return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
    }
    const std::uint32_t odd = magnitude >> 13 & 1u;
    return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
}

float floatOfHalf(std::uint16_t half) {
    const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16, magnitude = half & 0x7fffu;
    if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
    if (magnitude < 0x400u) {
        const float value = static_cast<float>(magnitude) * 0x1p-24f;
        return sign ? -value : value;
    }
    return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000u));
}

void HalfCodec::encode(std::span<const float> values, Random&, std::vector<std::byte>& out) const {
    out.resize(values.size() * 2);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint16_t half = halfOf(values[i]);
        std::memcpy(out.data() + 2 * i, &half, 2);
    }
}

void HalfCodec::add(std::span<const std::byte> bytes, std::span<float> into) const {
    requireBytes(bytes, into.size() * 2);
    for (std::size_t i = 0; i < into.size(); ++i)
        into[i] += floatOfHalf(valueAt<std::uint16_t>(bytes, 2 * i));
}

}  // namespace rondo
