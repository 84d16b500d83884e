#include "ui/room/qr_code.h"

#include <qrencode.h>

#include <QPainter>
#include <memory>

namespace rondo::ui {

QImage qrCode(const QString& text) {
    constexpr int kMargin = 4;
    if (text.isEmpty()) return {};
    struct Free {
        void operator()(QRcode* code) const { QRcode_free(code); }
    };
    // Level M: a code on a projector is seen at an angle, and through a dirty lens.
    const std::unique_ptr<QRcode, Free> code(
        QRcode_encodeString(text.toUtf8().constData(), 0, QR_ECLEVEL_M, QR_MODE_8, 1));
    if (!code) return {};
    QImage image(code->width + 2 * kMargin, code->width + 2 * kMargin, QImage::Format_RGB32);
    image.fill(Qt::white);
    for (int y = 0; y < code->width; ++y)
        for (int x = 0; x < code->width; ++x)
            if (code->data[y * code->width + x] & 1) image.setPixel(x + kMargin, y + kMargin, qRgb(0, 0, 0));
    return image;
}

QrPicture::QrPicture(QWidget* parent) : QWidget(parent) {
    QSizePolicy square(QSizePolicy::Preferred, QSizePolicy::Preferred);
    setSizePolicy(square);
    setAccessibleName(tr("QR code of the line to join by"));
}

void QrPicture::setText(const QString& text) {
    if (text == text_) return;
    text_ = text;
    modules_ = qrCode(text);
    setToolTip(text);
    update();
}

void QrPicture::paintEvent(QPaintEvent*) {
    if (modules_.isNull()) return;
    QPainter painter(this);
    // In pixels of the screen: a module that is smeared over two can't be read.
    const double ratio = devicePixelRatioF();
    const int room = static_cast<int>(std::min(width(), height()) * ratio);
    const int module = std::max(1, room / modules_.width());
    const double side = module * modules_.width() / ratio;
    const QRectF place(std::round((width() - side) / 2), std::round((height() - side) / 2), side, side);
    painter.drawImage(place, modules_);
}

}  // namespace rondo::ui
