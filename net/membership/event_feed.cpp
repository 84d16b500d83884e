#include "net/membership/event_feed.h"

#include <utility>

#include "engine/events/recording.h"

namespace rondo::net {
namespace {

EventMessage messageOf(BlockWriter& writer) {
    const std::string block = writer.takeBlock();
    return block.empty() ? nullptr : eventMessage(block);
}

/// The three ways in which viewers get the same events.
struct Packing {
    BlockWriter whole, kept, gauges;
    std::uint64_t samples = 0;
    Stamp last;

    void add(const Event& event) {
        last = stampOf(event);
        whole.add(event);
        switch (classOf(event)) {
            case EventClass::Transition:
            case EventClass::Evaluation:
                return kept.add(event);
            case EventClass::Gauge:
                return gauges.add(event);
            case EventClass::Sample:
                // One that itself tells of lost ones stands for all of them.
                const auto* told = std::get_if<EventsDropped>(&event);
                samples += told ? told->count : 1;
                return;
        }
    }
    std::shared_ptr<const EventBlocks> take() {
        return std::make_shared<const EventBlocks>(EventBlocks{
            messageOf(whole), messageOf(kept), messageOf(gauges), std::exchange(samples, 0), last});
    }
};

}  // namespace

EventFeed::EventFeed(bool wantsSamples, std::function<void()> wake)
    : wantsSamples_(wantsSamples), queue_(kCapacity, std::move(wake)) {}

std::vector<std::shared_ptr<const EventBlocks>> EventFeed::take(bool watched) {
    std::vector<std::shared_ptr<const EventBlocks>> all;
    queue_.drain(drained_);
    Packing packing;
    for (const Event& event : drained_) {
        remember(event);
        if (!watched) continue;
        packing.add(event);
        if (packing.whole.pendingBytes() >= kPieceBytes) all.push_back(packing.take());
    }
    if (packing.whole.pendingBytes() > 0) all.push_back(packing.take());
    drained_.clear();
    return all;
}

void EventFeed::remember(const Event& event) {
    const EventClass kind = classOf(event);
    if (kind != EventClass::Transition && kind != EventClass::Evaluation) return;
    greeting_.clear();
    if (const auto* member = std::get_if<MemberChanged>(&event)) {
        members_[member->member] = *member;
        return;
    }
    if (std::holds_alternative<RunStarted>(event)) {
        known_.clear();
        evaluations_ = 0;
    }
    // Of pictures of the model the last one is enough.
    if (std::holds_alternative<DecisionBoundary>(event))
        evaluations_ -= std::erase_if(
            known_, [](const Event& one) { return std::holds_alternative<DecisionBoundary>(one); });
    known_.push_back(event);
    if (kind != EventClass::Evaluation || ++evaluations_ <= kMostEvaluations) return;
    // Of very many the older half goes.
    std::size_t left = kMostEvaluations / 2;
    evaluations_ -= std::erase_if(known_, [&](const Event& one) {
        if (left == 0 || classOf(one) != EventClass::Evaluation) return false;
        --left;
        return true;
    });
}

const std::vector<EventMessage>& EventFeed::greeting() {
    if (!greeting_.empty()) return greeting_;
    greeting_.push_back(streamBeginning());
    BlockWriter writer;
    const auto add = [&](const Event& event) {
        writer.add(event);
        if (writer.pendingBytes() >= kPieceBytes) greeting_.push_back(messageOf(writer));
    };
    for (const auto& [id, member] : members_) add(member);
    for (const Event& event : known_) add(event);
    if (auto rest = messageOf(writer)) greeting_.push_back(std::move(rest));
    return greeting_;
}

}  // namespace rondo::net
