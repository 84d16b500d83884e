// Loaded into a program (LD_PRELOAD): its steady clock is another machine's, RONDO_SHIFTED_SECONDS ahead.
#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

long shift() {
    static const char* const seconds = std::getenv("RONDO_SHIFTED_SECONDS");
    static const long known = seconds ? std::atol(seconds) : 0;
    return known;
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) {
    const long result = ::syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_MONOTONIC) now->tv_sec += shift();
    return static_cast<int>(result);
}

/// What the C library itself waits for goes by the kernel's clock.
extern "C" int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                      const timespec* until) {
    using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*);
    static const auto wait = reinterpret_cast<Wait>(::dlsym(RTLD_NEXT, "pthread_cond_clockwait"));
    timespec shifted = *until;
    if (clock == CLOCK_MONOTONIC) shifted.tv_sec -= shift();
    return wait(condition, mutex, clock, &shifted);
}
