#include "ui/draw/message_dots.h"

#include <algorithm>

namespace rondo::ui {

void MessageDots::arrived(std::span<const Message> messages, std::int64_t nowMs) {
    std::map<LinkId, int> counts;
    for (const Message& message : messages) ++counts[{message.from.value, message.to.value}];
    for (const auto& [link, count] : counts) {
        Train& train = underWay_[link];
        std::erase_if(train.starts, [nowMs](std::int64_t start) { return nowMs - start >= kTravelMs; });
        if (static_cast<int>(train.starts.size()) + count > kMostPerLink) {
            train.starts.clear();
            train.crowdedUntil = nowMs + kTravelMs;
        }
        if (nowMs < train.crowdedUntil) {
            train.crowdedUntil = nowMs + kTravelMs;
            continue;
        }
        // Those of one batch leave one after the other, or they would lie over each other and count as one.
        for (int i = 0; i < count; ++i) train.starts.push_back(nowMs + i * kTravelMs / (2 * kMostPerLink));
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
