#include <cstdlib>

#include "engine/run/rank_messages_codec.h"
#include "tests/fuzz/targets.h"
#include "tests/support/sample_rank_messages.h"

using namespace rondo;

namespace {

// What was read is written and read again: the second writing must equal the first.
template <class Message>
void writtenAgain(const Message& message, Result<Message> (*decoded)(std::span<const std::byte>)) {
    std::vector<std::byte> once, twice;
    encode(message, once);
    const auto back = decoded(once);
    if (!back) std::abort();
    encode(*back, twice);
    if (once != twice) std::abort();
}

template <class Message>
void addSeeds(const std::vector<Message>& messages, char direction, std::vector<std::string>& seeds) {
    for (const Message& message : messages) {
        std::vector<std::byte> bytes;
        encode(message, bytes);
        seeds.push_back(direction + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    }
}

}  // namespace

// The first byte says which way the message goes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        if (const auto told = decodeRankTold(bytes)) writtenAgain(*told, decodeRankTold);
    } else {
        if (const auto order = decodeRankOrder(bytes)) writtenAgain(*order, decodeRankOrder);
    }
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    std::vector<std::string> seeds;
    addSeeds(test::ranksTold(), '\0', seeds);
    addSeeds(test::rankOrders(), '\1', seeds);
    return seeds;
}
