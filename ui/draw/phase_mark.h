#pragma once

#include <QPainter>
#include <QRectF>

#include "ui/draw/theme.h"

namespace rondo::ui {

/// A small sign of a phase that is told by its shape without its colour: forward points right, backward left,
/// update is a square, synchronise two opposite arrows, wait a hatched box, loading a downward triangle (on
/// a line: pre-processing; halved: partition), evaluate a tick.
void paintPhaseMark(QPainter& painter, const QRectF& box, Phase phase, const Theme& theme);

/// A line of one pixel along the inside of a box of whole pixels: what a pen of one pixel draws, in a
/// fraction of its time.
void paintOutline(QPainter& painter, const QRectF& box, const QColor& colour);

/// The ground of a phase's box: its colour with an outline, hatched for wait, with bars where phases share a
/// colour; dashes for what is computed again. Boxes below 3 px get no outline.
void paintPhaseGround(QPainter& painter, const QRectF& box, Phase phase, const Theme& theme);

/// On a backward pass that holds both halves: the colour of the weight gradient along its lower edge.
void paintBothHalves(QPainter& painter, const QRectF& box, const Theme& theme);

/// In the upper left corner of what a stage's later model chunks do.
void paintDogEar(QPainter& painter, const QRectF& box, const QColor& ink);

/// The sign of a fault: a triangle with an exclamation mark, in the fault colour.
void paintFaultMark(QPainter& painter, const QRectF& box, const Theme& theme);

/// A hatch of 45° lines, `gap` pixels apart, that stays in place when the box moves by whole pixels.
void paintHatch(QPainter& painter, const QRectF& box, const QColor& colour, double gap = 6);

}  // namespace rondo::ui
