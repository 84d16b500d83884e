#include "app/cli/event_stream.h"

#include <unistd.h>

#include <cerrno>

#include "engine/events/recording.h"

namespace rondo::cli {

namespace {
constexpr auto kFrame = std::chrono::milliseconds(16);
}

EventStream::EventStream(int descriptor) : descriptor_(descriptor), thread_([this] { serve(); }) {}

EventStream::~EventStream() {
    queue_.close();
    thread_.join();
}

void EventStream::write(const std::string& bytes) {
    for (std::size_t done = 0; done < bytes.size() && !broken_;) {
        const ssize_t written = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
        if (written >= 0)
            done += static_cast<std::size_t>(written);
        else if (errno != EINTR)
            broken_ = true;
    }
}

void EventStream::serve() {
    write(BlockWriter::header());
    BlockWriter blocks;
    std::vector<Event> batch;
    auto next = std::chrono::steady_clock::now();
    while (queue_.wait(std::chrono::seconds(1))) {
        // Gather a frame's worth: one block per event would cost more than the events.
        std::this_thread::sleep_until(next);
        queue_.drain(batch);
        for (const Event& event : batch) blocks.add(event);
        write(blocks.takeBlock());
        next = std::chrono::steady_clock::now() + kFrame;
    }
    queue_.drain(batch);
    for (const Event& event : batch) blocks.add(event);
    write(blocks.takeBlock());
}

}  // namespace rondo::cli
