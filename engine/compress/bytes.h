#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "engine/comm/communicator.h"

namespace rondo {

/// Plain values one behind the other, whatever their alignment.
template <class T>
void append(std::vector<std::byte>& out, const T& value) {
    const auto place = out.size();
    out.resize(place + sizeof value);
    std::memcpy(out.data() + place, &value, sizeof value);
}
/// The same into bytes that are there.
template <class T>
void store(std::span<std::byte> bytes, std::size_t place, const T& value) {
    std::memcpy(bytes.data() + place, &value, sizeof value);
}
/// The value at `place`, which must be inside.
template <class T>
T valueAt(std::span<const std::byte> bytes, std::size_t place) {
    T value;
    std::memcpy(&value, bytes.data() + place, sizeof value);
    return value;
}

[[noreturn]] inline void wrongEncoding(const std::string& what) {
    throw CommError(CommError::Kind::WrongSize, "a compressed gradient is wrong: " + what);
}
inline void requireBytes(std::span<const std::byte> bytes, std::size_t expected) {
    if (bytes.size() != expected)
        wrongEncoding(std::to_string(bytes.size()) + " bytes, expected " + std::to_string(expected));
}

}  // namespace rondo
