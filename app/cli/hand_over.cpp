// The commands that train, as the program without LibTorch has them: once the command line is understood, the
// program with LibTorch takes its place, with the same process id, files and arguments.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "app/cli/command.h"

namespace rondo::cli {

namespace {

std::vector<std::string> ownArguments() {
    std::ifstream stream("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> arguments;
    for (std::string argument; std::getline(stream, argument, '\0');) arguments.push_back(argument);
    return arguments;
}

int handOver() {
    std::error_code unknown;
    const auto beside =
        std::filesystem::read_symlink("/proc/self/exe", unknown).replace_filename("rondo-trainer");
    std::vector<std::string> arguments = ownArguments();
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    // Where it was built is for a copy of rondo-cli that was taken elsewhere.
    for (const std::string& program : {beside.string(), std::string(RONDO_BUILT_TRAINER)})
        ::execv(program.c_str(), pointers.data());
    throw std::runtime_error(beside.string() + ": " + std::strerror(errno));
}

}  // namespace

int runCommand(const RunOptions&) {
    return handOver();
}
int hostCommand(const HostOptions&) {
    return handOver();
}
int workerCommand(const WorkerOptions&) {
    return handOver();
}
int nurseryCommand(const NurseryOptions&) {
    return handOver();
}
int sweepCommand(const RunOptions&) {
    return handOver();
}
int measureCommand(const MeasureOptions&) {
    return handOver();
}
int benchCommand(const Bench&, const std::string&, bool) {
    return handOver();
}
int engineCommand() {
    return handOver();
}

}  // namespace rondo::cli
