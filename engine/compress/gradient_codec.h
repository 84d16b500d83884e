#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/random.h"

namespace rondo {

/// A way to write gradients down in fewer bytes. Stateless: one object serves all ranks, both directions.
/// All numbers travel little-endian, as the float32 of an uncompressed gradient do.
class GradientCodec {
  public:
    virtual ~GradientCodec() = default;
    /// Bytes that `elements` values take, of none no byte; where that depends on the values, about.
    virtual std::int64_t bytesFor(std::int64_t elements) const = 0;
    /// Replaces `out` by the values, written down. Rounding by chance draws from `random`.
    virtual void encode(std::span<const float> values, Random& random, std::vector<std::byte>& out) const = 0;
    /// into += what was written down, by a peer that need not be trusted: bytes no encoding of so many values
    /// could have are a CommError, WrongSize, and leave `into` half done.
    virtual void add(std::span<const std::byte> bytes, std::span<float> into) const = 0;
};

/// The codec of the settings; null for `none`, and for power_sgd, which sends floats.
std::unique_ptr<GradientCodec> makeCodec(const CompressionSpec& spec);

/// How compressed gradients of all ranks come together.
enum class CompressedRoute {
    None,    ///< not compressed
    Chunks,  ///< half, quantize: reduce-scatter, then all-gather, of encoded chunks
    Gather,  ///< top_k, dgc, sign, random_mask: all-gather; everyone adds up what all sent
    Reduce   ///< power_sgd: linear, so floats are added on their way as in any all-reduce
};
CompressedRoute routeOf(const CompressionSpec& spec);

}  // namespace rondo
