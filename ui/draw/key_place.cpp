#include "ui/draw/key_place.h"

namespace rondo::ui {

int keyByPlace(const QString& platform, quint32 scanCode, int key) {
    // Key codes of X11 and Wayland are those of evdev plus 8.
    if (platform != QLatin1String("xcb") && !platform.startsWith(QLatin1String("wayland"))) return key;
    switch (scanCode) {
        case 25:
            return Qt::Key_W;
        case 38:
            return Qt::Key_A;
        case 39:
            return Qt::Key_S;
        case 40:
            return Qt::Key_D;
        case 34:
            return Qt::Key_BracketLeft;
        case 35:
            // Where + lies there (German), it zooms as + does everywhere; ] is then typed as such.
            return key == Qt::Key_Plus || key == Qt::Key_Asterisk ? key : int(Qt::Key_BracketRight);
        default:
            return key;
    }
}

}  // namespace rondo::ui
