#pragma once

#include <span>

#include "engine/comm/communicator.h"
#include "engine/comm/in_pieces.h"

namespace rondo {

/// into += what came; another number of floats is a WrongSize error.
void addFloats(Values into, ReceivedBytes bytes);
/// into = what came, likewise.
void copyFloats(Values into, ReceivedBytes bytes);

/// addFloats for a part of what comes in pieces: `into` is where the whole belongs.
void addPiece(Values into, const Piece& piece);

/// What came, as floats; another number of them than `count` is a WrongSize error.
std::span<const float> floatsOf(ReceivedBytes bytes, std::size_t count);

}  // namespace rondo
