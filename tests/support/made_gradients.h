#pragma once

#include <span>
#include <vector>

#include "engine/compress/gradient_codec.h"

namespace rondo::test {

/// As gradients are: around zero, no two alike.
inline std::vector<float> gaussian(std::size_t count, std::uint64_t seed = 1) {
    Random random(seed);
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(0.01 * random.normal());
    return values;
}

inline std::vector<std::byte> encoded(const GradientCodec& codec, std::span<const float> values,
                                      std::uint64_t seed = 1) {
    Random random(seed);
    std::vector<std::byte> bytes{std::byte{9}};  // what was there before is to go
    codec.encode(values, random, bytes);
    return bytes;
}

inline std::vector<float> decoded(const GradientCodec& codec, std::span<const std::byte> bytes,
                                  std::size_t count) {
    std::vector<float> values(count);
    codec.add(bytes, values);
    return values;
}

inline double squaresOf(std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    return sum;
}

}  // namespace rondo::test
