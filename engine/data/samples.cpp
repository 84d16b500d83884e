#include <algorithm>
#include <cstring>

#include "engine/data/dataset.h"

namespace rondo {

namespace {

/// FNV-1a over words of 8 bytes, with a shift that lets high bits reach low ones.
class Hash {
  public:
    void word(std::uint64_t v) {
        state_ = (state_ ^ v) * 0x100000001b3u;
        state_ ^= state_ >> 29;
    }
    /// Little-endian whatever the machine, the last word filled up with zeros.
    template <class T>
    void array(const std::vector<T>& items) {
        word(items.size());
        std::uint64_t v = 0;
        unsigned shift = 0;
        for (const T item : items) {
            v |= static_cast<std::uint64_t>(bitsOf(item)) << shift;
            shift += 8 * sizeof(T);
            if (shift == 64) {
                word(v);
                v = 0, shift = 0;
            }
        }
        if (shift > 0) word(v);
    }
    std::uint64_t value() const { return state_; }

  private:
    static std::uint8_t bitsOf(std::uint8_t v) { return v; }
    static std::uint32_t bitsOf(std::int32_t v) { return static_cast<std::uint32_t>(v); }
    static std::uint32_t bitsOf(float v) {
        std::uint32_t bits;
        std::memcpy(&bits, &v, sizeof bits);
        return bits;
    }
    std::uint64_t state_ = 0xcbf29ce484222325u;
};

constexpr float kScale = 1.0f / 255.0f;
static_assert(255.0f * kScale == 1.0f);

}  // namespace

void Samples::gather(std::span<const std::int64_t> chosen, std::span<float> out) const {
    const auto features = static_cast<std::size_t>(shape.features());
    float* row = out.data();
    const float scale = shape.positions > 1 ? 1.0f : kScale;
    for (const std::int64_t sample : chosen) {
        const std::size_t from = static_cast<std::size_t>(sample) * features;
        if (pixels.empty()) {
            std::memcpy(row, values.data() + from, features * sizeof(float));
        } else {
            const std::uint8_t* bytes = pixels.data() + from;
            for (std::size_t i = 0; i < features; ++i) row[i] = static_cast<float>(bytes[i]) * scale;
        }
        row += features;
    }
}

void Samples::gatherLabels(std::span<const std::int64_t> chosen, std::span<std::int64_t> out) const {
    std::int64_t* row = out.data();
    for (const std::int64_t sample : chosen)
        row = std::copy_n(labels.begin() + sample * shape.positions, shape.positions, row);
}

std::uint64_t Samples::fingerprint() const {
    Hash hash;
    hash.word(shape.dims.size());
    for (const std::int64_t dim : shape.dims) hash.word(static_cast<std::uint64_t>(dim));
    hash.word(static_cast<std::uint64_t>(shape.classes));
    if (shape.positions > 1) hash.word(static_cast<std::uint64_t>(shape.positions));
    hash.array(pixels);
    hash.array(values);
    hash.array(labels);
    hash.array(writers);
    return hash.value();
}

}  // namespace rondo
