#pragma once

#include <functional>

namespace rondo::cli {

/// What the command line asks for, or the exit code to leave with: 0 after --help and --version, 2 for what
/// can't be understood, with the reason on stderr.
struct Parsed {
    std::function<int()> action;
    int exitCode = 0;
};
/// The grammar of all commands. The only file that includes CLI11, which takes ten seconds to compile.
Parsed parseCommandLine(int argc, char** argv);

}  // namespace rondo::cli
