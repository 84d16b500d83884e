#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/targets.h"

// A libFuzzer program writes its seeds to a folder and ends when called with --seeds=FOLDER first: so a corpus begins
// with good inputs.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    constexpr const char kOption[] = "--seeds=";
    if (*argc < 2 || std::strncmp((*argv)[1], kOption, sizeof kOption - 1) != 0) return 0;
    const std::filesystem::path folder((*argv)[1] + sizeof kOption - 1);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    int number = 0;
    for (const std::string& seed : fuzzSeeds()) {
        const auto name = folder / ("seed-" + std::to_string(number++));
        std::ofstream file(name, std::ios::binary);
        file.write(seed.data(), static_cast<std::streamsize>(seed.size()));
        file.close();
        if (!file) {
            std::fprintf(stderr, "%s: can't be written\n", name.c_str());
            std::exit(1);
        }
    }
    std::exit(0);
}
