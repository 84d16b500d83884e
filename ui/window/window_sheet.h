#pragma once

#include <QString>

#include "ui/draw/theme.h"

namespace rondo::ui {

/// The base style of the theme and the window's own rules (resources/themes/window.qss) in its colours.
QString windowSheet(const Theme& theme);

}  // namespace rondo::ui
