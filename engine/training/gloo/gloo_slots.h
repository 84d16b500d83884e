#pragma once

#include <cstdint>

#include "engine/comm/communicator.h"

namespace rondo {

/// What Gloo pairs sends and receives by. Its top byte belongs to Gloo's collectives.
enum class GlooSlot : std::uint64_t { Header = 0, Body = 1, Never = 2 };
constexpr std::uint64_t slotOf(GlooSlot kind, Tag tag) {
    return static_cast<std::uint64_t>(kind) << 32 | tag;
}

}  // namespace rondo
