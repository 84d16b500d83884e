#include "engine/algorithms/server_clock.h"

#include <algorithm>

namespace rondo {

ServerClock::ServerClock(int workers, int needed, std::int64_t staleness, std::size_t elements)
    : members_(static_cast<std::size_t>(workers)),
      needed_(needed),
      staleness_(staleness),
      elements_(elements) {}

void ServerClock::goOn(std::int64_t first, const std::vector<std::int64_t>& answered) {
    version_ = first;
    for (std::size_t rank = 0; rank < members_.size(); ++rank) {
        members_[rank].clock = first;
        members_[rank].answered = answered[rank];
    }
}

bool ServerClock::push(Rank worker, std::span<const float> gradient) {
    Member& member = members_[worker.index()];
    const std::int64_t clock = member.clock++;
    member.waits = true;
    if (clock < version_) {
        member.clock = std::max(member.clock, version_);
        return false;
    }
    const auto place = static_cast<std::size_t>(clock - version_);
    while (clocks_.size() <= place) clocks_.emplace_back().gradients.resize(members_.size());
    Collecting& collecting = clocks_[place];
    collecting.gradients[worker.index()].emplace(
        Collecting::Gradient{{gradient.begin(), gradient.end()}, member.answered});
    ++collecting.there;
    return true;
}

std::optional<ServerClock::Update> ServerClock::takeUpdate() {
    if (clocks_.empty() || clocks_.front().there < needed_) return std::nullopt;
    const Collecting collected = std::move(clocks_.front());
    clocks_.pop_front();
    Update update;
    update.gradient.assign(elements_, 0.0f);
    update.gradients = collected.there;
    for (std::size_t rank = 0; rank < members_.size(); ++rank) {
        if (!collected.gradients[rank]) continue;
        const auto& [values, version] = *collected.gradients[rank];
        for (std::size_t i = 0; i < values.size(); ++i) update.gradient[i] += values[i];
        update.staleness.emplace_back(Rank{static_cast<std::int32_t>(rank)}, version_ - version);
    }
    ++version_;
    return update;
}

std::vector<Rank> ServerClock::takeAnswers() {
    std::vector<Rank> answers;
    for (std::size_t rank = 0; rank < members_.size(); ++rank) {
        Member& member = members_[rank];
        // It may start clock c once clock c − s − 1 is applied.
        if (!member.waits || version_ < member.clock - staleness_) continue;
        member.waits = false;
        member.answered = version_;
        answers.push_back(Rank{static_cast<std::int32_t>(rank)});
    }
    return answers;
}

std::optional<Rank> ServerClock::missed() const {
    int possible = clocks_.empty() ? 0 : clocks_.front().there;
    bool waited = false;
    std::optional<Rank> gone;
    for (std::size_t rank = 0; rank < members_.size(); ++rank) {
        const Member& member = members_[rank];
        waited = waited || member.waits;
        if (member.clock > version_) continue;  // has given the next update its gradient
        if (!member.gone)
            ++possible;
        else if (!gone)
            gone = Rank{static_cast<std::int32_t>(rank)};
    }
    return waited && possible < needed_ ? gone : std::nullopt;
}

}  // namespace rondo
