#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "app/cli/command.h"
#include "app/cli/engine_service.h"
#include "engine/training/blas.h"

namespace rondo::cli {

int engineCommand() {
    signal(SIGINT, SIG_IGN);  // Ctrl-C in the window's terminal is for the window to handle
    EngineService service(STDOUT_FILENO);
    useOneTorchThread();
    std::string waiting;
    bool tooLong = false;  // of the line that waits, what came first is gone already
    char buffer[65536];
    for (;;) {
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return kDone;  // the window is gone
        waiting.append(buffer, static_cast<std::size_t>(count));
        for (std::size_t end; (end = waiting.find('\n')) != std::string::npos; waiting.erase(0, end + 1)) {
            if (std::exchange(tooLong, false)) continue;
            const auto command = parseCommand(std::string_view(waiting).substr(0, end));
            if (!command)
                service.complain("A command was not understood: " + command.error());
            else if (!service.obey(*command))
                return kDone;
        }
        if (waiting.size() > kMostControlBytes) {
            if (!tooLong) service.complain("A command was longer than allowed and is ignored.");
            tooLong = true;
            waiting.clear();
        }
    }
}

}  // namespace rondo::cli
