#include "ui/room/room_store.h"

#include <algorithm>

namespace rondo::ui {

bool RoomStore::Member::present() const {
    using S = MemberChanged::State;
    return !awaited && (known.state == S::Joining || known.state == S::Ready || known.state == S::Training);
}

bool RoomStore::Member::ready() const {
    return present() && known.state != MemberChanged::State::Joining;
}

void RoomStore::apply(std::span<const Event> events) {
    bool any = false;
    for (const Event& event : events) {
        if (const auto* room = std::get_if<RoomChanged>(&event))
            take(*room);
        else if (const auto* member = std::get_if<MemberChanged>(&event))
            take(*member);
        else
            continue;
        any = true;
    }
    if (any) Q_EMIT changed();
}

void RoomStore::setOpening() {
    problem_.clear();
    // Who was there before comes back to the same code: they are still on the screen.
    if (state_ != State::Lost) state_ = State::Opening;
    Q_EMIT roomChanged();
    Q_EMIT changed();
}

void RoomStore::setLost(const QString& why) {
    if (state_ == State::Closed) return;
    state_ = State::Lost;
    problem_ = why;
    for (std::size_t row = 0; row < members_.size(); ++row) {
        if (!members_[row].present()) continue;
        members_[row].awaited = true;
        members_[row].known.rank = Rank{kNone};
        Q_EMIT memberChanged(static_cast<int>(row));
    }
    Q_EMIT roomChanged();
    Q_EMIT changed();
}

void RoomStore::forget(int row) {
    const auto place = static_cast<std::size_t>(row);
    if (row < 0 || place >= members_.size() || members_[place].present()) return;
    removeRow(place);
    Q_EMIT changed();
}

int RoomStore::present() const {
    return static_cast<int>(
        std::count_if(members_.begin(), members_.end(), [](const Member& one) { return one.present(); }));
}

int RoomStore::ready() const {
    return static_cast<int>(
        std::count_if(members_.begin(), members_.end(), [](const Member& one) { return one.ready(); }));
}

void RoomStore::take(const RoomChanged& event) {
    const bool again = state_ == State::Lost && event.open;
    codeIsNew_ = again && event.code != place_.code;
    if (again) {
        // Numbers of the host that is gone say nothing here; who had left it is no news any more.
        for (std::size_t row = members_.size(); row-- > 0;)
            if (!members_[row].awaited) removeRow(row);
    } else {
        clearMembers();
    }
    state_ = event.open ? State::Open : State::Closed;
    place_ = event.open ? event : RoomChanged{};
    problem_ = QString::fromStdString(event.detail);
    Q_EMIT roomChanged();
}

std::size_t RoomStore::rowOf(const MemberChanged& event) const {
    const auto find = [&](auto probe) {
        return static_cast<std::size_t>(std::find_if(members_.begin(), members_.end(), probe) -
                                        members_.begin());
    };
    const std::size_t known =
        find([&](const Member& one) { return !one.awaited && one.known.member == event.member; });
    if (known < members_.size()) return known;
    return find([&](const Member& one) { return one.awaited && one.known.name == event.name; });
}

void RoomStore::take(const MemberChanged& event) {
    const std::size_t row = rowOf(event);
    const bool isNew = row == members_.size();
    // Who was sent away by the person at this screen needn't be shown to them any longer.
    if (event.state == MemberChanged::State::Removed) {
        if (!isNew) removeRow(row);
        return;
    }
    if (!isNew) {
        members_[row] = {event, false};
        Q_EMIT memberChanged(static_cast<int>(row));
        return;
    }
    if (members_.size() >= kMostMembers)
        for (std::size_t old = 0; old < members_.size(); ++old) {
            if (members_[old].present()) continue;
            removeRow(old);
            break;
        }
    members_.push_back({event, false});
    Q_EMIT memberAdded(static_cast<int>(members_.size()) - 1);
}

void RoomStore::clearMembers() {
    if (members_.empty()) return;
    members_.clear();
    Q_EMIT membersReset();
}

void RoomStore::removeRow(std::size_t row) {
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(row));
    Q_EMIT memberRemoved(static_cast<int>(row));
}

}  // namespace rondo::ui
