#pragma once

#include <QPainter>
#include <QRectF>
#include <QString>
#include <span>

#include "ui/draw/fault_layout.h"
#include "ui/draw/theme.h"

namespace rondo::ui {

/// Over a chart: a faint band while a fault was felt, a line with the sign of a fault where it began, and its
/// name as far as there is room for it; `below`: pixels from the top that are taken by other words.
void paintFaults(QPainter& painter, const FaultLayout& layout, std::span<const FaultHappened> faults,
                 int workers, const QRectF& area, const Theme& theme, double below = 0);

/// What a pointer there tells: each fault with its time and what the algorithm makes of it, the first few of
/// many.
QString faultTips(std::span<const FaultHappened> faults, std::span<const std::size_t> which,
                  const RunSpec& spec, int workers);

}  // namespace rondo::ui
