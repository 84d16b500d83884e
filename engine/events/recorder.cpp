#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "engine/events/event_queue.h"
#include "engine/events/recording.h"

namespace rondo {

namespace {
constexpr std::size_t kQueued = 65536;
constexpr std::size_t kBlockBytes = 256u << 10;
/// Together with the waits below, no event is older than a second when it is written.
constexpr std::chrono::milliseconds kBlockTime{700};
constexpr std::chrono::milliseconds kIdle{200};
/// Between two looks at the queue, so that a run of many small batches doesn't wake this thread for each.
constexpr std::chrono::milliseconds kPause{100};
using Clock = std::chrono::steady_clock;
}  // namespace

struct Recorder::Impl {
    Impl(int descriptor, std::string name)
        : queue(kQueued), file(std::move(name)), descriptor(descriptor), thread([this] { run(); }) {}
    ~Impl() { finish(); }

    void finish() {
        if (!thread.joinable()) return;
        queue.close();
        {
            const std::lock_guard lock(mutex);
            finishing = true;
        }
        hurry.notify_one();
        thread.join();
    }

    void run() {
        BlockWriter writer;
        std::vector<Event> batch;
        bool healthy = write(BlockWriter::header());
        Clock::time_point closeBy = Clock::now() + kBlockTime;
        while (queue.wait(kIdle) && healthy) {
            bool ended = pause();
            if (writer.pendingBytes() == 0) closeBy = Clock::now() + kBlockTime;
            queue.drain(batch);
            for (const Event& event : batch) {
                writer.add(event);
                ended = ended || std::holds_alternative<RunEnded>(event);
                if (writer.pendingBytes() >= kBlockBytes) healthy = healthy && write(writer.takeBlock());
            }
            if (ended || Clock::now() >= closeBy) healthy = healthy && write(writer.takeBlock());
        }
        if (healthy) healthy = write(writer.takeBlock());
        // Told at the last chance: a network drive may learn of its full disk only here. EINVAL: not a file
        // that syncs.
        if (healthy && fsync(descriptor) != 0 && errno != EINVAL) fail();
        if (close(descriptor) != 0 && healthy) fail();
        queue.close();
    }

    /// Waits a little for more to come; true when finish() asks to be quick.
    bool pause() {
        std::unique_lock lock(mutex);
        return hurry.wait_for(lock, kPause, [this] { return finishing; });
    }

    bool write(const std::string& block) {
        std::size_t done = 0;
        while (done < block.size()) {
            const ssize_t n = ::write(descriptor, block.data() + done, block.size() - done);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) {
                fail();
                return false;
            }
            done += static_cast<std::size_t>(n);
        }
        return true;
    }

    void fail() {
        const std::string why = errno != 0 ? std::strerror(errno) : "nothing more can be written";
        const std::lock_guard lock(mutex);
        if (problem.empty()) problem = file + ": the recording ends early: " + why;
    }

    EventQueue queue;
    const std::string file;
    const int descriptor;
    mutable std::mutex mutex;
    std::condition_variable hurry;
    bool finishing = false;
    std::string problem;
    std::thread thread;  // last: it uses everything above
};

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Recorder::~Recorder() = default;

Result<std::unique_ptr<Recorder>> Recorder::create(const std::string& file) {
    const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return Problem{file, std::string("can't be written: ") + std::strerror(errno)};
    return std::unique_ptr<Recorder>(new Recorder(std::make_unique<Impl>(descriptor, file)));
}

std::uint64_t Recorder::dropped() const {
    return impl_->queue.dropped();
}

void Recorder::publish(std::span<Event> batch) {
    impl_->queue.publish(batch);
}
void Recorder::finish() {
    impl_->finish();
}
std::string Recorder::error() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->problem;
}

}  // namespace rondo
