#pragma once

#include "engine/compress/gradient_codec.h"

namespace rondo {

/// How many of `elements` values a density keeps: at least one, rounded to the nearest.
std::int64_t keptOf(std::int64_t elements, double density);
/// Indices of the `count` values of largest magnitude, ascending; of equal ones those that come first. NaN
/// counts as largest, so that a diverging gradient is seen.
std::vector<std::uint32_t> largest(std::span<const float> values, std::int64_t count);

/// Sparsification to the largest values (Aji, Heafield 2017): 32-bit index and value each, all indices first.
/// 1/(2·density) of the bytes are saved; needs error feedback.
class TopKCodec final : public GradientCodec {
  public:
    explicit TopKCodec(double density) : density_(density) {}
    std::int64_t bytesFor(std::int64_t elements) const override {
        return elements == 0 ? 0 : keptOf(elements, density_) * 8;
    }
    void encode(std::span<const float> values, Random& random, std::vector<std::byte>& out) const override;
    void add(std::span<const std::byte> bytes, std::span<float> into) const override;

  private:
    double density_;
};

/// The sparse values of DGC (Lin et al. 2018): a 16-bit run of zeros, then the 32-bit value, each. A run that
/// is longer is cut by a value of zero. 48 bits a value: 666.7 times less at a density of 0.1 %.
class RunLengthCodec final : public GradientCodec {
  public:
    explicit RunLengthCodec(double density) : density_(density) {}
    std::int64_t bytesFor(std::int64_t elements) const override {
        return elements == 0 ? 0 : keptOf(elements, density_) * 6;
    }
    void encode(std::span<const float> values, Random& random, std::vector<std::byte>& out) const override;
    void add(std::span<const std::byte> bytes, std::span<float> into) const override;
    /// Only the values at these ascending indices.
    static void encode(std::span<const float> values, std::span<const std::uint32_t> indices,
                       std::vector<std::byte>& out);

  private:
    double density_;
};

/// A random subset of the values (Konečný et al. 2016): the receiver draws the same subset from the seed that
/// goes ahead, so no index is sent. Values are divided by the density, which makes it right on average;
/// `scaled` false leaves them as they are, for error feedback. Bytes: 8 + 4·density·n.
class RandomMaskCodec final : public GradientCodec {
  public:
    RandomMaskCodec(double density, bool scaled) : density_(density), scaled_(scaled) {}
    std::int64_t bytesFor(std::int64_t elements) const override {
        return elements == 0 ? 0 : 8 + keptOf(elements, density_) * 4;
    }
    void encode(std::span<const float> values, Random& random, std::vector<std::byte>& out) const override;
    void add(std::span<const std::byte> bytes, std::span<float> into) const override;

  private:
    double density_;
    bool scaled_;
};

}  // namespace rondo
