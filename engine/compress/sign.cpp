#include "engine/compress/sign.h"

#include <algorithm>
#include <cmath>

#include "engine/compress/bytes.h"

namespace rondo {

namespace {

/// Calls `body` for each byte of signs with the values it stands for: eight, fewer at the end.
template <class T, class Body>
void forEachByte(std::span<T> values, Body body) {
    std::size_t byte = 0, first = 0;
    for (; first + 8 <= values.size(); first += 8) body(byte++, values.subspan(first).template first<8>());
    if (first < values.size()) body(byte, values.subspan(first));
}

}  // namespace

void SignCodec::encode(std::span<const float> values, Random&, std::vector<std::byte>& out) const {
    const std::size_t signs = (values.size() + 7) / 8;
    out.resize(static_cast<std::size_t>(bytesFor(static_cast<std::int64_t>(values.size()))));
    if (values.empty()) return;
    double sum = 0;
    forEachByte(values, [&](std::size_t byte, auto some) {
        double magnitudes = 0;
        unsigned negative = 0;
        for (std::size_t i = 0; i < some.size(); ++i) {
            magnitudes += std::abs(some[i]);
            negative |= static_cast<unsigned>(some[i] < 0) << i;
        }
        sum += magnitudes;
        out[byte] = static_cast<std::byte>(negative);
    });
    store(std::span(out), signs, static_cast<float>(sum / static_cast<double>(values.size())));
}

void SignCodec::add(std::span<const std::byte> bytes, std::span<float> into) const {
    requireBytes(bytes, static_cast<std::size_t>(bytesFor(static_cast<std::int64_t>(into.size()))));
    if (into.empty()) return;
    const auto mean = valueAt<float>(bytes, bytes.size() - sizeof(float));
    if (mean < 0) wrongEncoding("a mean magnitude of " + std::to_string(mean));
    const float meant[2] = {mean, -mean};
    forEachByte(into, [&](std::size_t byte, auto some) {
        const auto negative = std::to_integer<unsigned>(bytes[byte]);
        for (std::size_t i = 0; i < some.size(); ++i) some[i] += meant[negative >> i & 1u];
    });
}

}  // namespace rondo
