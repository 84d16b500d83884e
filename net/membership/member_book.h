#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/clock.h"
#include "engine/core/ids.h"
#include "engine/events/event.h"
#include "net/wire/control_message.h"

namespace rondo::net {

using MemberId = std::uint32_t;  ///< from 1 on, never used again
using MemberState = MemberChanged::State;

/// What a host knows of a worker.
struct MemberInfo {
    MemberId member = 0;
    std::string name;
    MemberState state = MemberState::Joining;
    std::string detail;  ///< why it is in this state, in words
    Rank rank{kNone};
    std::uint32_t cores = 0;
    double gflops = 0;  ///< of one core, as it says; 0: unknown
    bool clockKnown = false;
    Nanoseconds roundTrip{0}, clockOffset{0}, clockUncertainty{0};  ///< its clock less ours
    std::string address;                                            ///< as seen from here
    std::string reachedAt;       ///< the address of this computer at which it has come
    std::uint16_t peerPort = 0;  ///< where other ranks dial it; 0: nowhere
    std::string software;
    bool present() const {
        return state == MemberState::Joining || state == MemberState::Ready || state == MemberState::Training;
    }
    bool operator==(const MemberInfo&) const = default;
};

/// As an event, without its stamp.
MemberChanged eventOf(const MemberInfo& info);

/// Who is and was here. Who returns keeps number and name: by the token of its last welcome, even while the
/// host hasn't yet noticed that it was gone; or under the name of one who is gone, as a machine that was
/// started again. One thread; knows no network.
class MemberBook {
  public:
    struct Entered {
        MemberId member = 0;
        Bytes16 token{};  ///< to return with; a new one each time
        bool returned = false;
        bool replaces = false;  ///< its old connection is still there
    };
    Entered enter(std::string_view name, const std::optional<Bytes16>& token, std::string_view address);

    MemberInfo* find(MemberId member);
    const MemberInfo* find(MemberId member) const;
    std::optional<MemberId> ofToken(const Bytes16& token) const;
    /// Its name from now on: `name`, or with a number behind it where another has it. None: no such member.
    std::optional<std::string> rename(MemberId member, std::string_view name);
    /// It is gone; of one sent away the token is good no more, nor is its name kept for it.
    void gone(MemberId member, MemberState state, std::string why);

    const std::map<MemberId, MemberInfo>& all() const { return members_; }
    std::size_t present() const;

  private:
    MemberInfo* ownerOf(std::string_view name);
    void forgetOldest();

    static constexpr std::size_t kMostGone = 4096;
    std::map<MemberId, MemberInfo> members_;
    std::map<MemberId, Bytes16> tokens_;
    MemberId next_ = 1;
};

}  // namespace rondo::net
