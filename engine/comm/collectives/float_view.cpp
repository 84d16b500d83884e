#include "engine/comm/collectives/float_view.h"

#include <cstring>

namespace rondo {

namespace {
void checkSize(std::span<float> into, ReceivedBytes bytes) {
    if (bytes.size() != into.size_bytes())
        throw CommError(CommError::Kind::WrongSize, "a peer sent " + std::to_string(bytes.size()) +
                                                        " bytes, expected " +
                                                        std::to_string(into.size_bytes()));
}
}  // namespace

void addFloats(std::span<float> into, ReceivedBytes bytes) {
    checkSize(into, bytes);
    // Every communicator hands out float-aligned memory: a sender's own floats or a buffer of its own.
    const float* from = reinterpret_cast<const float*>(bytes.data());
    for (std::size_t i = 0; i < into.size(); ++i) into[i] += from[i];
}

void copyFloats(std::span<float> into, ReceivedBytes bytes) {
    checkSize(into, bytes);
    if (!bytes.empty()) std::memcpy(into.data(), bytes.data(), bytes.size());
}

}  // namespace rondo
