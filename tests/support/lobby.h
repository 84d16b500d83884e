#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/membership/host.h"
#include "net/membership/member.h"

namespace rondo::net::test {

/// What handlers have put down on the io thread, for a test that waits until something is so.
class Notes {
  public:
    template <class Change>
    void note(Change change) {
        const std::lock_guard lock(mutex_);
        change();
        changed_.notify_all();
    }
    /// False: it isn't so after a very long time.
    template <class Predicate>
    bool until(Predicate predicate) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(60), predicate);
    }
    template <class Look>
    auto look(Look look) {
        const std::lock_guard lock(mutex_);
        return look();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

/// Short deadlines: what takes seconds in a class takes milliseconds here.
inline HostOptions quickHost() {
    using namespace std::chrono_literals;
    HostOptions options;
    options.address = "127.0.0.1";
    options.code = JoinCode{"K7MQ2X", ""};
    options.heartbeat = 20ms;
    options.firstDelay = 20ms;
    options.mostDelay = 160ms;
    return options;
}

/// A host on loopback that writes down what it sees.
struct Lobby {
    explicit Lobby(HostOptions options = quickHost(), HostHandlers more = {}) {
        HostHandlers handlers = std::move(more);
        handlers.memberChanged = [this, also = std::move(handlers.memberChanged)](const MemberInfo& info) {
            notes.note([&] { changes.push_back(info); });
            if (also) also(info);
        };
        handlers.memberGone = [this, also = std::move(handlers.memberGone)](const MemberInfo& info) {
            notes.note([&] { gone.push_back(info); });
            if (also) also(info);
        };
        handlers.log = [this](const std::string& line) { notes.note([&] { log.push_back(line); }); };
        if (!handlers.binaryMessage)
            handlers.binaryMessage = [this](MemberId member, const FrameHeader& header,
                                            std::span<const std::byte> body) {
                notes.note([&] {
                    heard.push_back({member, header.tag,
                                     std::string(reinterpret_cast<const char*>(body.data()), body.size())});
                });
            };
        handlers.viewerJoined = [this](ViewerId viewer) { notes.note([&] { viewers.push_back(viewer); }); };
        host = std::make_unique<Host>(io, std::move(options), std::move(handlers));
        const auto started = host->start();
        if (!started) throw std::runtime_error(started.error());
        place = *started;
    }

    bool logged(const std::string& part) const {
        for (const std::string& line : log)
            if (line.find(part) != std::string::npos) return true;
        return false;
    }
    bool untilLogged(const std::string& part) {
        return notes.until([&] { return logged(part); });
    }
    /// The latest that is known of a member, empty name if nothing.
    MemberInfo latest(MemberId member) {
        return notes.look([&] {
            MemberInfo found;
            for (const MemberInfo& info : changes)
                if (info.member == member) found = info;
            return found;
        });
    }
    bool untilState(MemberId member, MemberState state) {
        return notes.until([&] {
            MemberInfo found;
            for (const MemberInfo& info : changes)
                if (info.member == member) found = info;
            return found.member == member && found.state == state;
        });
    }

    struct Heard {
        MemberId member = 0;
        std::uint32_t tag = 0;
        std::string body;
    };
    Notes notes;
    std::vector<MemberInfo> changes, gone;
    std::vector<std::string> log;
    std::vector<Heard> heard;
    std::vector<ViewerId> viewers;
    IoThread io;
    HostPlace place;
    std::unique_ptr<Host> host;
};

/// A member that writes down what it hears.
struct Guest {
    Guest(Lobby& lobby, std::string name, const std::function<void(MemberOptions&)>& adjust = {}) {
        MemberOptions options;
        options.url = *readUrl(lobby.place.url);
        options.code = lobby.place.code;
        options.name = std::move(name);
        if (adjust) adjust(options);
        MemberHandlers handlers;
        handlers.joined = [this](const Welcome& said) { notes.note([&] { welcome = said; }); };
        handlers.binaryMessage = [this](const FrameHeader& header, std::span<const std::byte> body) {
            notes.note([&] {
                tags.push_back(header.tag);
                bytes.append(reinterpret_cast<const char*>(body.data()), body.size());
            });
        };
        handlers.controlMessage = [this](const ControlMessage& message) {
            notes.note([&] { control.push_back(message); });
        };
        handlers.closed = [this](const MemberEnd& how) { notes.note([&] { end = how; }); };
        member = std::make_unique<Member>(lobby.io, std::move(options), std::move(handlers));
    }
    bool untilJoined() {
        return notes.until([&] { return welcome || end; }) && welcome.has_value();
    }
    bool untilEnd() {
        return notes.until([&] { return end.has_value(); });
    }
    Connection::Sent say(std::uint32_t tag, std::string_view body) {
        FrameHeader header;
        header.kind = FrameHeader::Kind::RankMessage;
        header.tag = tag;
        header.payloadBytes = body.size();
        return member->send(header, std::as_bytes(std::span(body)));
    }

    Notes notes;
    std::optional<Welcome> welcome;
    std::optional<MemberEnd> end;
    std::vector<std::uint32_t> tags;
    std::string bytes;
    std::vector<ControlMessage> control;
    std::unique_ptr<Member> member;
};

}  // namespace rondo::net::test
