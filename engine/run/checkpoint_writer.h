#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "engine/run/checkpoint.h"

namespace rondo {

/// Writes checkpoints on a thread of its own, so that nobody who trains waits for a disk. Where a file is to
/// be written again before its turn has come, the later checkpoint takes the place of the earlier one.
///
/// Thread: any, for everything public.
class CheckpointWriter {
  public:
    /// What became of a file; called on the writer's thread.
    struct Outcome {
        std::string file;
        std::int64_t stepsDone = 0;
        bool asked = false;
        Problems problems;  ///< none: it is on the disk
    };
    explicit CheckpointWriter(std::function<void(const Outcome&)> tell);
    /// Writes what still waits.
    ~CheckpointWriter();
    CheckpointWriter(const CheckpointWriter&) = delete;
    CheckpointWriter& operator=(const CheckpointWriter&) = delete;

    /// `asked`: somebody waits to hear of it.
    void write(const std::string& file, bool asked, Checkpoint checkpoint);

  private:
    struct Job {
        std::string file;
        bool asked = false;
        Checkpoint checkpoint;
    };
    void serve();

    const std::function<void(const Outcome&)> tell_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> waiting_;
    bool closing_ = false;
    std::thread thread_;  ///< since the first of them
};

}  // namespace rondo
