#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/events/event.h"

namespace rondo {

/// Of the format that is written. Version 1, without the fields of pipelines, is read too.
inline constexpr int kRecordingVersion = 2;

/// Appends one event: a type byte, then its fields in order (integers as LEB128 varints, signed ones
/// zigzagged, times in ns, doubles as 8 bytes little-endian, texts and arrays with their length first).
/// RECORDING.md is the format.
void encode(const Event& event, std::vector<std::byte>& out);

/// Reads one event and advances `bytes` past it. Lengths are checked against what is there before anything is
/// allocated; a problem leaves `bytes` where it was. `version`: of the format they were written in.
Result<Event> decode(std::span<const std::byte>& bytes, int version = kRecordingVersion);

}  // namespace rondo
