#pragma once

#include <vector>

#include "engine/comm/collectives/collectives.h"
#include "engine/compress/gradient_codec.h"
#include "engine/core/function_ref.h"

namespace rondo {

// Sums over all ranks of values that travel encoded: every rank ends with the same bits, since all decode the
// same bytes in the same order. N ranks, c(n) bytes for n encoded values; costs in compression_cost.h.
// Only-counted values send sizes.

/// Replaces `out` by `values`, encoded; may change `values`.
using EncodeValues = FunctionRef<void(Values values, std::vector<std::byte>& out)>;

/// Encoded values as a message; of only-counted ones, only the size.
Parcel parcelOfEncoded(const GradientCodec& codec, Values values, std::span<const std::byte> bytes, Tag tag);

/// All-gather around the ring, then everyone adds up what all sent, in rank order: N−1 steps, and what a rank
/// sends and receives grows with N, (N−1)·c(n).
void sumByGathering(Communicator& comm, const GradientCodec& codec, EncodeValues encode, Values values,
                    CollectiveTraits traits);

/// A rank sends that many chunks more than it has received: enough that its card is never idle while a chunk
/// is longer than a 256th of what the latency would carry, and few enough that a thousand ranks' chunks are
/// not all under way at once.
inline constexpr int kMostChunksAhead = 256;

/// Reduce-scatter: each rank sends every other its encoded chunk of the values, without waiting for answers
/// up to kMostChunksAhead, and adds up its own chunk in rank order; then all-gather of the encoded sums
/// around the ring. 2(N−1) messages and 2(N−1)·c(n/N) bytes a rank; values are encoded twice.
void sumByChunks(Communicator& comm, const GradientCodec& codec, EncodeValues encode, Values values,
                 CollectiveTraits traits);

}  // namespace rondo
