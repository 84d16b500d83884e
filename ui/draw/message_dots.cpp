#include "ui/draw/message_dots.h"

#include <algorithm>

namespace rondo::ui {

void MessageDots::arrived(std::span<const Message> messages, std::int64_t nowMs) {
    std::map<LinkId, int> counts;
    for (const Message& message : messages) ++counts[{message.from.value, message.to.value}];
    for (const auto& [link, count] : counts) {
        Train& train = underWay_[link];
        std::erase_if(train.starts, [nowMs](std::int64_t start) { return nowMs - start >= kTravelMs; });
        if (static_cast<int>(train.starts.size()) + count > kMostPerLink)
            train.crowdedUntil = nowMs + kTravelMs;
        const bool crowded = nowMs < train.crowdedUntil;
        // Those of one batch leave one after the other, or they would lie over each other and count as one.
        const std::int64_t apart = kTravelMs / (crowded ? kMostPerLink : 2 * kMostPerLink);
        std::int64_t start = nowMs;
        if (crowded && !train.starts.empty()) start = std::max(start, train.starts.back() + apart);
        for (int i = 0; i < count && static_cast<int>(train.starts.size()) < kMostPerLink; ++i) {
            if (start >= nowMs + kTravelMs) break;
            train.starts.push_back(start);
            start += apart;
        }
    }
}

std::vector<MessageDots::Dot> MessageDots::at(std::int64_t nowMs) {
    std::vector<Dot> dots;
    for (auto it = underWay_.begin(); it != underWay_.end();) {
        Train& train = it->second;
        std::erase_if(train.starts, [nowMs](std::int64_t start) { return nowMs - start >= kTravelMs; });
        for (const std::int64_t start : train.starts) {
            if (start <= nowMs) dots.push_back({it->first, static_cast<double>(nowMs - start) / kTravelMs});
        }
        it = train.starts.empty() && nowMs >= train.crowdedUntil ? underWay_.erase(it) : std::next(it);
    }
    return dots;
}

}  // namespace rondo::ui
