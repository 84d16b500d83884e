#include "engine/model/learning_ranges.h"

#include <algorithm>

namespace rondo {

std::vector<FloatRange> learningRanges(std::span<const ModelPart> parts, int frozenLayers) {
    std::vector<FloatRange> ranges;
    std::int64_t begin = 0;
    for (const ModelPart& part : parts) {
        const std::int64_t end = begin + part.parameters();
        const auto layers = std::span(part.plan.layers);
        const int frozen = std::clamp(frozenLayers - part.firstLayer, 0, static_cast<int>(layers.size()));
        for (const LayerPlan& layer : layers.first(static_cast<std::size_t>(frozen)))
            begin += layer.parameters();
        if (!ranges.empty() && ranges.back().end == begin)
            ranges.back().end = end;
        else if (begin < end)
            ranges.push_back({begin, end});
        begin = end;
    }
    return ranges;
}

}  // namespace rondo
