#include <cstdlib>

#include "tests/fuzz/targets.h"
#include "tests/support/checkpoint_parts.h"

using namespace rondo;
using namespace rondo::test;

namespace {

constexpr char kFile = 'f', kPlain = 'p', kHeader = 'h';

/// The first byte says what the others are: a file, the JSON in the header of a good one, or a header before
/// the data of a good one. As if whoever changed it had made lengths and hash anew: else nothing but those
/// would ever be looked at.
Bytes fileFrom(const std::string& input) {
    if (input.empty()) return {};
    static CheckpointParts parts;
    const std::string rest = input.substr(1);
    switch (input[0]) {
        case kPlain:
            return parts.togetherWith(rest);
        case kHeader: {
            const std::uint64_t length = rest.size();
            std::string all(8, '\0');
            std::memcpy(all.data(), &length, 8);
            all += rest + parts.data;
            return bytesOf(all + digestBytes(all));
        }
        default: {
            if (rest.size() < 32) return bytesOf(rest);
            const std::string before = rest.substr(0, rest.size() - 32);
            return bytesOf(before + digestBytes(before));
        }
    }
}

}  // namespace

// Any file is either refused with a reason, or can be measured, and written and read again to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = decodeCheckpoint(fileFrom({reinterpret_cast<const char*>(data), size}));
    if (!read) {
        if (read.error().empty()) std::abort();
        return 0;
    }
    Report report;
    report.spec = read->spec;
    for (const WorldFigures& world : read->books.worlds) measureInto(report, world.ranks, world.workers);
    toJson(report);
    const auto bytes = encodeCheckpoint(*read);
    auto again = decodeCheckpoint(bytes);
    if (!again) std::abort();
    (*again).spec = read->spec;  // its real numbers may change by an ulp, as in any settings file
    if (encodeCheckpoint(*again) != bytes) std::abort();
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    std::vector<std::string> seeds;
    for (const int workers : {1, 3}) {
        CheckpointParts parts(madeCheckpoint(workers));
        const std::string file = plainText(parts.together());
        seeds.push_back(kFile + file);
        seeds.push_back(kHeader + boost::json::serialize(parts.header));
        seeds.push_back(kPlain + boost::json::serialize(parts.plain));
    }
    return seeds;
}
