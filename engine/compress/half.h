#pragma once

#include <cstdint>

#include "engine/compress/gradient_codec.h"

namespace rondo {

/// IEEE 754 binary16: rounded to the nearest, ties to even; what is too large becomes infinite, NaN stays
/// NaN.
std::uint16_t halfOf(float value);
float floatOfHalf(std::uint16_t half);

/// Half the bytes: each value as binary16. Gradients below 6·10⁻⁸ vanish.
class HalfCodec final : public GradientCodec {
  public:
    std::int64_t bytesFor(std::int64_t elements) const override { return elements * 2; }
    void encode(std::span<const float> values, Random& random, std::vector<std::byte>& out) const override;
    void add(std::span<const std::byte> bytes, std::span<float> into) const override;
};

}  // namespace rondo
