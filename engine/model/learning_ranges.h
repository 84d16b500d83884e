#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/model_part.h"

namespace rondo {

/// Floats [begin, end) of a buffer.
struct FloatRange {
    std::int64_t begin = 0, end = 0;
    std::int64_t size() const { return end - begin; }
    bool operator==(const FloatRange&) const = default;
};

/// Of a rank's parts, which lie behind each other in one buffer, what learns when the model's first
/// `frozenLayers` don't; ranges that meet are one.
std::vector<FloatRange> learningRanges(std::span<const ModelPart> parts, int frozenLayers);

}  // namespace rondo
