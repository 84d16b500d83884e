#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/data/dataset.h"

namespace rondo {

/// Samples as they travel to a machine that can't make them itself (net/PROTOCOL.md, "Data sets"). Equal
/// samples, equal bytes: their SHA-256 names them. Takes no second copy of them: the bytes are read where the
/// samples lie, which therefore stay as they are for as long. Thread: any, once made.
class PackedSamples {
  public:
    explicit PackedSamples(const Samples& samples);
    PackedSamples(const PackedSamples&) = delete;
    PackedSamples& operator=(const PackedSamples&) = delete;

    std::size_t size() const { return size_; }
    /// The bytes from `offset` on; there must be as many as `out` takes.
    void read(std::size_t offset, std::span<std::byte> out) const;
    std::string sha256() const;

  private:
    struct Part {
        std::span<const std::byte> bytes;
        std::size_t begin = 0;
    };
    std::vector<std::vector<std::byte>> between_;  ///< what is not in memory as it travels
    std::vector<Part> parts_;
    std::size_t size_ = 0;
};

/// All of them.
std::vector<std::byte> packed(const Samples& samples);

/// Refuses what isn't samples as a whole: sizes that don't go together, labels beyond the classes, values
/// that aren't numbers, more than one kind of features. Lengths are compared with what is there before memory
/// is taken.
Result<Samples> unpackSamples(std::span<const std::byte> bytes);

}  // namespace rondo
