#pragma once

#include "engine/compress/gradient_codec.h"

namespace rondo {

/// QSGD (Alistarh et al. 2017): each value becomes one of s steps between 0 and the largest of its group, up
/// or down by chance so that it is right on average, with its sign. Groups of 2,048 values have a scale of
/// their own, the largest magnitude M, as in the paper's experiments; variance is at most
/// min(n/s², √n/s)·‖v‖², since M ≤ ‖v‖.
///
/// Bytes: ⌈log₂(2s+1)⌉ bits a value, each group rounded up to a byte, and 4 bytes a group. b bits hold
/// s = 2^(b−1) − 1 levels. A group with NaN or infinity comes out as NaN.
class QuantizeCodec final : public GradientCodec {
  public:
    explicit QuantizeCodec(const QuantizeCompression& spec);
    std::int64_t bytesFor(std::int64_t elements) const override;
    void encode(std::span<const float> values, Random& random, std::vector<std::byte>& out) const override;
    void add(std::span<const std::byte> bytes, std::span<float> into) const override;
    std::int64_t levels() const { return levels_; }

    static constexpr std::size_t kGroup = 2048;

  private:
    std::int64_t levels_;
    int bits_;
};

}  // namespace rondo
