#include "ui/bridge/player.h"

#include <algorithm>
#include <set>

namespace rondo::ui {

Player::Player(EventPump& pump, QObject* parent) : QObject(parent), pump_(pump) {
    frame_.setInterval(EventPump::kFrameMs);
    frame_.setTimerType(Qt::PreciseTimer);
    connect(&frame_, &QTimer::timeout, this, &Player::advance);
    connect(&pump_, &EventPump::drained, this, &Player::refill);
}

void Player::load(std::vector<Event> events) {
    frame_.stop();
    events_ = std::move(events);
    due_ = given_ = 0;
    position_ = 0;
}

double Player::secondsOfEvent(std::size_t index) const {
    return secondsOf(stampOf(events_[index]).at);
}

double Player::duration() const {
    return events_.empty() ? 0 : secondsOfEvent(events_.size() - 1);
}

void Player::giveUpTo(std::size_t end) {
    due_ = std::max(due_, end);
    refill();
}

void Player::refill() {
    const std::size_t room = EventPump::kMostPerFrame - std::min(EventPump::kMostPerFrame, pump_.waiting());
    const std::size_t count = std::min(room, due_ - given_);
    if (count == 0) return;
    pump_.take(std::span(events_).subspan(given_, count));
    given_ += count;
}

void Player::tellUnderWay() {
    if (given_ < due_) return;  // the store is behind
    // Of every lane the span that ends next, if it has begun. The search is bounded: only a span that outlasts
    // so many events is not seen before its end.
    constexpr std::size_t kMostAhead = 20'000;
    std::vector<Span> underWay;
    std::set<std::pair<int, Lane>> seen;
    const std::size_t end = std::min(events_.size(), due_ + kMostAhead);
    for (std::size_t i = due_; i < end; ++i) {
        const auto* span = std::get_if<Span>(&events_[i]);
        if (!span || !seen.emplace(span->stamp.rank.value, span->lane).second) continue;
        if (secondsOf(span->begin) < position_) underWay.push_back(*span);
    }
    pump_.take(std::min(position_, duration()), std::move(underWay));
}

void Player::showAll() {
    frame_.stop();
    if (atEnd()) rewind();
    giveUpTo(events_.size());
    if (!events_.empty()) position_ = std::max(position_, secondsOfEvent(events_.size() - 1));
    Q_EMIT changed();
}

void Player::rewind() {
    frame_.stop();
    pump_.discardWaiting();
    due_ = given_ = 0;
    position_ = 0;
    if (!events_.empty()) giveUpTo(1);
    Q_EMIT changed();
}

void Player::play() {
    if (events_.empty()) return;
    if (atEnd()) rewind();
    if (speed_ <= 0) return showAll();
    sinceFrame_.start();
    frame_.start();
    Q_EMIT changed();
}

void Player::pause() {
    frame_.stop();
    Q_EMIT changed();
}

void Player::step() {
    if (events_.empty()) return;
    frame_.stop();
    if (atEnd()) rewind();
    std::size_t end = due_;
    while (end < events_.size() && !std::holds_alternative<StepCompleted>(events_[end])) ++end;
    if (end < events_.size()) {
        position_ = std::max(position_, secondsOfEvent(end));
        ++end;
        // What happened at the same moment belongs to the step too.
        while (end < events_.size() && !std::holds_alternative<RunEnded>(events_[end]) &&
               secondsOfEvent(end) <= position_)
            ++end;
    }
    giveUpTo(end);
    tellUnderWay();
    Q_EMIT changed();
}

void Player::setSpeed(double factor) {
    speed_ = std::max(0.0, factor);
    if (playing() && speed_ <= 0) showAll();
}

void Player::advance() {
    position_ += static_cast<double>(sinceFrame_.nsecsElapsed()) * 1e-9 * speed_;
    sinceFrame_.start();
    std::size_t end = due_;
    const auto isDue = [&](std::size_t i) {
        return std::holds_alternative<RunEnded>(events_[i]) || secondsOfEvent(i) <= position_;
    };
    while (end < events_.size() && isDue(end)) ++end;
    giveUpTo(end);
    tellUnderWay();
    if (!atEnd()) return;
    frame_.stop();
    Q_EMIT changed();
}

}  // namespace rondo::ui
