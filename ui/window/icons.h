#pragma once

#include <QColor>
#include <QIcon>
#include <QObject>

namespace rondo::ui {

/// One of resources/icons, drawn in `colour`; grey where disabled. `name` without folder and suffix.
QIcon icon(const QString& name, const QColor& colour);

/// Keeps the wheel from changing a field the pointer passes over while a form is scrolled; with focus it
/// works.
class WheelGuard final : public QObject {
  public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override;
};

}  // namespace rondo::ui
