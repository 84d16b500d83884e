#include "net/data/inbox.h"

#include <algorithm>
#include <utility>

namespace rondo::net {

Inbox::Queue::iterator Inbox::find(Queue& queue, Tag tag) {
    return std::find_if(queue.begin(), queue.end(),
                        [&](const Arrived& message) { return message.header.tag == tag; });
}

Arrived Inbox::take(Queue& queue, Queue::iterator place) {
    Arrived message = std::move(*place);
    queue.erase(place);
    return message;
}

std::optional<Arrived> Inbox::take(Rank from, Tag tag) {
    Queue& queue = queues_[from.index()];
    const auto place = find(queue, tag);
    if (place == queue.end()) return std::nullopt;
    return take(queue, place);
}

std::optional<Arrived> Inbox::takeAny(Tag tag) {
    Queue* earliest = nullptr;
    Queue::iterator place;
    for (Queue& queue : queues_) {
        const auto candidate = find(queue, tag);
        if (candidate == queue.end() || (earliest && candidate->turn >= place->turn)) continue;
        earliest = &queue;
        place = candidate;
    }
    if (!earliest) return std::nullopt;
    return take(*earliest, place);
}

}  // namespace rondo::net
