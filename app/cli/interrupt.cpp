#include "app/cli/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

namespace rondo::cli {

namespace {

// A handler may touch little more than this. Blocking the signals instead doesn't do: OpenBLAS starts threads
// before main, which would still take them.
std::atomic<int> wakeDescriptor = -1;

void handle(int) {
    const int saved = errno;
    const char byte = 1;
    if (const int descriptor = wakeDescriptor; descriptor >= 0) (void)!::write(descriptor, &byte, 1);
    errno = saved;
}

}  // namespace

struct Interrupt::Impl {
    std::function<void()> onFirst;
    int pipe[2];
    struct sigaction before[2];
    std::atomic<bool> closing = false;
    std::thread thread;

    void serve() {
        char byte = 0;
        for (bool asked = false;; asked = true) {
            while (::read(pipe[0], &byte, 1) < 0 && errno == EINTR) {
            }
            if (closing) return;
            if (asked) _exit(130);
            onFirst();
        }
    }
};

Interrupt::Interrupt(std::function<void()> onFirst) : impl_(new Impl) {
    impl_->onFirst = std::move(onFirst);
    if (::pipe2(impl_->pipe, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    wakeDescriptor = impl_->pipe[1];
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    // Also where a shell started this as a background job, with Ctrl-C ignored: who sends it then means it.
    sigaction(SIGINT, &action, &impl_->before[0]);
    sigaction(SIGTERM, &action, &impl_->before[1]);
    impl_->thread = std::thread([this] { impl_->serve(); });
}

Interrupt::~Interrupt() {
    sigaction(SIGINT, &impl_->before[0], nullptr);
    sigaction(SIGTERM, &impl_->before[1], nullptr);
    wakeDescriptor = -1;
    impl_->closing = true;
    const char byte = 0;
    (void)!::write(impl_->pipe[1], &byte, 1);
    impl_->thread.join();
    ::close(impl_->pipe[0]);
    ::close(impl_->pipe[1]);
    delete impl_;
}

}  // namespace rondo::cli
