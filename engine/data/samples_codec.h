#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/data/dataset.h"

namespace rondo {

/// Samples as they travel to a machine that can't make them itself (net/PROTOCOL.md, "Data sets"). Equal
/// samples, equal bytes: their SHA-256 names them.
std::vector<std::byte> packed(const Samples& samples);

/// Refuses what isn't samples as a whole: sizes that don't go together, labels beyond the classes, values
/// that aren't numbers, more than one kind of features. Lengths are compared with what is there before memory
/// is taken.
Result<Samples> unpackSamples(std::span<const std::byte> bytes);

}  // namespace rondo
