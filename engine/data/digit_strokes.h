#pragma once

#include <span>

namespace rondo {

/// A place on the paper: x to the right, y down; a digit is about 1 high and centred on (0, 0).
struct PenPoint {
    float x = 0, y = 0;
};
/// The points one stroke of the pen passes through, smoothly; a sharp corner begins a new stroke at the same
/// point.
using PenStroke = std::span<const PenPoint>;
using Glyph = std::span<const PenStroke>;

/// The ways to write a digit 0–9, the most usual first; never empty.
std::span<const Glyph> glyphsOf(int digit);

}  // namespace rondo
