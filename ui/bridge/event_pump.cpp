#include "ui/bridge/event_pump.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rondo::ui {

EventPump::EventPump(RunStore& store, QObject* parent) : QObject(parent), store_(store) {
    frame_.setInterval(kFrameMs);
    frame_.setTimerType(Qt::PreciseTimer);
    connect(&frame_, &QTimer::timeout, this, &EventPump::handOver);
}

void EventPump::feed(std::span<const char> bytes) {
    if (damaged_) return;
    const auto before = static_cast<std::ptrdiff_t>(waiting_.size());
    const auto problem = reader_.feed(bytes, waiting_);
    std::vector<Event> room;
    std::copy_if(waiting_.begin() + before, waiting_.end(), std::back_inserter(room), [](const Event& event) {
        return std::holds_alternative<RoomChanged>(event) || std::holds_alternative<MemberChanged>(event);
    });
    wake();
    if (!room.empty()) Q_EMIT roomNews(room);
    if (!problem) return;
    damaged_ = true;
    Q_EMIT damagedStream(QString::fromStdString(problem->text()));
}

void EventPump::take(std::span<const Event> events) {
    waiting_.insert(waiting_.end(), events.begin(), events.end());
    wake();
}

void EventPump::take(double now, std::vector<Span> underWay) {
    underWay_.emplace(now, std::move(underWay));
    wake();
}

void EventPump::restartStream() {
    reader_ = BlockReader();
    damaged_ = false;
}

void EventPump::discardWaiting() {
    waiting_.clear();
    underWay_.reset();
    taken_ = 0;
    frame_.stop();
}

void EventPump::flush() {
    while (waiting() > 0 || underWay_) handOver();
}

void EventPump::wake() {
    if ((waiting() > 0 || underWay_) && !frame_.isActive()) frame_.start();
}

void EventPump::handOver() {
    const std::size_t count = std::min(kMostPerFrame, waiting());
    const auto begin = taken_;
    taken_ += count;
    // The batch leaves `waiting_` before the store speaks: whoever listens may call the pump.
    const bool last = taken_ == waiting_.size();
    std::vector<Event> batch;
    if (begin == 0 && last) {
        batch.swap(waiting_);
    } else {
        const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(begin);
        batch.assign(std::make_move_iterator(first),
                     std::make_move_iterator(first + static_cast<std::ptrdiff_t>(count)));
    }
    if (last) {
        waiting_.clear();
        taken_ = 0;
        frame_.stop();
    }
    // First what is under way: what ended in the batch must not be under way after it.
    if (last && underWay_) {
        const auto [now, spans] = *std::exchange(underWay_, std::nullopt);
        store_.setUnderWay(now, spans);
    }
    if (count > 0) store_.apply(batch);
    if (waiting() == 0) Q_EMIT drained();
}

}  // namespace rondo::ui
