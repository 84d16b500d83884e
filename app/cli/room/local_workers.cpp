#include "app/cli/room/local_workers.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace rondo::cli {

LocalWorkers::~LocalWorkers() {
    for (const pid_t process : processes_) ::kill(process, SIGTERM);
    for (const pid_t process : processes_) ::waitpid(process, nullptr, 0);
}

void LocalWorkers::start(int count, const net::HostPlace& host) {
    while (static_cast<int>(processes_.size()) < count) {
        const std::string url = "ws://127.0.0.1:" + std::to_string(host.port);
        std::vector<std::string> arguments{
            "rondo-trainer", "worker",         "--join", url,
            "--code",        shown(host.code), "--name", "worker-" + std::to_string(processes_.size()),
            "--once",        "--quiet"};
        std::vector<char*> pointers;
        for (std::string& argument : arguments) pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
        const pid_t parent = ::getpid();
        const pid_t process = ::fork();
        if (process < 0)
            throw std::runtime_error(std::string("this computer starts no more processes: ") +
                                     std::strerror(errno));
        if (process == 0) {
            // Only what may be called between fork and exec.
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::getppid() != parent) ::_exit(1);
            sigset_t none;
            ::sigemptyset(&none);
            ::sigprocmask(SIG_SETMASK, &none, nullptr);
            ::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the one who started them
            // Standard output is this program's: of a window it is the stream of events.
            const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
            ::dup2(nothing, STDIN_FILENO);
            ::dup2(nothing, STDOUT_FILENO);
            ::execv(program.c_str(), pointers.data());
            ::_exit(127);
        }
        processes_.push_back(process);
    }
}

}  // namespace rondo::cli
