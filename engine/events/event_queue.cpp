#include "engine/events/event_queue.h"

#include <utility>

namespace rondo {

EventQueue::EventQueue(std::size_t capacity, std::function<void()> onReadable)
    : capacity_(capacity), onReadable_(std::move(onReadable)) {}

void EventQueue::publish(std::span<Event> batch) {
    if (batch.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return;
        const bool wasEmpty = events_.empty();
        for (Event& event : batch) append(event);
        if (!wasEmpty) return;
    }
    readable_.notify_one();
    if (onReadable_) onReadable_();
}

namespace {
constexpr std::size_t kMostEvaluations = 16384, kMostBoundaries = 512;  // 2 MB and 5 MB
}

bool EventQueue::roomFor(const Event& event) {
    if (std::holds_alternative<Evaluated>(event)) return ++evaluations_ <= kMostEvaluations;
    if (std::holds_alternative<DecisionBoundary>(event)) return ++boundaries_ <= kMostBoundaries;
    // A thousand workers send two million messages a step: these alone must not push out the few spans and
    // steps that timelines and curves are made of.
    if (std::holds_alternative<Message>(event)) return events_.size() < capacity_ - capacity_ / 2;
    return events_.size() < capacity_;
}

void EventQueue::append(Event& event) {
    switch (classOf(event)) {
        case EventClass::Transition:
            break;
        case EventClass::Sample:
        case EventClass::Evaluation:
            if (!roomFor(event)) return countDropped(event);
            break;
        case EventClass::Gauge:
            if (gaugeAt_) {
                events_[*gaugeAt_] = std::move(event);
                return;
            }
            gaugeAt_ = events_.size();
            break;
    }
    events_.push_back(std::move(event));
}

void EventQueue::countDropped(const Event& event) {
    // An event that itself tells of lost ones stands for all of them.
    const auto* told = std::get_if<EventsDropped>(&event);
    const std::uint64_t count = told ? told->count : 1;
    if (!droppedAt_) {
        droppedAt_ = events_.size();
        events_.emplace_back(EventsDropped{});
    }
    auto& dropped = std::get<EventsDropped>(events_[*droppedAt_]);
    dropped.stamp = stampOf(event);
    dropped.count += count;
    droppedEver_ += count;
}

void EventQueue::drain(std::vector<Event>& batch) {
    batch.clear();
    const std::lock_guard lock(mutex_);
    std::swap(batch, events_);
    gaugeAt_.reset();
    droppedAt_.reset();
    evaluations_ = boundaries_ = 0;
}

bool EventQueue::wait(std::chrono::milliseconds atMost) {
    std::unique_lock lock(mutex_);
    readable_.wait_for(lock, atMost, [this] { return closed_ || !events_.empty(); });
    return !(closed_ && events_.empty());
}

void EventQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    readable_.notify_one();
}

std::uint64_t EventQueue::dropped() const {
    const std::lock_guard lock(mutex_);
    return droppedEver_;
}

std::size_t EventQueue::waiting() const {
    const std::lock_guard lock(mutex_);
    return events_.size();
}

}  // namespace rondo
