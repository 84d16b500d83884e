#include "net/membership/member_book.h"

#include <algorithm>

#include "net/membership/authentication.h"

namespace rondo::net {
namespace {

/// "lab (2)", with room for the number and no character cut in two.
std::string numbered(std::string_view name, int number) {
    const std::string behind = " (" + std::to_string(number) + ")";
    std::size_t end = std::min(name.size(), kMostNameBytes - behind.size());
    while (end > 0 && end < name.size() && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
    return std::string(name.substr(0, end)) + behind;
}

}  // namespace

MemberChanged eventOf(const MemberInfo& info) {
    MemberChanged event;
    event.state = info.state;
    event.member = info.member;
    event.name = info.name;
    event.rank = info.rank;
    event.cores = info.cores;
    event.gflops = info.gflops;
    event.roundTrip = info.roundTrip;
    event.clockOffset = info.clockOffset;
    event.clockUncertainty = info.clockUncertainty;
    event.address = info.address;
    event.detail = info.detail;
    return event;
}

MemberBook::Entered MemberBook::enter(std::string_view name, const std::optional<Bytes16>& token,
                                      std::string_view address) {
    Entered entered;
    const std::string wanted = tidyName(name);
    MemberInfo* info = nullptr;
    if (token)
        if (const auto known = ofToken(*token)) info = find(*known);
    std::string free = wanted;
    for (int number = 2; !info; ++number) {
        MemberInfo* const owner = ownerOf(free);
        if (!owner) break;
        if (!owner->present()) info = owner;
        free = numbered(wanted, number);
    }
    if (info) {
        entered.returned = true;
        entered.replaces = info->present();
    } else {
        forgetOldest();
        const MemberId id = next_++;
        info = &members_[id];
        info->member = id;
        info->name = free;
    }
    entered.member = info->member;
    const Bytes32 random = randomSecret();
    std::copy_n(random.begin(), entered.token.size(), entered.token.begin());
    tokens_[info->member] = entered.token;
    info->state = MemberState::Joining;
    info->detail.clear();
    info->rank = Rank{kNone};
    info->clockKnown = false;
    info->address = address;
    info->peerPort = 0;
    return entered;
}

MemberInfo* MemberBook::find(MemberId member) {
    const auto found = members_.find(member);
    return found == members_.end() ? nullptr : &found->second;
}

const MemberInfo* MemberBook::find(MemberId member) const {
    const auto found = members_.find(member);
    return found == members_.end() ? nullptr : &found->second;
}

std::optional<MemberId> MemberBook::ofToken(const Bytes16& token) const {
    for (const auto& [member, own] : tokens_)
        if (same(own, token)) return member;
    return std::nullopt;
}

std::optional<std::string> MemberBook::rename(MemberId member, std::string_view name) {
    MemberInfo* info = find(member);
    if (!info) return std::nullopt;
    const std::string wanted = tidyName(name);
    std::string free = wanted;
    for (int number = 2;; ++number) {
        const MemberInfo* const owner = ownerOf(free);
        if (!owner || owner == info) break;
        free = numbered(wanted, number);
    }
    info->name = free;
    return free;
}

void MemberBook::gone(MemberId member, MemberState state, std::string why) {
    MemberInfo* info = find(member);
    if (!info) return;
    info->state = state;
    info->detail = std::move(why);
    info->rank = Rank{kNone};
    if (state == MemberState::Removed) tokens_.erase(member);
}

std::size_t MemberBook::present() const {
    return static_cast<std::size_t>(std::count_if(members_.begin(), members_.end(),
                                                  [](const auto& one) { return one.second.present(); }));
}

MemberInfo* MemberBook::ownerOf(std::string_view name) {
    for (auto& [id, info] : members_)
        if (info.state != MemberState::Removed && info.name == name) return &info;
    return nullptr;
}

/// Who comes and goes without end under ever new names must not fill the book.
void MemberBook::forgetOldest() {
    if (members_.size() < kMostGone) return;
    for (const bool removed : {true, false})
        for (auto one = members_.begin(); one != members_.end(); ++one) {
            if (one->second.present() || (removed && one->second.state != MemberState::Removed)) continue;
            tokens_.erase(one->first);
            members_.erase(one);
            return;
        }
}

}  // namespace rondo::net
