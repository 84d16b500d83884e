#pragma once

#include <QString>

namespace rondo::ui {

/// W, A, S, D and the brackets by their place on the keyboard, so that they lie alike on every layout; other
/// keys, and platforms whose scan codes aren't those of evdev, by what is printed on them. `key` as Qt has
/// it.
int keyByPlace(const QString& platform, quint32 scanCode, int key);

}  // namespace rondo::ui
