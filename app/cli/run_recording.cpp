#include "app/cli/run_recording.h"

#include <cstdio>

namespace rondo::cli {

RunRecording::RunRecording(const std::string& file) {
    if (file.empty()) return;
    auto created = Recorder::create(file);
    if (!created) throw BadInput(created.problems());
    recorder_ = std::move(*created);
}

void RunRecording::finish() {
    if (!recorder_) return;
    recorder_->finish();
    if (!recorder_->error().empty())
        std::fprintf(stderr, "rondo-cli: recording: %s\n", recorder_->error().c_str());
}

}  // namespace rondo::cli
