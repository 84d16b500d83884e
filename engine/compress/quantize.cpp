#include "engine/compress/quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "engine/compress/bytes.h"

namespace rondo {

namespace {

/// Bits one behind the other, the lowest of a byte first, into room that is there.
class BitWriter {
  public:
    explicit BitWriter(std::span<std::byte> room) : next_(room.data()) {}
    void put(std::uint32_t value, int bits) {
        waiting_ |= std::uint64_t{value} << used_;
        for (used_ += bits; used_ >= 8; used_ -= 8, waiting_ >>= 8)
            *next_++ = static_cast<std::byte>(waiting_);
    }
    void finish() {
        if (used_ > 0) *next_ = static_cast<std::byte>(waiting_);
    }

  private:
    std::byte* next_;
    std::uint64_t waiting_ = 0;
    int used_ = 0;
};

class BitReader {
  public:
    explicit BitReader(std::span<const std::byte> bytes) : next_(bytes.data()) {}
    std::uint32_t take(int bits) {
        for (; have_ < bits; have_ += 8) waiting_ |= std::to_integer<std::uint64_t>(*next_++) << have_;
        const auto value = static_cast<std::uint32_t>(waiting_ & ((std::uint64_t{1} << bits) - 1));
        waiting_ >>= bits;
        have_ -= bits;
        return value;
    }

  private:
    const std::byte* next_;
    std::uint64_t waiting_ = 0;
    int have_ = 0;
};

std::size_t packedBytes(std::size_t values, int bits) {
    return (values * static_cast<std::size_t>(bits) + 7) / 8;
}

/// The largest magnitude; NaN when one of them isn't finite.
float scaleOf(std::span<const float> group) {
    std::uint32_t most = 0;  // magnitudes are ordered as their bits are
    for (const float value : group) most = std::max(most, std::bit_cast<std::uint32_t>(value) & 0x7fffffffu);
    const float scale = std::bit_cast<float>(most);
    return std::isfinite(scale) ? scale : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace

QuantizeCodec::QuantizeCodec(const QuantizeCompression& spec)
    : levels_(spec.levels.value_or((std::int64_t{1} << (spec.bits - 1)) - 1)),
      bits_(std::bit_width(static_cast<std::uint64_t>(2 * levels_))) {}

std::int64_t QuantizeCodec::bytesFor(std::int64_t elements) const {
    const auto bytesOf = [&](std::size_t values) {
        return static_cast<std::int64_t>(sizeof(float) + packedBytes(values, bits_));
    };
    const auto group = static_cast<std::int64_t>(kGroup);
    const std::int64_t whole = elements / group, rest = elements % group;
    return whole * bytesOf(kGroup) + (rest > 0 ? bytesOf(static_cast<std::size_t>(rest)) : 0);
}

void QuantizeCodec::encode(std::span<const float> values, Random& random, std::vector<std::byte>& out) const {
    out.resize(static_cast<std::size_t>(bytesFor(static_cast<std::int64_t>(values.size()))));
    std::span<std::byte> room = out;
    const auto zero = static_cast<double>(levels_);
    const auto highest = static_cast<std::uint32_t>(2 * levels_);
    for (std::size_t first = 0; first < values.size(); first += kGroup) {
        const auto group = values.subspan(first, std::min(kGroup, values.size() - first));
        const float scale = scaleOf(group);
        store(room, 0, scale);
        BitWriter writer(room.subspan(sizeof scale));
        const double factor = zero / scale;
        for (const float value : group) {
            // Rounding down after adding something between 0 and 1 goes up as often as it must to be right
            // on average.
            const auto code = scale > 0 ? static_cast<std::uint32_t>(value * factor + zero + random.uniform())
                                        : highest / 2;
            writer.put(std::min(code, highest), bits_);
        }
        writer.finish();
        room = room.subspan(sizeof scale + packedBytes(group.size(), bits_));
    }
}

void QuantizeCodec::add(std::span<const std::byte> bytes, std::span<float> into) const {
    requireBytes(bytes, static_cast<std::size_t>(bytesFor(static_cast<std::int64_t>(into.size()))));
    const auto zero = static_cast<std::int32_t>(levels_);
    for (std::size_t first = 0; first < into.size(); first += kGroup) {
        const auto group = into.subspan(first, std::min(kGroup, into.size() - first));
        const auto scale = valueAt<float>(bytes, 0);
        if (scale < 0 || std::isinf(scale)) wrongEncoding("a scale of " + std::to_string(scale));
        // In double, so that the highest level is the scale itself however small or large that is.
        const double step = static_cast<double>(scale) / static_cast<double>(levels_);
        const std::size_t packed = packedBytes(group.size(), bits_);
        BitReader reader(bytes.subspan(sizeof scale, packed));
        std::int32_t highest = 0;
        for (float& value : group) {
            const auto code = static_cast<std::int32_t>(reader.take(bits_));
            highest = std::max(highest, code);
            value += static_cast<float>(step * (code - zero));
        }
        if (highest > 2 * zero)
            wrongEncoding("level " + std::to_string(highest - zero) + " of " + std::to_string(zero));
        bytes = bytes.subspan(sizeof scale + packed);
    }
}

}  // namespace rondo
