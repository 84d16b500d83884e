#include "app/cli/command.h"
#include "app/cli/host_given.h"
#include "app/cli/room/nursery.h"
#include "app/cli/room/worker_session.h"

namespace rondo::cli {

int nurseryCommand(const NurseryOptions& options) {
    const HostGiven host = hostGiven(options.join, options.code, {});
    runNursery([&host](const std::string& name) {
        const net::MemberEnd end = WorkerSession({.url = host.url,
                                                  .code = host.code,
                                                  .fingerprint = host.fingerprint,
                                                  .name = name,
                                                  .returns = false,
                                                  .say = [](const JoinNews&) {}})
                                       .run();
        return end.joined && end.code == net::CloseCode::Normal ? kDone : kRunFailed;
    });
    return kDone;
}

}  // namespace rondo::cli
