#include "app/cli/room/nursery.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <set>
#include <stdexcept>

namespace rondo::cli {

namespace {

void tell(const std::string& line) {
    std::size_t written = 0;
    while (written < line.size()) {
        const ssize_t count = ::write(STDOUT_FILENO, line.data() + written, line.size() - written);
        if (count < 0 && errno != EINTR) return;  // nobody listens any more: standard input ends as well
        if (count > 0) written += static_cast<std::size_t>(count);
    }
}

class Nursery {
  public:
    explicit Nursery(const std::function<int(const std::string&)>& work) : work_(work) {
        ::sigemptyset(&children_);
        ::sigaddset(&children_, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &children_, &before_);
        signals_ = ::signalfd(-1, &children_, SFD_CLOEXEC | SFD_NONBLOCK);
        if (signals_ < 0) throw std::runtime_error(std::string("signalfd: ") + std::strerror(errno));
    }
    ~Nursery() {
        for (const pid_t process : present_) ::kill(process, SIGTERM);
        for (const pid_t process : present_) ::waitpid(process, nullptr, 0);
        ::close(signals_);
    }
    Nursery(const Nursery&) = delete;
    Nursery& operator=(const Nursery&) = delete;

    void run() {
        std::string asked;
        for (;;) {
            pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {signals_, POLLIN, 0}};
            if (::poll(ready, 2, -1) < 0 && errno != EINTR) return;
            if (ready[1].revents) lookForEnded();
            if (!ready[0].revents) continue;
            char bytes[4096];
            const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
            if (count == 0 || (count < 0 && errno != EINTR)) return;
            if (count > 0) asked.append(bytes, static_cast<std::size_t>(count));
            for (std::size_t end; (end = asked.find('\n')) != std::string::npos; asked.erase(0, end + 1))
                raise(asked.substr(0, end));
        }
    }

  private:
    void raise(const std::string& name) {
        const pid_t parent = ::getpid();
        const pid_t process = ::fork();
        if (process == 0) become(name, parent);
        if (process > 0) {
            present_.insert(process);
            tell("started " + std::to_string(process) + "\n");
        } else {
            // As if it had begun and ended: who asked hears why.
            tell("started 0\nended 0 exit " + std::to_string(errno) + "\n");
        }
    }

    [[noreturn]] void become(const std::string& name, pid_t parent) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        ::prctl(PR_SET_NAME, name.c_str());  // for who looks at a list of processes
        ::sigprocmask(SIG_SETMASK, &before_, nullptr);
        ::close(signals_);
        const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(nothing, STDOUT_FILENO);
        int code = 1;
        try {
            code = work_(name);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "rondo-cli: %s: %s\n", name.c_str(), error.what());
        }
        std::fflush(nullptr);
        ::_exit(code);  // what the libraries leave at their end is the nursery's to leave
    }

    void lookForEnded() {
        signalfd_siginfo info;
        while (::read(signals_, &info, sizeof info) > 0) {
        }
        int status = 0;
        for (pid_t process; (process = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            present_.erase(process);
            tell("ended " + std::to_string(process) +
                 (WIFSIGNALED(status) ? " signal " + std::to_string(WTERMSIG(status))
                                      : " exit " + std::to_string(WEXITSTATUS(status))) +
                 "\n");
        }
    }

    const std::function<int(const std::string&)>& work_;
    sigset_t children_, before_;
    int signals_ = -1;
    std::set<pid_t> present_;
};

}  // namespace

void runNursery(const std::function<int(const std::string& name)>& work) {
    Nursery(work).run();
}

}  // namespace rondo::cli
