#include "engine/training/crew.h"

namespace rondo {

void CrewInbox::post(FromMember news) {
    {
        const std::lock_guard lock(mutex_);
        news_.push_back(std::move(news));
    }
    changed_.notify_all();
}

void CrewInbox::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

std::optional<FromMember> CrewInbox::take(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, most, [&] { return woken_ || !news_.empty(); });
    woken_ = false;
    if (news_.empty()) return std::nullopt;
    FromMember news = std::move(news_.front());
    news_.pop_front();
    return news;
}

}  // namespace rondo
