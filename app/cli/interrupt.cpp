#include "app/cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <thread>

namespace rondo::cli {

struct Interrupt::Impl {
    std::function<void()> onFirst;
    sigset_t signals, before;
    std::atomic<bool> closing = false;
    std::thread thread;

    void serve() {
        bool asked = false;
        while (!closing) {
            const timespec patience{0, 50'000'000};
            if (sigtimedwait(&signals, nullptr, &patience) < 0) continue;
            if (asked) _exit(130);
            asked = true;
            onFirst();
        }
    }
};

Interrupt::Interrupt(std::function<void()> onFirst) : impl_(new Impl) {
    impl_->onFirst = std::move(onFirst);
    sigemptyset(&impl_->signals);
    sigaddset(&impl_->signals, SIGINT);
    sigaddset(&impl_->signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &impl_->signals, &impl_->before);
    impl_->thread = std::thread([this] { impl_->serve(); });
}

Interrupt::~Interrupt() {
    impl_->closing = true;
    impl_->thread.join();
    pthread_sigmask(SIG_SETMASK, &impl_->before, nullptr);
    delete impl_;
}

}  // namespace rondo::cli
