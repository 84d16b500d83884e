#include "app/cli/engine_room.h"

#include <algorithm>

#include "net/ws/url.h"

namespace rondo::cli {

namespace {

/// 64 digits, as `--fingerprint` takes them.
std::string digitsOf(const net::Fingerprint& fingerprint) {
    std::string hex = net::hexOf(fingerprint);
    std::erase(hex, ':');
    std::transform(hex.begin(), hex.end(), hex.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
    return hex;
}

RoomChanged placeOf(const net::HostPlace& place) {
    RoomChanged news;
    news.open = true;
    news.url = place.url;
    for (const std::string& url : place.others) news.others += (news.others.empty() ? "" : "\n") + url;
    news.code = shown(place.code);
    news.joinLine = place.joinLine;
    if (place.fingerprint) news.fingerprint = digitsOf(*place.fingerprint);
    return news;
}

RoomChanged notOpen(std::string why) {
    RoomChanged news;
    news.detail = std::move(why);
    return news;
}

std::string countText(int count, const char* one, const char* more) {
    return std::to_string(count) + " " + (count == 1 ? one : more);
}

}  // namespace

EngineRoom::EngineRoom(EventSink& window, Watchers& watchers)
    : window_(window), watchers_(watchers), events_(window, watchers) {}

EngineRoom::~EngineRoom() {
    end(false);
}

Room* EngineRoom::room() {
    if (opening_.joinable()) opening_.join();
    return room_.get();
}

void EngineRoom::open(const OpenRoom& wish) {
    // Under another code nobody of the room before could come back.
    end(wish.code != code_);
    opening_ = std::thread([this, wish] { openNow(wish); });
}

void EngineRoom::openNow(const OpenRoom& wish) {
    Room::Options options;
    const auto listen = net::readListenAddress(wish.listen);
    if (!listen) return tell(notOpen(listen.error()));
    options.host.address = listen->host;
    options.host.port = listen->port;
    options.host.secure = wish.secure;
    options.host.software = "rondo " RONDO_VERSION;
    if (!wish.code.empty()) {
        auto code = net::readJoinCode(wish.code);
        if (!code) return tell(notOpen(code.error()));
        code.value().fingerprint.clear();  // of a certificate that is no more
        options.host.code = *std::move(code);
    }
    try {
        events_.hold();
        auto opened = std::make_unique<Room>(std::move(options), events_);
        const net::HostPlace& place = opened->open();
        code_ = shown(place.code);
        room_ = std::move(opened);
        watchers_.are(&room_->host().viewers());
        tell(placeOf(place));
        events_.letGo();
    } catch (const BadInput& problem) {
        tell(notOpen(problem.problems().front().what));
    } catch (const std::exception& problem) {
        tell(notOpen(problem.what()));
    }
}

void EngineRoom::close() {
    if (!room()) return;
    end(true);
    tell(notOpen({}));
}

void EngineRoom::end(bool classIsOver) {
    if (!room()) return;
    watchers_.are(nullptr);
    if (classIsOver) room_->dismiss();
    room_ = nullptr;
}

void EngineRoom::rename(const RenameMember& wish) {
    if (Room* here = room()) here->host().rename(wish.member, wish.name);
}

void EngineRoom::remove(const RemoveMember& wish) {
    if (Room* here = room()) here->host().remove(wish.member, wish.why);
}

std::optional<int> EngineRoom::ready() {
    Room* here = room();
    if (!here) return std::nullopt;
    const auto roster = here->host().roster();
    // Who still has the rank of a run that is over is ready in a moment.
    return static_cast<int>(std::count_if(roster.begin(), roster.end(), [](const net::MemberInfo& member) {
        return member.state == net::MemberState::Ready || member.state == net::MemberState::Training;
    }));
}

void EngineRoom::require(const RunSpec& spec) {
    const auto here = ready();
    if (!here)
        throw BadInput(Problem{"run_on",
                               "lab, but no room is open: Host in the window's Class tab opens one for the "
                               "machines that are to train"});
    if (*here < spec.workers)
        throw BadInput(Problem{"workers", std::to_string(spec.workers) + ", but only " +
                                              countText(*here, "machine of the room is ready",
                                                        "machines of the room are ready") +
                                              "; wait until more have joined, or ask for fewer workers"});
}

TrainingResult EngineRoom::train(const RunSpec& spec, RunControl& control, EventSink& events,
                                 std::uint32_t run, const DataSource& source) {
    struct Route {
        RoomEvents& room;
        Route(RoomEvents& r, EventSink& sink) : room(r) { room.setRun(&sink); }
        ~Route() { room.setRun(nullptr); }
    } const route{events_, events};
    return room_->train(spec, control, run, source);
}

}  // namespace rondo::cli
