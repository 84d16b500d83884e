#pragma once

#include <QPainter>
#include <QRectF>

#include "ui/draw/theme.h"

namespace rondo::ui {

/// A small sign of a phase that is told by its shape without its colour: forward points right, backward left,
/// update is a square, synchronise two opposite arrows, wait a hatched box, loading a downward triangle (on
/// a line: pre-processing; halved: partition), evaluate a tick.
void paintPhaseMark(QPainter& painter, const QRectF& box, Phase phase, const Theme& theme);

/// The ground of a phase's box: its colour with an outline, hatched for wait, with bars where phases share a
/// colour. Boxes below 3 px get no outline.
void paintPhaseGround(QPainter& painter, const QRectF& box, Phase phase, const Theme& theme);

/// The sign of a fault: a triangle with an exclamation mark, in the fault colour.
void paintFaultMark(QPainter& painter, const QRectF& box, const Theme& theme);

/// A hatch of 45° lines, `gap` pixels apart, that stays in place when the box moves by whole pixels.
void paintHatch(QPainter& painter, const QRectF& box, const QColor& colour, double gap = 6);

}  // namespace rondo::ui
