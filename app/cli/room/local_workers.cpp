#include "app/cli/room/local_workers.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace rondo::cli {

namespace {

/// What is asked to go is gone in a moment, unless it hangs.
constexpr std::chrono::seconds kPatience{5};
/// Loading LibTorch takes a second, more on a busy computer.
constexpr int kMostMilliseconds = 120'000;

[[noreturn]] void failed(const std::string& what) {
    throw std::runtime_error("workers of this computer can't be started: " + what);
}

}  // namespace

LocalWorkers::~LocalWorkers() {
    if (nursery_ == 0) return;
    ::close(asks_);
    const auto due = std::chrono::steady_clock::now() + kPatience;
    while (::waitpid(nursery_, nullptr, WNOHANG) == 0) {
        // One that hangs must not hang who started it; its workers go with it.
        if (std::chrono::steady_clock::now() > due) ::kill(nursery_, SIGKILL);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ::close(tells_);
}

void LocalWorkers::openNursery(const net::HostPlace& host) {
    const std::string url =
        (host.fingerprint ? "wss" : "ws") + std::string("://127.0.0.1:") + std::to_string(host.port);
    std::vector<std::string> arguments{"rondo-trainer", "nursery", "--join", url, "--code", shown(host.code)};
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    // OpenBLAS would start threads before main, and only one thread lives on in a fork.
    std::vector<std::string> environment{"OPENBLAS_NUM_THREADS=1"};
    for (char** variable = ::environ; *variable; ++variable)
        if (!std::string_view(*variable).starts_with("OPENBLAS_NUM_THREADS="))
            environment.emplace_back(*variable);
    std::vector<char*> variables;
    for (std::string& variable : environment) variables.push_back(variable.data());
    variables.push_back(nullptr);
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    int asks[2], tells[2];
    if (::pipe2(asks, O_CLOEXEC) != 0) failed(std::strerror(errno));
    if (::pipe2(tells, O_CLOEXEC) != 0) {
        const int error = errno;
        for (const int end : asks) ::close(end);
        failed(std::strerror(error));
    }
    const pid_t process = ::fork();
    const int error = errno;
    if (process == 0) {
        // Only what may be called between fork and exec.
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the one who started them
        ::dup2(asks[0], STDIN_FILENO);
        ::dup2(tells[1], STDOUT_FILENO);
        ::execve(program.c_str(), pointers.data(), variables.data());
        ::_exit(127);
    }
    ::close(asks[0]);
    ::close(tells[1]);
    if (process < 0) {
        ::close(asks[1]);
        ::close(tells[0]);
        failed(std::strerror(error));
    }
    nursery_ = process;
    asks_ = asks[1];
    tells_ = tells[0];
}

void LocalWorkers::start(int count, const net::HostPlace& host) {
    if (nursery_ == 0) openNursery(host);
    std::string names;
    for (int number = static_cast<int>(processes_.size()); number < count; ++number)
        names += "worker-" + std::to_string(number) + '\n';
    for (std::size_t written = 0; written < names.size();) {
        const ssize_t bytes = ::write(asks_, names.data() + written, names.size() - written);
        if (bytes < 0 && errno != EINTR) failed(std::strerror(errno));
        if (bytes > 0) written += static_cast<std::size_t>(bytes);
    }
    while (static_cast<int>(processes_.size()) < count)
        if (!hear(kMostMilliseconds)) failed(ended_.empty() ? "no answer" : ended_.back());
}

bool LocalWorkers::hear(int mostMilliseconds) {
    pollfd ready{tells_, POLLIN, 0};
    if (::poll(&ready, 1, mostMilliseconds) <= 0) return mostMilliseconds == 0;
    char bytes[4096];
    const ssize_t count = ::read(tells_, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) return true;
    if (count <= 0) {
        ended_.push_back("the process that starts them has ended");
        return false;
    }
    unread_.append(bytes, static_cast<std::size_t>(count));
    for (std::size_t end; (end = unread_.find('\n')) != std::string::npos; unread_.erase(0, end + 1)) {
        constexpr std::string_view kStarted = "started ", kEnded = "ended ";
        const std::string line = unread_.substr(0, end);
        if (line.starts_with(kStarted))
            processes_.push_back(static_cast<pid_t>(std::atoi(line.c_str() + kStarted.size())));
        else if (line.starts_with(kEnded))
            ended_.push_back("process " + line.substr(kEnded.size()));
    }
    return true;
}

std::optional<std::string> LocalWorkers::ended() {
    if (ended_.empty()) hear(0);
    if (ended_.empty()) return std::nullopt;
    std::string first = std::move(ended_.front());
    ended_.pop_front();
    return first;
}

}  // namespace rondo::cli
