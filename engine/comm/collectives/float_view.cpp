#include "engine/comm/collectives/float_view.h"

#include <cstring>

namespace rondo {

namespace {
void checkSize(std::size_t floats, std::size_t bytes) {
    if (bytes != floats * sizeof(float))
        throw CommError(CommError::Kind::WrongSize, "a peer sent " + std::to_string(bytes) +
                                                        " bytes, expected " +
                                                        std::to_string(floats * sizeof(float)));
}
}  // namespace

void addFloats(Values into, ReceivedBytes bytes) {
    const auto floats = into.floats();
    const auto from = floatsOf(bytes, floats.size());
    for (std::size_t i = 0; i < floats.size(); ++i) floats[i] += from[i];
}

void copyFloats(Values into, ReceivedBytes bytes) {
    const auto floats = into.floats();
    checkSize(floats.size(), bytes.size());
    if (!bytes.empty()) std::memcpy(floats.data(), bytes.data(), bytes.size());
}

void addPiece(Values into, const Piece& piece) {
    checkSize(into.floats().size(), piece.whole);
    addFloats(into.sub(piece.at / sizeof(float), piece.bytes.size() / sizeof(float)), piece.bytes);
}

std::span<const float> floatsOf(ReceivedBytes bytes, std::size_t count) {
    checkSize(count, bytes.size());
    // Every communicator hands out float-aligned memory: a sender's own floats or a buffer of its own.
    return {reinterpret_cast<const float*>(bytes.data()), count};
}

}  // namespace rondo
