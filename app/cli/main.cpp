#include <signal.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/cli/command.h"
#include "app/cli/command_line.h"
#include "engine/core/result.h"

bool rondo::cli::print(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (written && std::fflush(stdout) == 0) return true;
    if (errno == EPIPE) return true;
    std::fprintf(stderr, "rondo-cli: standard output: %s\n", std::strerror(errno));
    return false;
}

int main(int argc, char** argv) {
    using namespace rondo;
    signal(SIGPIPE, SIG_IGN);  // "| head" must not cost a run its report
    const auto [action, exitCode] = cli::parseCommandLine(argc, argv);
    if (!action) return exitCode;
    try {
        return action();
    } catch (const BadInput& bad) {
        for (const Problem& problem : bad.problems())
            std::fprintf(stderr, "rondo-cli: %s\n", problem.text().c_str());
        return cli::kBadInput;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "rondo-cli: %s\n", error.what());
        return cli::kRunFailed;
    }
}
