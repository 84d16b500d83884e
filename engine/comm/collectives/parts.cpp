#include <algorithm>

#include "engine/comm/collectives/collectives.h"

namespace rondo {

std::pair<std::int64_t, std::int64_t> chunkOf(std::int64_t count, int parts, int i) {
    const std::int64_t each = count / parts, extra = count % parts;
    const std::int64_t begin = i * each + std::min<std::int64_t>(i, extra);
    return {begin, begin + each + (i < extra ? 1 : 0)};
}

Values chunksOf(const Values& values, int parts, int first, int count) {
    const auto elements = static_cast<std::int64_t>(values.size());
    const std::int64_t begin = chunkOf(elements, parts, first).first;
    const std::int64_t end = chunkOf(elements, parts, first + count - 1).second;
    return values.sub(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

Parcel parcelFrom(const Values& values, const CollectiveTraits& traits, std::int32_t chunk) {
    Parcel parcel = parcelFrom(values, traits.tag);
    parcel.bucket = traits.bucket;
    parcel.chunk = chunk;
    parcel.microBatch = traits.microBatch;
    parcel.carries = traits.carries;
    return parcel;
}

}  // namespace rondo
