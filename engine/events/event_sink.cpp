#include "engine/events/event_sink.h"

#include <iterator>

namespace rondo {

void FanOut::publish(std::span<Event> batch) {
    for (EventSink* sink : sinks_) {
        if (sink == sinks_.back() && sink->wantsSamples()) {
            sink->publish(batch);
            continue;
        }
        std::vector<Event> copy;
        std::copy_if(batch.begin(), batch.end(), std::back_inserter(copy), [&](const Event& event) {
            return sink->wantsSamples() ||
                   !(std::holds_alternative<Span>(event) || std::holds_alternative<Message>(event));
        });
        if (!copy.empty()) sink->publish(std::span<Event>(copy));
    }
}

}  // namespace rondo
