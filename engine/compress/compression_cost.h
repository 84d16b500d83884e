#pragma once

#include <cstdint>
#include <string>

#include "engine/comm/network_terms.h"
#include "engine/config/run_spec.h"
#include "engine/core/ids.h"
#include "engine/model/bucket_plan.h"

namespace rondo {

// What theory says of one compressed all-reduce of a bucket of n values over N ranks; c(n) bytes stand for n
// values. Runs of zeros are short enough, and warm-up is over (dgc; warm_up.h adds it). Not for `none`.
//   half, quantize                 (N−1)(2·c(n/N)) bytes a rank, Nα + 2(N−1)·c(n/N)/β
//   top_k, dgc, sign, random_mask  (N−1)·c(n) bytes a rank, (N−1)(α + c(n)/β)
//   power_sgd                      two rings, of P with what goes whole and of Q: 4(N−1)α + 2(N−1)/N·c(n)/β

/// Bytes that stand for a bucket.
std::int64_t encodedBytes(const CompressionSpec& spec, const BucketRange& bucket);
/// Payload bytes of a rank.
std::int64_t compressedBytesSent(const CompressionSpec& spec, const BucketRange& bucket, Rank rank,
                                 int ranks);
/// Messages of all ranks together.
std::int64_t compressedMessages(const CompressionSpec& spec, int ranks);
/// Seconds on an idle network.
double compressedSeconds(const CompressionSpec& spec, const BucketRange& bucket, const NetworkTerms& network);
/// The seconds as a formula, with the meaning of its letters: "(N−1)(α + c/β)".
std::string compressedFormula(const CompressionSpec& spec);

}  // namespace rondo
