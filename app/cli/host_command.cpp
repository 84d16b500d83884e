#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/finish_run.h"
#include "app/cli/interrupt.h"
#include "app/cli/output_file.h"
#include "app/cli/room/room.h"
#include "app/cli/run_recording.h"
#include "app/cli/terminal_progress.h"
#include "net/ws/url.h"

namespace rondo::cli {

int hostCommand(const HostOptions& options) {
    const RunSpec spec = load(options.settings);
    const auto listen = net::readListenAddress(options.listen);
    if (!listen) throw BadInput(Problem{"--listen", listen.error()});
    if (!options.fingerprint.empty() && !options.secure)
        throw BadInput(Problem{"--fingerprint", options.fingerprint +
                                                    ", expected only with --secure: without it there is no "
                                                    "certificate"});
    requireFolderOf("--fingerprint", options.fingerprint);
    requireFolders(spec, options.output);

    RunControl control(static_cast<int>(spec.workers), false);
    const Interrupt interrupt([&] {
        std::fputs("\nstopping at the next step (Ctrl-C again ends at once) …\n", stderr);
        control.stop();
    });
    RunRecording recording(options.output.record);
    TrainingResult result;
    {
        std::unique_ptr<TerminalProgress> progress;
        std::vector<EventSink*> sinks;
        if (!options.output.quiet) sinks.push_back((progress = std::make_unique<TerminalProgress>()).get());
        if (recording.sink()) sinks.push_back(recording.sink());
        FanOut sink(sinks);
        Room::Options room;
        room.host.address = listen->host;
        room.host.port = listen->port;
        room.host.secure = options.secure;
        room.viewers = true;
        room.log = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
        Room here(std::move(room), sink);
        const net::HostPlace& place = here.open();
        if (!options.fingerprint.empty() &&
            !writeFile(options.fingerprint, net::hexOf(*place.fingerprint) + "\n"))
            return kRunFailed;
        if (!options.output.json) {
            std::printf("%s\n", place.joinLine.c_str());
            std::fflush(stdout);
        } else {
            std::fprintf(stderr, "%s\n", place.joinLine.c_str());
        }
        if (!here.waitFor(static_cast<int>(spec.workers), control.stopToken())) return kRunFailed;
        result = here.train(spec, control);
        here.dismiss();
    }
    recording.finish();
    return finishRun(result, options.output);
}

}  // namespace rondo::cli
