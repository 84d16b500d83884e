#include "engine/data/samples_codec.h"

#include <algorithm>
#include <cmath>

#include "engine/core/byte_fields.h"
#include "engine/run/sha256.h"

namespace rondo {

namespace {

constexpr std::string_view kMagic = "RONDODS1";
constexpr std::size_t kMostDims = 8;
constexpr std::int64_t kMostClasses = 256;  // a label is a byte

Problem wrong(std::string what) {
    return Problem{"samples", std::move(what)};
}

template <class T>
void writeList(FieldWriter& io, const std::vector<T>& items) {
    io.varint(items.size());
    for (const T item : items) io.value(item);
}
template <class T>
void readList(FieldReader& io, std::vector<T>& items) {
    items.resize(io.length(1));
    for (T& item : items) io.value(item);
}

/// Features of a sample of these dims; 0 when they are none, or more than anything could hold.
std::uint64_t featuresOf(const std::vector<std::int64_t>& dims) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
    std::uint64_t features = dims.empty() || dims.size() > kMostDims ? 0 : 1;
    for (const std::int64_t dim : dims) {
        if (dim < 1 || static_cast<std::uint64_t>(dim) > kMost) return 0;
        features *= static_cast<std::uint64_t>(dim);
        if (features > kMost) return 0;
    }
    return features;
}

}  // namespace

PackedSamples::PackedSamples(const Samples& samples) {
    const auto add = [&](std::span<const std::byte> bytes) {
        parts_.push_back({bytes, size_});
        size_ += bytes.size();
    };
    const auto addWritten = [&](const auto& write) {
        std::vector<std::byte>& bytes = between_.emplace_back();
        {
            FieldWriter io(bytes);
            write(io);
        }
        add(bytes);  // moving the vector leaves its bytes where they are
    };
    const auto addArray = [&](const auto& array) {
        addWritten([&](FieldWriter& io) { io.varint(array.size()); });
        add(std::as_bytes(std::span(array)));
    };
    add(std::as_bytes(std::span(kMagic)));
    addWritten([&](FieldWriter& io) {
        writeList(io, samples.shape.dims);
        io.value(samples.shape.classes);
        io.value(samples.shape.positions);
    });
    addArray(samples.pixels);
    if constexpr (std::endian::native == std::endian::little)
        addArray(samples.values);
    else
        addWritten([&](FieldWriter& io) { io.value(samples.values); });
    addArray(samples.labels);
    addWritten([&](FieldWriter& io) { writeList(io, samples.writers); });
}

void PackedSamples::read(std::size_t offset, std::span<std::byte> out) const {
    auto part = std::upper_bound(parts_.begin(), parts_.end(), offset,
                                 [](std::size_t at, const Part& one) { return at < one.begin; });
    for (--part; !out.empty(); ++part) {
        const auto rest = part->bytes.subspan(offset - part->begin);
        const std::size_t size = std::min(rest.size(), out.size());
        std::copy_n(rest.begin(), size, out.begin());
        out = out.subspan(size);
        offset += size;
    }
}

std::string PackedSamples::sha256() const {
    Sha256 hash;
    for (const Part& part : parts_) hash.add(part.bytes);
    return hash.end();
}

std::vector<std::byte> packed(const Samples& samples) {
    const PackedSamples view(samples);
    std::vector<std::byte> bytes(view.size());
    view.read(0, bytes);
    return bytes;
}

Result<Samples> unpackSamples(std::span<const std::byte> bytes) {
    const auto magic = std::as_bytes(std::span(kMagic));
    if (bytes.size() < magic.size() || !std::ranges::equal(bytes.first(magic.size()), magic))
        return wrong("don't begin with " + std::string(kMagic));
    FieldReader io(bytes.subspan(magic.size()));
    Samples samples;
    readList(io, samples.shape.dims);
    io.value(samples.shape.classes);
    io.value(samples.shape.positions);
    io.value(samples.pixels);
    io.value(samples.values);
    io.value(samples.labels);
    readList(io, samples.writers);
    if (!io.wrong && !io.rest().empty()) io.fail("it holds more than its fields");
    if (io.wrong) return wrong(io.wrong);

    const std::uint64_t features = featuresOf(samples.shape.dims);
    if (features == 0) return wrong("have no shape");
    if (samples.shape.classes < 1 || samples.shape.classes > kMostClasses)
        return wrong(std::to_string(samples.shape.classes) + " classes, expected 1 to " +
                     std::to_string(kMostClasses));
    const std::uint64_t labels = samples.labels.size();
    if (samples.shape.positions < 1 || labels == 0 ||
        labels % static_cast<std::uint64_t>(samples.shape.positions) != 0)
        return wrong(std::to_string(labels) + " labels of " + std::to_string(samples.shape.positions) +
                     " each");
    const std::uint64_t count = labels / static_cast<std::uint64_t>(samples.shape.positions);
    const std::uint64_t held = std::max(samples.pixels.size(), samples.values.size());
    if (!samples.pixels.empty() && !samples.values.empty()) return wrong("hold pixels and values");
    if (held % features != 0 || held / features != count)
        return wrong(std::to_string(held) + " features, expected " + std::to_string(features) +
                     " for each of " + std::to_string(count));
    if (!samples.writers.empty() && samples.writers.size() != count)
        return wrong(std::to_string(samples.writers.size()) + " writers of " + std::to_string(count));
    const bool sequences = samples.shape.positions > 1;
    const auto isNone = [&](std::uint8_t symbol) { return symbol >= samples.shape.classes; };
    if (std::ranges::any_of(samples.labels,
                            [&](std::uint8_t l) { return isNone(l) && !(sequences && l == kNotCounted); }))
        return wrong("a label is none of the " + std::to_string(samples.shape.classes) + " classes");
    if (sequences && std::ranges::any_of(samples.pixels, isNone))
        return wrong("a symbol is none of the " + std::to_string(samples.shape.classes));
    if (!std::ranges::all_of(samples.values, [](float v) { return std::isfinite(v); }))
        return wrong("a value is no number");
    return samples;
}

}  // namespace rondo
