#include <unistd.h>

#include <optional>

#include "app/cli/command.h"
#include "app/cli/host_given.h"
#include "app/cli/join_report.h"
#include "app/cli/room/worker_session.h"
#include "app/cli/standard_input.h"

namespace rondo::cli {

namespace {

std::string ownName() {
    char name[256] = "";
    ::gethostname(name, sizeof name - 1);
    return *name ? name : "worker";
}

}  // namespace

int workerCommand(const WorkerOptions& options) {
    const HostGiven host = hostGiven(options.join, codeGiven(options.code), options.fingerprint);
    const JoinReport report("rondo-cli worker", options.parent, options.quiet);
    WorkerSession session({.url = host.url,
                           .code = host.code,
                           .fingerprint = host.fingerprint,
                           .name = options.name.empty() ? ownName() : options.name,
                           .byRelayOnly = options.relay,
                           .returns = !options.once,
                           .say = [&](const JoinNews& news) { report.tell(news); }});
    std::optional<InputEnd> parent;
    if (options.parent.leaveOnEof) parent.emplace([&] { session.leave(); });
    const net::MemberEnd end = session.run();
    return report.over(end.why, end.joined && end.code == net::CloseCode::Normal, end.mayRetry);
}

}  // namespace rondo::cli
