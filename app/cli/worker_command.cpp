#include <unistd.h>

#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/room/worker_session.h"

namespace rondo::cli {

namespace {

std::string ownName() {
    char name[256] = "";
    ::gethostname(name, sizeof name - 1);
    return *name ? name : "worker";
}

}  // namespace

int workerCommand(const WorkerOptions& options) {
    const auto url = net::readUrl(options.join);
    if (!url) throw BadInput(Problem{"--join", url.error()});
    const auto code = net::readJoinCode(options.code);
    if (!code) throw BadInput(Problem{"--code", code.error()});
    WorkerSession session({.url = *url,
                           .code = *code,
                           .fingerprint = {},
                           .name = options.name.empty() ? ownName() : options.name,
                           .returns = !options.once,
                           .say = [quiet = options.quiet](const std::string& news) {
                               if (!quiet) std::fprintf(stderr, "rondo-cli worker: %s\n", news.c_str());
                           }});
    const net::MemberEnd end = session.run();
    const bool well = end.joined && end.code == net::CloseCode::Normal;
    if (!well) std::fprintf(stderr, "rondo-cli worker: %s\n", end.why.c_str());
    return well ? kDone : kRunFailed;
}

}  // namespace rondo::cli
