#include "engine/training/crew.h"

#include <limits>

namespace rondo {

std::size_t mostBytesOfRank(std::int64_t parameters) {
    // Adam and a pipeline that remembers its weights come to six times the parameters.
    constexpr std::uint64_t kTimes = 8 * sizeof(float), kFigures = std::uint64_t{16} << 20;
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(parameters, 0));
    constexpr std::uint64_t kMost = std::numeric_limits<std::size_t>::max();
    if (count > (kMost - kFigures) / kTimes) return kMost;
    return static_cast<std::size_t>(kFigures + kTimes * count);
}

void CrewInbox::post(FromMember news) {
    {
        const std::lock_guard lock(mutex_);
        news_.push_back({std::move(news), 0});
    }
    changed_.notify_all();
}

bool CrewInbox::post(FromMember news, std::size_t bytes) {
    {
        const std::lock_guard lock(mutex_);
        // A short message is a large object here.
        const std::size_t held = bytes + sizeof(Waiting);
        std::size_t& waiting = bytes_[news.member];
        if (held > most_ || waiting > most_ - held) return false;
        waiting += held;
        news_.push_back({std::move(news), held});
    }
    changed_.notify_all();
    return true;
}

void CrewInbox::allow(std::size_t bytesOfMember) {
    const std::lock_guard lock(mutex_);
    most_ = bytesOfMember;
}

std::size_t CrewInbox::mostBytes() const {
    const std::lock_guard lock(mutex_);
    return most_;
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
    Waiting first = std::move(news_.front());
    news_.pop_front();
    if (first.bytes > 0) {
        const auto waiting = bytes_.find(first.news.member);
        waiting->second -= first.bytes;
        if (waiting->second == 0) bytes_.erase(waiting);
    }
    return std::move(first.news);
}

void CrewInbox::clear() {
    const std::lock_guard lock(mutex_);
    news_.clear();
    bytes_.clear();
}

}  // namespace rondo
