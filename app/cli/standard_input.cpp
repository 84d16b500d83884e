#include "app/cli/standard_input.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "engine/core/result.h"

namespace rondo::cli {

std::string codeGiven(const std::string& option) {
    if (option != "-") return option;
    constexpr std::size_t kMost = 256;
    std::string line;
    // Byte by byte: what follows the line is somebody else's to read.
    for (char c = 0; line.size() <= kMost;) {
        const ssize_t count = ::read(STDIN_FILENO, &c, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0 || c == '\n') break;
        line += c;
    }
    if (line.size() > kMost) throw BadInput(Problem{"--code -", "a longer line than any code is"});
    if (line.empty()) throw BadInput(Problem{"--code -", "expected the code on standard input, a line"});
    return line;
}

struct InputEnd::Impl {
    std::function<void()> onEnd;
    int wake[2];
    std::thread thread;

    void serve() const {
        for (;;) {
            pollfd both[] = {{STDIN_FILENO, POLLIN, 0}, {wake[0], POLLIN, 0}};
            if (::poll(both, 2, -1) < 0 && errno != EINTR) return;
            if (both[1].revents != 0) return;
            if (both[0].revents == 0) continue;
            char unread[4096];
            const ssize_t count = ::read(STDIN_FILENO, unread, sizeof unread);
            if (count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN))) continue;
            return onEnd();
        }
    }
};

InputEnd::InputEnd(std::function<void()> onEnd) : impl_(std::make_unique<Impl>()) {
    impl_->onEnd = std::move(onEnd);
    if (::pipe2(impl_->wake, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    impl_->thread = std::thread([impl = impl_.get()] { impl->serve(); });
}

InputEnd::~InputEnd() {
    const char byte = 0;
    (void)!::write(impl_->wake[1], &byte, 1);
    impl_->thread.join();
    ::close(impl_->wake[0]);
    ::close(impl_->wake[1]);
}

}  // namespace rondo::cli
