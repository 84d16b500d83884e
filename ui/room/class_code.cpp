#include "ui/room/class_code.h"

#include <QFontDatabase>
#include <QPainter>
#include <algorithm>

namespace rondo::ui {

ClassCode::ClassCode(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void ClassCode::setCode(const QString& code) {
    if (code == code_) return;
    code_ = code;
    // Spelled out: read as a word nobody could type it.
    QStringList letters;
    for (const QChar letter : code) letters << QString(letter);
    setAccessibleName(tr("Join code: %1").arg(letters.join(QLatin1Char(' '))));
    update();
}

void ClassCode::setTheme(const Theme& theme) {
    theme_ = theme;
    update();
}

QFont ClassCode::fontFor(int pixels) const {
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setStyleHint(QFont::Monospace);
    font.setBold(true);
    font.setPixelSize(std::max(pixels, 8));
    return font;
}

int ClassCode::letterPixels() const {
    if (code_.isEmpty()) return 0;
    constexpr int kProbe = 100;
    const int wide = QFontMetrics(fontFor(kProbe)).horizontalAdvance(code_);
    const int byWidth = width() * kProbe / std::max(wide, 1);
    return std::max(8, std::min(byWidth, height() * 4 / 5));
}

void ClassCode::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setFont(fontFor(letterPixels()));
    painter.setPen(theme_.text);
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, code_);
}

}  // namespace rondo::ui
