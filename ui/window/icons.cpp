#include "ui/window/icons.h"

#include <QEvent>
#include <QFile>
#include <QPainter>
#include <QSvgRenderer>
#include <QWidget>

// The static library's resources are linked only when somebody names them. Outside of any namespace, as the
// macro asks.
static void nameResources() {
    Q_INIT_RESOURCE(rondo);
}

namespace rondo::ui {

QIcon icon(const QString& name, const QColor& colour) {
    nameResources();
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) return {};
    const QByteArray drawing = file.readAll();
    QIcon result;
    const auto add = [&](const QColor& ink, QIcon::Mode mode) {
        QByteArray tinted = drawing;
        tinted.replace("currentColor", ink.name().toLatin1());
        QSvgRenderer renderer(tinted);
        for (const int size : {16, 20, 32, 40}) {
            QPixmap picture(size, size);
            picture.fill(Qt::transparent);
            QPainter painter(&picture);
            painter.setOpacity(mode == QIcon::Disabled ? 0.4 : 1.0);
            renderer.render(&painter);
            painter.end();
            result.addPixmap(picture, mode);
        }
    };
    add(colour, QIcon::Normal);
    add(colour, QIcon::Disabled);
    return result;
}

bool WheelGuard::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::Wheel || static_cast<QWidget*>(watched)->hasFocus()) return false;
    event->ignore();
    return true;
}

}  // namespace rondo::ui
