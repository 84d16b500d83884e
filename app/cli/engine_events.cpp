#include "app/cli/engine_events.h"

#include <algorithm>
#include <mutex>

namespace rondo::cli {

void Watchers::are(EventSink* viewers) {
    const std::unique_lock lock(mutex_);
    viewers_ = viewers;
    ++generation_;
}

std::uint64_t Watchers::generation() const {
    const std::shared_lock lock(mutex_);
    return generation_;
}

void Watchers::publish(std::span<const Event> batch, std::uint64_t generation) {
    const std::shared_lock lock(mutex_);
    if (!viewers_ || generation != generation_) return;
    std::vector<Event> copy(batch.begin(), batch.end());
    viewers_->publish(std::span<Event>(copy));
}

std::uint64_t RunEvents::dropped() const {
    return (recorder_ ? recorder_->dropped() : 0) + window_.dropped();
}

void RunEvents::publish(std::span<Event> batch) {
    // Workers that are started for a run and end with it are no members of the room.
    const auto end = std::remove_if(batch.begin(), batch.end(), [](const Event& event) {
        return std::holds_alternative<MemberChanged>(event);
    });
    batch = batch.first(static_cast<std::size_t>(end - batch.begin()));
    if (batch.empty()) return;
    watchers_.publish(batch, watched_);
    if (recorder_) {
        std::vector<Event> copy(batch.begin(), batch.end());
        recorder_->publish(std::span<Event>(copy));
        for (const Event& event : batch) {
            if (!std::holds_alternative<RunEnded>(event)) continue;
            recorder_->finish();
            if (recorder_->error().empty()) continue;
            Notice notice;
            notice.stamp = stampOf(event);
            notice.kind = Notice::Kind::Warning;
            notice.text = recorder_->error();
            window_.publish(notice);
        }
    }
    window_.publish(batch);
}

void RoomEvents::setRun(EventSink* run) {
    const std::unique_lock lock(mutex_);
    run_ = run;
}

void RoomEvents::hold() {
    const std::unique_lock lock(mutex_);
    held_ = true;
    waiting_.clear();
}

void RoomEvents::letGo() {
    std::vector<Event> waiting;
    {
        const std::unique_lock lock(mutex_);
        held_ = false;
        waiting.swap(waiting_);
    }
    if (!waiting.empty()) publish(std::span<Event>(waiting));
}

std::uint64_t RoomEvents::dropped() const {
    const std::shared_lock lock(mutex_);
    return run_ ? run_->dropped() : 0;
}

void RoomEvents::publish(std::span<Event> batch) {
    std::vector<Event> members;
    for (const Event& event : batch)
        if (std::holds_alternative<MemberChanged>(event)) members.push_back(event);
    if (!members.empty()) {
        if (const std::unique_lock lock(mutex_); held_) {
            waiting_.insert(waiting_.end(), members.begin(), members.end());
            return;
        }
        watchers_.publish(members, watchers_.generation());
        window_.publish(std::span<Event>(members));
    }
    const std::shared_lock lock(mutex_);
    if (run_) run_->publish(batch);  // which leaves members out
}

}  // namespace rondo::cli
