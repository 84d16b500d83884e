#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/compress/gradient_codec.h"
#include "engine/compress/squares.h"
#include "engine/run/rank_state.h"

namespace rondo {

/// What one rank remembers of gradients it did not send whole, apart for each part of the model that is sent
/// by itself (a bucket, a server's shard).
class Unsent {
  public:
    virtual ~Unsent() = default;
    /// A new epoch or the first one: warm-up goes by it.
    virtual void enterEpoch(std::int64_t) {}
    /// Replaces `out` by what of `gradient`, and of what was left before, is sent now, and says how much that
    /// is. Uses `gradient` up.
    virtual SquaredLengths encode(int part, std::span<float> gradient, std::vector<std::byte>& out) = 0;

    /// Adds what it remembers, each name behind `prefix`.
    virtual void save(RankState&, const std::string& /*prefix*/) const {}
    /// Takes over what one of its kind saved for parts of these sizes; nothing, where nothing was saved. Ends
    /// the reading; BadInput leaves it as it was.
    virtual void restore(StateReader& from, std::span<const std::int64_t> /*partSizes*/) {
        from.end("this compression");
    }
};

/// Nothing: for codecs that are right on average or nearly exact.
std::unique_ptr<Unsent> forget(const GradientCodec& codec, Random& random);

/// Error feedback (Seide et al. 2014; Karimireddy et al. 2019): what a codec left out is added to the next
/// gradient, so that everything is sent in the end. Memory: 4 bytes a parameter.
std::unique_ptr<Unsent> errorFeedback(const GradientCodec& codec, Random& random);

/// Deep gradient compression (Lin et al. 2018). Momentum correction: velocities u ← m·u + g are what is
/// accumulated, v ← v + u, and the largest of v are sent. Factor masking: what is sent is cleared in u as in
/// v, so that stale momentum doesn't carry it further; at density 1 nothing but plain SGD is left. Local
/// clipping: parts longer than clip/√N are cut to that first, each by itself, since the first are sent before
/// the last are known. Warm-up: densities of 0.25, 0.0625, 0.015625 and 0.004 share the warm-up epochs. The
/// optimiser then works without momentum. Memory: 8 bytes a parameter.
std::unique_ptr<Unsent> deepGradientCompression(const DgcCompression& spec, double momentum, int workers);
/// The density of an epoch, counted from 0.
double dgcDensity(const DgcCompression& spec, std::int64_t epoch);

}  // namespace rondo
