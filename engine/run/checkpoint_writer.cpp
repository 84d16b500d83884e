#include "engine/run/checkpoint_writer.h"

#include <algorithm>
#include <exception>

namespace rondo {

CheckpointWriter::CheckpointWriter(std::function<void(const Outcome&)> tell) : tell_(std::move(tell)) {}

CheckpointWriter::~CheckpointWriter() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void CheckpointWriter::write(const std::string& file, bool asked, Checkpoint checkpoint) {
    const std::lock_guard lock(mutex_);
    const auto earlier =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const Job& job) { return job.file == file; });
    if (earlier == waiting_.end()) {
        waiting_.push_back({file, asked, std::move(checkpoint)});
    } else {
        earlier->asked = earlier->asked || asked;
        earlier->checkpoint = std::move(checkpoint);
    }
    if (!thread_.joinable()) thread_ = std::thread([this] { serve(); });
    changed_.notify_all();
}

void CheckpointWriter::serve() {
    for (;;) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            job = std::move(waiting_.front());
            waiting_.pop_front();
        }
        Outcome outcome{job.file, job.checkpoint.stepsDone, job.asked, {}};
        try {
            outcome.problems = writeCheckpoint(job.file, job.checkpoint);
        } catch (const std::exception& error) {
            outcome.problems = {{job.file, error.what()}};
        }
        tell_(outcome);
    }
}

}  // namespace rondo
