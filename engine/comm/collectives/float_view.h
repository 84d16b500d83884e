#pragma once

#include <span>

#include "engine/comm/communicator.h"

namespace rondo {

/// into += what came; another number of floats is a WrongSize error.
void addFloats(std::span<float> into, ReceivedBytes bytes);
/// into = what came, likewise.
void copyFloats(std::span<float> into, ReceivedBytes bytes);

}  // namespace rondo
