#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstring>
#include <string>

#include "engine/run/sha256.h"
#include "tests/support/made_checkpoint.h"

namespace rondo::test {

using Bytes = std::vector<std::byte>;

inline std::string plainText(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes bytesOf(const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}
/// SHA-256 as it stands at the end of a checkpoint.
inline std::string digestBytes(const std::string& text) {
    const std::string digits = sha256(std::as_bytes(std::span(text)));
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return bytes;
}

/// A file taken apart, to be put together otherwise: with a header of the right length and the right hash.
struct CheckpointParts {
    boost::json::object header, plain;
    std::string data;  ///< without the hash

    explicit CheckpointParts(const Checkpoint& checkpoint = madeCheckpoint()) {
        const std::string text = plainText(encodeCheckpoint(checkpoint));
        std::uint64_t length = 0;
        std::memcpy(&length, text.data(), 8);
        header = boost::json::parse(text.substr(8, length)).as_object();
        plain = boost::json::parse(header.at("__metadata__").at("checkpoint").as_string()).as_object();
        data = text.substr(8 + length, text.size() - 8 - length - 32);
    }
    Bytes together() { return togetherWith(boost::json::serialize(plain)); }
    /// With this for the JSON of all that isn't floats.
    Bytes togetherWith(const std::string& plainJson) {
        header["__metadata__"].as_object()["checkpoint"] = plainJson;
        const std::string text = boost::json::serialize(header);
        const std::uint64_t length = text.size();
        std::string all(8, '\0');
        std::memcpy(all.data(), &length, 8);
        all += text + data;
        return bytesOf(all + digestBytes(all));
    }
};

}  // namespace rondo::test
