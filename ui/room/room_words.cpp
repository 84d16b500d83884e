#include "ui/room/room_words.h"

#include <QCoreApplication>
#include <cmath>

#include "ui/draw/axis.h"

namespace rondo::ui {

namespace {

QString tr(const char* words) {
    return QCoreApplication::translate("rondo", words);
}

const QString kUnknown = QStringLiteral("–");

double secondsOf(Nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

/// Clocks count from when their machine was switched on: days between them are no surprise.
QString longText(double seconds) {
    const double size = std::abs(seconds);
    if (size < 120) return durationText(size);
    if (size < 7200) return tr("%1 min").arg(size / 60, 0, 'f', 1);
    if (size < 172'800) return tr("%1 h").arg(size / 3600, 0, 'f', 1);
    return tr("%1 days").arg(size / 86'400, 0, 'f', 1);
}

QString machines(int count) {
    return count == 1 ? tr("1 machine") : tr("%1 machines").arg(count);
}

}  // namespace

QString stateWords(const RoomStore::Member& member) {
    if (member.awaited) return tr("awaited");
    switch (member.known.state) {
        case MemberChanged::State::Joining:
            return tr("joining");
        case MemberChanged::State::Ready:
            return tr("ready");
        case MemberChanged::State::Training:
            return tr("trains");
        case MemberChanged::State::Lost:
            return tr("lost");
        case MemberChanged::State::Left:
            return tr("has left");
        case MemberChanged::State::Removed:
            return tr("removed");
    }
    return {};
}

QString clockWords(const MemberChanged& member) {
    if (member.clockUncertainty.count() == 0 && member.clockOffset.count() == 0) return kUnknown;
    const double offset = secondsOf(member.clockOffset);
    const QString sign = offset < 0 ? QString(QChar(0x2212)) : QStringLiteral("+");
    return QStringLiteral("%1%2 ± %3")
        .arg(sign, longText(offset), durationText(secondsOf(member.clockUncertainty)));
}

QString roundTripWords(const MemberChanged& member) {
    return member.roundTrip.count() > 0 ? durationText(secondsOf(member.roundTrip)) : kUnknown;
}

QString speedWords(const MemberChanged& member) {
    if (!(member.gflops > 0) || !std::isfinite(member.gflops)) return kUnknown;
    return tr("%1 GFLOP/s").arg(member.gflops, 0, 'f', member.gflops < 9.95 ? 1 : 0);
}

QString rosterWords(const RoomStore& room) {
    int joining = 0, ready = 0, training = 0, gone = 0, awaited = 0;
    for (const RoomStore::Member& member : room.members()) {
        using S = MemberChanged::State;
        if (member.awaited)
            ++awaited;
        else if (!member.present())
            ++gone;
        else
            ++(member.known.state == S::Joining ? joining
               : member.known.state == S::Ready ? ready
                                                : training);
    }
    QStringList parts;
    if (ready > 0) parts << tr("%1 ready").arg(ready);
    if (training > 0) parts << (training == 1 ? tr("1 trains") : tr("%1 train").arg(training));
    if (joining > 0) parts << tr("%1 joining").arg(joining);
    if (awaited > 0) parts << tr("%1 awaited").arg(awaited);
    if (gone > 0) parts << tr("%1 gone").arg(gone);
    const QString here = machines(joining + ready + training);
    return parts.isEmpty() ? tr("No machine has joined yet")
                           : here + QStringLiteral(": ") + parts.join(tr(", "));
}

QString whyNoLab(const RoomStore& room, int workers) {
    if (room.state() == RoomStore::State::Opening)
        return tr("The room is being opened. Try again in a moment.");
    if (room.state() == RoomStore::State::Lost)
        return tr("The room is being opened again. Its machines come back by themselves; try again then.");
    if (!room.open())
        return tr(
            "These settings train on machines of the room (run on: lab), and no room is open. Press Host "
            "in the Class tab and let the machines join by the line that it shows; then Run.");
    if (room.ready() >= workers) return {};
    return tr("These settings need %1, and %2 ready. Let more join by the line in the Class tab, or set "
              "fewer workers.")
        .arg(machines(workers), room.ready() == 0   ? tr("none is")
                                : room.ready() == 1 ? tr("1 is")
                                                    : tr("%1 are").arg(room.ready()));
}

QString labWords(const RoomStore& room, int workers) {
    switch (room.state()) {
        case RoomStore::State::Closed:
            return tr("Runs on machines of the room. None is open: Host, in the Class tab.");
        case RoomStore::State::Opening:
        case RoomStore::State::Lost:
            return tr("Runs on machines of the room, which is being opened.");
        case RoomStore::State::Open:
            break;
    }
    const int ready = room.ready();
    if (ready < workers)
        return tr("%1 of the %2 it needs %3 ready.")
            .arg(ready)
            .arg(machines(workers), ready == 1 ? tr("is") : tr("are"));
    if (ready == workers)
        return ready == 1 ? tr("The machine it needs is ready.")
                          : tr("All %1 are ready.").arg(machines(ready));
    return tr("%1 are ready; it trains on the first %2.").arg(machines(ready)).arg(workers);
}

bool onlyHere(const RoomChanged& place) {
    const auto local = [](const std::string& url) {
        return url.find("//127.") != std::string::npos || url.find("//localhost") != std::string::npos ||
               url.find("//[::1]") != std::string::npos;
    };
    return local(place.url) && place.others.empty();
}

}  // namespace rondo::ui
