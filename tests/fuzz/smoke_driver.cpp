#include <cstdio>
#include <cstdlib>

#include "engine/core/random.h"
#include "tests/fuzz/targets.h"

// Feeds a fuzz target mutations of its seeds, the same ones every time. Usage: fuzz_<what> [inputs = 4000]

namespace {

void mutate(std::string& input, rondo::Random& random) {
    static constexpr unsigned char kTelling[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '"', '{', '\\'};
    const std::size_t at = input.empty() ? 0 : random.below(input.size());
    switch (random.below(7)) {
        case 0:
            input.resize(at);
            break;
        case 1:
            input.insert(at, 1, static_cast<char>(random.bits()));
            break;
        case 2:
            input.erase(at, 1 + random.below(8));
            break;
        case 3:
            input += input.substr(at, 64);
            break;
        case 4:
            input.insert(at, 4, static_cast<char>(0xff));
            break;
        case 5:
            if (!input.empty()) input[at] = static_cast<char>(kTelling[random.below(sizeof kTelling)]);
            break;
        case 6:
            if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << random.below(8)));
            break;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const int inputs = argc > 1 ? std::atoi(argv[1]) : 4000;
    const auto seeds = fuzzSeeds();
    rondo::Random random(20260101);
    for (int i = 0; i < inputs; ++i) {
        std::string input = seeds[static_cast<std::size_t>(i) % seeds.size()];
        const std::uint64_t mutations = i < static_cast<int>(seeds.size()) ? 0 : 1 + random.below(6);
        for (std::uint64_t m = 0; m < mutations; ++m) mutate(input, random);
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    }
    std::printf("%d inputs\n", inputs);
    return 0;
}
