#pragma once

#include <QPainter>
#include <QRect>

#include "ui/draw/theme.h"

namespace rondo::ui {

/// The frame of a view that has the keyboard, drawn over its edge.
inline void paintFocusFrame(QPainter& painter, const QRect& view, const Theme& theme) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setClipping(false);
    for (const QRect& side : {QRect(view.left(), view.top(), view.width(), 2),
                              QRect(view.left(), view.bottom() - 1, view.width(), 2),
                              QRect(view.left(), view.top(), 2, view.height()),
                              QRect(view.right() - 1, view.top(), 2, view.height())}) {
        painter.fillRect(side, theme.accent);
    }
    painter.restore();
}

}  // namespace rondo::ui
