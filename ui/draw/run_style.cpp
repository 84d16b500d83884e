#include "ui/draw/run_style.h"

#include <array>

namespace rondo::ui {

namespace {

// Far enough apart from each other, and from the blue and orange of the run on the screen, for the three
// common kinds of colour blindness too (tst_run_style measures it), and dark or light enough for words.
constexpr std::array<QRgb, RunStyle::kColours> kOnLight{0xff008060, 0xffb8458f, 0xff6b4a00, 0xff4b3fa8,
                                                        0xff1b1f24};
constexpr std::array<QRgb, RunStyle::kColours> kOnDark{0xff2fd0a0, 0xfff08cc8, 0xffc8a878, 0xffa79bff,
                                                       0xffe8eaee};

}  // namespace

RunStyle RunStyle::of(int slot, const Theme& theme) {
    static const std::array<QVector<qreal>, kLines> dashes{
        QVector<qreal>{5, 2.5}, {1.5, 2}, {8, 2.5, 1.5, 2.5}, {11, 4}, {2.5, 2.5}, {6, 2, 1.5, 2, 1.5, 2}};
    using Style = QCPScatterStyle;
    static constexpr std::array<Style::ScatterShape, kLines> marks{
        Style::ssCircle, Style::ssSquare, Style::ssTriangle,
        Style::ssCross,  Style::ssPlus,   Style::ssTriangleInverted};
    const auto line = static_cast<std::size_t>(slot % kLines);
    const auto colour = static_cast<std::size_t>(slot % kColours);
    return {QColor::fromRgb(theme.isDark ? kOnDark[colour] : kOnLight[colour]), dashes[line], marks[line]};
}

QPen RunStyle::pen(double width) const {
    QPen pen(colour, width);
    pen.setDashPattern(dashes);
    pen.setCapStyle(Qt::FlatCap);
    return pen;
}

QCPScatterStyle RunStyle::scatter(const Theme& theme) const {
    return {mark, QPen(colour, 1.3), QBrush(theme.panel), theme.fontPixels * 0.5};
}

QPixmap RunStyle::swatch(const Theme& theme, double ratio, bool band) const {
    const QSize size(theme.fontPixels * 5 / 2, theme.fontPixels);
    QPixmap picture(size * ratio);
    picture.setDevicePixelRatio(ratio);
    picture.fill(Qt::transparent);
    QCPPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    if (band) {
        QColor faint = colour;
        faint.setAlpha(70);
        painter.fillRect(QRectF(0, size.height() * 0.15, size.width(), size.height() * 0.7), faint);
    }
    painter.setPen(pen(theme.lineWidth + 0.3));
    painter.drawLine(QPointF(0, size.height() / 2.0), QPointF(size.width(), size.height() / 2.0));
    const QCPScatterStyle style = scatter(theme);
    style.applyTo(&painter, painter.pen());
    style.drawShape(&painter, size.width() / 2.0, size.height() / 2.0);
    return picture;
}

}  // namespace rondo::ui
