#include "ui/setup/number_edit.h"

#include <QLineEdit>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace rondo::ui {

NumberEdit::NumberEdit(Limits limits, QWidget* parent) : QAbstractSpinBox(parent), limits_(limits) {
    setFocusPolicy(Qt::StrongFocus);  // the wheel scrolls the form, it never changes a field one passes over
    connect(lineEdit(), &QLineEdit::textEdited, this, &NumberEdit::edited);
}

void NumberEdit::setTyped(const QString& text) {
    if (lineEdit()->text() != text) lineEdit()->setText(text);
}

void NumberEdit::setPlaceholder(const QString& text) {
    lineEdit()->setPlaceholderText(text);
}

double NumberEdit::stepped(double value, bool up, const Limits& limits) {
    const double sign = up ? 1 : -1;
    if (limits.whole && std::abs(value) < 20) return value + sign;
    if (std::isfinite(limits.high) && limits.high <= 1 && limits.low >= 0)
        return std::round((value + sign * 0.05) * 1e6) / 1e6;
    if (value == 0) return up ? (limits.whole ? 1 : 0.1) : -0.1;
    // The neighbour in the series 1, 2, 5, 10, …; a value between two goes to the next of them.
    const double size = std::abs(value);
    const bool grow = (value > 0) == up;
    const double decade = std::pow(10.0, std::floor(std::log10(size * (1 + 1e-9))));
    double next = grow ? 10 * decade : decade / 2;
    if (grow) {
        for (const double factor : {5.0, 2.0})
            if (factor * decade > size * (1 + 1e-9)) next = factor * decade;
    } else {
        for (const double factor : {1.0, 2.0, 5.0})
            if (factor * decade < size * (1 - 1e-9)) next = factor * decade;
    }
    if (limits.whole) next = std::round(next);
    return value < 0 ? -next : next;
}

void NumberEdit::stepBy(int steps) {
    bool number = false;
    double value = text().toDouble(&number);
    if (!number) value = std::isfinite(limits_.low) ? std::max(limits_.low, 0.0) : 0.0;
    for (int i = 0; i < std::abs(steps); ++i) value = stepped(value, steps > 0, limits_);
    value = std::clamp(value, limits_.low, limits_.high);
    setTyped(limits_.whole ? QString::number(static_cast<qint64>(value)) : QString::number(value, 'g', 12));
    selectAll();
    Q_EMIT edited(text());
}

void NumberEdit::wheelEvent(QWheelEvent* event) {
    if (hasFocus())
        QAbstractSpinBox::wheelEvent(event);
    else
        event->ignore();
}

}  // namespace rondo::ui
