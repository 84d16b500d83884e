#pragma once

#include <QKeyEvent>

namespace rondo::ui {

/// The second key for a context menu; of the first, Menu, the window system makes an event of its own.
inline bool isMenuKey(const QKeyEvent& event) {
    return event.key() == Qt::Key_F10 && event.modifiers() == Qt::ShiftModifier;
}

}  // namespace rondo::ui
