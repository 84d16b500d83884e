#include "net/data/masking.h"

#include <openssl/rand.h>

#include <cstring>
#include <stdexcept>

namespace rondo::net {

void copyMasked(std::span<std::byte> to, std::span<const std::byte> from, const MaskKey& key,
                std::size_t at) {
    std::array<std::byte, 8> turned;
    for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = key[(at + i) % key.size()];
    std::uint64_t mask = 0;
    std::memcpy(&mask, turned.data(), sizeof mask);
    std::byte* __restrict out = to.data();
    const std::byte* __restrict in = from.data();
    const std::size_t size = from.size(), whole = size / sizeof mask * sizeof mask;
    for (std::size_t i = 0; i < whole; i += sizeof mask) {  // the compiler makes vectors of it
        std::uint64_t eight = 0;
        std::memcpy(&eight, in + i, sizeof eight);
        eight ^= mask;
        std::memcpy(out + i, &eight, sizeof eight);
    }
    for (std::size_t i = whole; i < size; ++i) out[i] = in[i] ^ turned[i % turned.size()];
}

MaskKey MaskKeys::next() {
    MaskKey key;
    if (used_ + key.size() > drawn_.size()) {
        if (RAND_bytes(reinterpret_cast<unsigned char*>(drawn_.data()), static_cast<int>(drawn_.size())) != 1)
            throw std::runtime_error("no random numbers for the masks of frames");
        used_ = 0;
    }
    std::memcpy(key.data(), drawn_.data() + used_, key.size());
    used_ += key.size();
    return key;
}

}  // namespace rondo::net
