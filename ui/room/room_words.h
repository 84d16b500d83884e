#pragma once

#include <QString>

#include "ui/room/room_store.h"

namespace rondo::ui {

// A room and its members in words. Pure, tested without a window.

QString stateWords(const RoomStore::Member& member);
/// Of its clock against ours, and how sure that is: "−2.1 h ± 80 µs"; a dash until it is known.
QString clockWords(const MemberChanged& member);
QString roundTripWords(const MemberChanged& member);
QString speedWords(const MemberChanged& member);  ///< of one core

/// "3 machines: 2 ready, 1 trains".
QString rosterWords(const RoomStore& room);
/// What stands between these settings and a run on the machines of the room; empty: nothing.
QString whyNoLab(const RoomStore& room, int workers);
/// How it is with a run on them, in a line: "2 of the 4 machines it needs are ready".
QString labWords(const RoomStore& room, int workers);
/// Whether only this computer can reach it.
bool onlyHere(const RoomChanged& place);

}  // namespace rondo::ui
