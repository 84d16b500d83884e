#include "engine/run/checkpoint.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "engine/core/function_ref.h"
#include "engine/run/atomic_file.h"
#include "engine/run/checkpoint_json.h"
#include "engine/run/sha256.h"

namespace rondo {

namespace json = boost::json;

namespace {

constexpr std::size_t kDigest = 32;
constexpr const char* kCommon = "all/";
constexpr const char* kFormat = "rondo checkpoint";

std::string prefixOf(std::size_t rank) {
    return std::to_string(rank) + "/";
}

/// Every range of floats with its name in the file, in the order in which they lie there.
void eachTensor(const StatesOfRanks& states,
                FunctionRef<void(const std::string& name, const std::vector<float>& values)> visit) {
    for (const auto& [name, values] : states.common.floats) visit(kCommon + name, values);
    for (std::size_t rank = 0; rank < states.own.size(); ++rank)
        for (const auto& [name, values] : states.own[rank].floats) visit(prefixOf(rank) + name, values);
}

json::object described(const char* type, std::size_t elements, std::size_t begin, std::size_t bytes) {
    return {{"dtype", type}, {"shape", {elements}}, {"data_offsets", {begin, begin + bytes}}};
}

std::string headerOf(const Checkpoint& checkpoint) {
    json::object header;
    header["__metadata__"] = {{"format", kFormat},
                              {"version", std::to_string(kCheckpointVersion)},
                              {"checkpoint", json::serialize(plainToJson(checkpoint))}};
    std::size_t offset = 0;
    eachTensor(checkpoint.states, [&](const std::string& name, const std::vector<float>& values) {
        const std::size_t bytes = values.size() * sizeof(float);
        if (header.contains(name)) throw std::logic_error("a rank remembers two things as " + name);
        header[name] = described("F32", values.size(), offset, bytes);
        offset += bytes;
    });
    header["sha256"] = described("U8", kDigest, offset, kDigest);
    std::string text = json::serialize(header);
    text.resize((text.size() + 7) / 8 * 8, ' ');  // the data starts aligned
    return text;
}

std::array<std::byte, kDigest> digestOf(const std::string& hexadecimal) {
    std::array<std::byte, kDigest> digest;
    const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i < kDigest; ++i)
        digest[i] = static_cast<std::byte>(value(hexadecimal[2 * i]) * 16 + value(hexadecimal[2 * i + 1]));
    return digest;
}

void encodeTo(const Checkpoint& checkpoint, FunctionRef<void(std::span<const std::byte>)> write) {
    Sha256 hash;
    const auto put = [&](std::span<const std::byte> bytes) {
        hash.add(bytes);
        write(bytes);
    };
    const std::string header = headerOf(checkpoint);
    std::array<std::byte, 8> length;
    for (std::size_t i = 0; i < length.size(); ++i)
        length[i] = static_cast<std::byte>(header.size() >> (8 * i));
    put(length);
    put(std::as_bytes(std::span(header)));
    eachTensor(checkpoint.states, [&](const std::string&, const std::vector<float>& values) {
        put(std::as_bytes(std::span(values)));
    });
    write(digestOf(hash.end()));
}

// Reading. Whatever is wrong is thrown as BadInput, `where` being the byte, if one can be told.

[[noreturn]] void damaged(const std::string& what) {
    throw BadInput(Problem{"", what});
}
[[noreturn]] void damagedAt(std::size_t byte, const std::string& what) {
    throw BadInput(Problem{"byte " + std::to_string(byte), what});
}

/// The length of the header, of a file of so many bytes.
std::size_t headerLength(std::span<const std::byte> start, std::uint64_t fileSize) {
    if (start.size() < 8 || fileSize < 8 + kDigest)
        damaged(std::to_string(fileSize) + " bytes, too short for a checkpoint");
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 8; ++i) length |= std::to_integer<std::uint64_t>(start[i]) << (8 * i);
    if (length > fileSize - 8 - kDigest)
        damagedAt(
            0, "a header of " + std::to_string(length) + " bytes, in a file of " + std::to_string(fileSize));
    return static_cast<std::size_t>(length);
}

json::object parsedObject(std::string_view text, std::size_t at, const char* what) {
    json::parse_options options;
    options.max_depth = 32;
    json::stream_parser parser({}, options);
    boost::system::error_code error;
    const std::size_t read = parser.write_some(text.data(), text.size(), error);
    if (!error) parser.finish(error);
    if (error) damagedAt(at + read, std::string(what) + " is not JSON: " + error.message());
    if (text.find_first_not_of(' ', read) != std::string_view::npos)
        damagedAt(at + read, std::string("something follows ") + what);
    const json::value value = parser.release();
    if (!value.is_object()) damagedAt(at, std::string(what) + " is not an object");
    return value.get_object();
}

struct Tensor {
    std::string name;
    std::string type;
    std::uint64_t begin = 0, end = 0;  ///< of the data
};

struct Header {
    std::string plain;            ///< JSON of all that isn't floats
    std::vector<Tensor> tensors;  ///< in the order of their bytes, without gaps; the last is the digest
};

std::optional<std::uint64_t> natural(const json::value& value) {
    const std::int64_t* number = value.if_int64();
    if (!number || *number < 0) return {};
    return static_cast<std::uint64_t>(*number);
}

Tensor tensorFrom(std::string_view name, const json::value& value) {
    const auto wrong = [&](const char* what) -> void {
        damaged("the header's tensor \"" + std::string(name) + "\" " + what);
    };
    const json::object* object = value.if_object();
    if (!object) wrong("is not an object");
    const json::value *type = object->if_contains("dtype"), *shape = object->if_contains("shape"),
                      *offsets = object->if_contains("data_offsets");
    if (!type || !type->is_string() || !shape || !shape->is_array() || shape->get_array().size() != 1 ||
        !offsets || !offsets->is_array() || offsets->get_array().size() != 2)
        wrong("has no dtype, no shape of one dimension or no data_offsets");
    const auto elements = natural(shape->get_array()[0]), begin = natural(offsets->get_array()[0]),
               end = natural(offsets->get_array()[1]);
    if (!elements || !begin || !end || *begin > *end) wrong("has a shape or data_offsets that can't be");
    Tensor tensor{std::string(name), std::string(type->get_string()), *begin, *end};
    const std::uint64_t bytes = *end - *begin, each = tensor.type == "F32" ? sizeof(float) : 1;
    if (tensor.type != (name == "sha256" ? "U8" : "F32")) wrong("is of another dtype");
    if (bytes % each != 0 || bytes / each != *elements) wrong("has data_offsets that don't fit its shape");
    return tensor;
}

std::string textAt(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    if (!value || !value->is_string()) damaged(std::string("not a checkpoint: it has no \"") + key + "\"");
    return std::string(value->get_string());
}

Header headerFrom(std::string_view text, std::uint64_t dataSize) {
    const json::object all = parsedObject(text, 8, "the header");
    Header header;
    const json::value* meta = all.if_contains("__metadata__");
    if (!meta || !meta->is_object() || textAt(meta->get_object(), "format") != kFormat)
        damaged("not a checkpoint of Rondo");
    const std::string version = textAt(meta->get_object(), "version");
    if (version != std::to_string(kCheckpointVersion))
        damaged("a checkpoint of version " + version + ", this Rondo reads version " +
                std::to_string(kCheckpointVersion));
    for (const auto& [name, value] : all)
        if (name != "__metadata__") header.tensors.push_back(tensorFrom(name, value));
    std::stable_sort(header.tensors.begin(), header.tensors.end(), [](const Tensor& a, const Tensor& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t end = 0;
    for (const Tensor& tensor : header.tensors) {
        if (tensor.begin != end)
            damagedAt(8 + text.size() + end, "bytes that belong to no tensor, or to two: \"" + tensor.name +
                                                 "\" begins at " + std::to_string(tensor.begin));
        end = tensor.end;
    }
    if (end != dataSize)
        damagedAt(8 + text.size() + std::min(end, dataSize),
                  std::to_string(dataSize) + " bytes of data, the header speaks of " + std::to_string(end));
    if (header.tensors.empty() || header.tensors.back().name != "sha256" ||
        header.tensors.back().end - header.tensors.back().begin != kDigest)
        damaged("its last tensor is not the \"sha256\" of what is before it");
    header.tensors.pop_back();
    header.plain = textAt(meta->get_object(), "checkpoint");
    return header;
}

/// The state a tensor belongs to, and its name there.
std::pair<RankState*, std::string> placeOf(StatesOfRanks& states, const std::string& name) {
    if (name.starts_with(kCommon)) return {&states.common, name.substr(std::strlen(kCommon))};
    std::size_t rank = 0;
    const char *const begin = name.data(), *const end = begin + name.size();
    const auto [after, error] = std::from_chars(begin, end, rank);
    if (error != std::errc() || after == end || *after != '/' || rank >= states.own.size())
        damaged("a tensor \"" + name + "\" of no rank");
    return {&states.own[rank], std::string(after + 1, end)};
}

}  // namespace

std::vector<std::byte> encodeCheckpoint(const Checkpoint& checkpoint) {
    std::vector<std::byte> bytes;
    encodeTo(checkpoint,
             [&](std::span<const std::byte> more) { bytes.insert(bytes.end(), more.begin(), more.end()); });
    return bytes;
}

Problems writeCheckpoint(const std::string& file, const Checkpoint& checkpoint) {
    AtomicFile out(file);
    encodeTo(checkpoint, [&](std::span<const std::byte> bytes) { out.write(bytes); });
    return out.finish();
}

namespace {

Checkpoint decoded(std::span<const std::byte> bytes) {
    const std::size_t length = headerLength(bytes, bytes.size());
    const auto header =
        headerFrom({reinterpret_cast<const char*>(bytes.data()) + 8, length}, bytes.size() - 8 - length);
    const auto before = bytes.first(bytes.size() - kDigest), digest = bytes.last(kDigest);
    const auto right = digestOf(sha256(before));
    if (!std::equal(digest.begin(), digest.end(), right.begin()))
        damagedAt(before.size(), "the SHA-256 there is not that of the file: it has been changed");
    Checkpoint checkpoint = plainFromJson(parsedObject(header.plain, 0, "the checkpoint in the header"));
    for (const Tensor& tensor : header.tensors) {
        const auto [state, name] = placeOf(checkpoint.states, tensor.name);
        std::vector<float> values(static_cast<std::size_t>((tensor.end - tensor.begin) / sizeof(float)));
        if (!values.empty())
            std::memcpy(values.data(), bytes.data() + 8 + length + tensor.begin,
                        values.size() * sizeof(float));
        state->floats.emplace_back(name, std::move(values));
    }
    return checkpoint;
}

Problems inFile(Problems problems, const std::string& file) {
    for (Problem& problem : problems)
        problem.where = problem.where.empty() ? file : file + ": " + problem.where;
    return problems;
}

std::vector<std::byte> bytesOf(const std::string& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) damaged("no such file");
    const std::uint64_t size = std::filesystem::file_size(file, error);
    std::ifstream in(file, std::ios::binary);
    const auto read = [&](std::vector<std::byte>& bytes, std::size_t upTo) {
        const std::size_t have = bytes.size();
        bytes.resize(upTo);
        if (!in.read(reinterpret_cast<char*>(bytes.data() + have), static_cast<std::streamsize>(upTo - have)))
            damagedAt(have, "can't be read");
    };
    // The header first: a file that isn't a checkpoint is not worth its memory.
    std::vector<std::byte> bytes;
    read(bytes, static_cast<std::size_t>(std::min<std::uint64_t>(size, 8)));
    const std::size_t length = headerLength(bytes, size);
    read(bytes, 8 + length);
    headerFrom({reinterpret_cast<const char*>(bytes.data()) + 8, length}, size - 8 - length);
    read(bytes, static_cast<std::size_t>(size));
    return bytes;
}

}  // namespace

Result<Checkpoint> decodeCheckpoint(std::span<const std::byte> bytes) {
    try {
        return decoded(bytes);
    } catch (const BadInput& problem) {
        return problem.problems();
    }
}

Result<Checkpoint> readCheckpoint(const std::string& file) {
    try {
        return decoded(bytesOf(file));
    } catch (const BadInput& problem) {
        return inFile(problem.problems(), file);
    }
}

}  // namespace rondo
