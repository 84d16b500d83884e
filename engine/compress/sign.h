#pragma once

#include "engine/compress/gradient_codec.h"

namespace rondo {

/// One bit a value, and the mean magnitude once for all: v ≈ ‖v‖₁/n · sign(v) (Seide et al. 2014; with error
/// feedback EF-signSGD, Karimireddy et al. 2019, without which it doesn't converge in general). Zero counts
/// as positive. Bytes: ⌈n/8⌉ + 4.
class SignCodec final : public GradientCodec {
  public:
    std::int64_t bytesFor(std::int64_t elements) const override {
        return elements == 0 ? 0 : (elements + 7) / 8 + 4;
    }
    void encode(std::span<const float> values, Random& random, std::vector<std::byte>& out) const override;
    void add(std::span<const std::byte> bytes, std::span<float> into) const override;
};

}  // namespace rondo
