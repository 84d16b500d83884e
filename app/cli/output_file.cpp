#include "app/cli/output_file.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "engine/core/result.h"

namespace rondo::cli {

void requireFolderOf(const std::string& option, const std::string& file) {
    if (file.empty()) return;
    const auto folder = std::filesystem::absolute(file).parent_path();
    if (!std::filesystem::is_directory(folder))
        throw BadInput(Problem{option, "no such folder: " + folder.string()});
}

bool writeFile(const std::string& file, const std::string& text) {
    std::ofstream out(file, std::ios::trunc);
    out << text;
    if (out.flush()) return true;
    std::fprintf(stderr, "rondo-cli: %s: can't be written\n", file.c_str());
    return false;
}

}  // namespace rondo::cli
