#include "ui/room/room_keeper.h"

namespace rondo::ui {

namespace {

/// `listen` with the port that was really taken, which is none's choice where it was 0.
std::string withPortOf(const std::string& listen, const std::string& url) {
    const std::size_t own = listen.rfind(':'), given = url.rfind(':');
    if (given == std::string::npos) return listen;
    // "7077" alone is a port, and so is what stands behind the last colon; "[::1]" has none.
    const bool bracket = !listen.empty() && listen.back() == ']';
    const std::string address =
        bracket ? listen
        : own == std::string::npos && listen.find_first_not_of("0123456789") == std::string::npos
            ? ""
            : listen.substr(0, own);
    return address + url.substr(given);
}

}  // namespace

RoomKeeper::RoomKeeper(EngineProcess& engine, QObject* parent) : QObject(parent), engine_(engine) {
    connect(&engine_, &EngineProcess::streamBegins, this, &RoomKeeper::onStream);
    connect(&engine_, &EngineProcess::ended, this, &RoomKeeper::onEnded);
    connect(&engine_, &EngineProcess::gaveUp, this, [this] {
        if (wish_) store_.setLost(tr("The training process can't be kept running."));
    });
}

void RoomKeeper::open(const QString& listen, bool secure) {
    OpenRoom wish;
    wish.listen = listen.toStdString();
    wish.secure = secure;
    // Machines of a room that is lost dial with its code.
    if (store_.state() == RoomStore::State::Lost) wish.code = store_.place().code;
    wish_ = wish;
    again_ = false;
    store_.setOpening();
    engine_.send(wish);
}

void RoomKeeper::close() {
    const bool there = engine_.running() && store_.state() != RoomStore::State::Lost;
    wish_.reset();
    again_ = false;
    if (there) return engine_.send(CloseRoom{});
    // There is nobody to close it: that it is over is known here.
    const std::vector<Event> over{RoomChanged{}};
    store_.apply(over);
}

void RoomKeeper::rename(int row, const QString& name) {
    if (row < 0 || row >= static_cast<int>(store_.members().size())) return;
    const auto& member = store_.members()[static_cast<std::size_t>(row)];
    if (!member.awaited) engine_.send(RenameMember{member.known.member, name.toStdString()});
}

void RoomKeeper::remove(int row, const QString& why) {
    if (row < 0 || row >= static_cast<int>(store_.members().size())) return;
    const auto& member = store_.members()[static_cast<std::size_t>(row)];
    if (member.present())
        engine_.send(RemoveMember{member.known.member, why.toStdString()});
    else
        store_.forget(row);
}

void RoomKeeper::take(const std::vector<Event>& events) {
    for (const Event& event : events) {
        const auto* room = std::get_if<RoomChanged>(&event);
        if (!room || !wish_) continue;
        if (!room->open) {
            wish_.reset();
            continue;
        }
        wish_->listen = withPortOf(wish_->listen, room->url);
        wish_->code = room->code;
    }
    store_.apply(events);
}

void RoomKeeper::onEnded(const QString& why) {
    if (!wish_) return;
    again_ = true;
    store_.setLost(why);
}

void RoomKeeper::onStream() {
    if (!again_) return;
    // The process begins in a moment.
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (!again_ || !wish_ || !engine_.running()) return;
            again_ = false;
            engine_.send(*wish_);
        },
        Qt::QueuedConnection);
}

}  // namespace rondo::ui
