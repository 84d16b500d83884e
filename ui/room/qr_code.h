#pragma once

#include <QImage>
#include <QString>
#include <QWidget>

namespace rondo::ui {

/// The QR code of a text, one pixel a module, with the white margin of four modules that readers need. Null
/// for no text, and for one that is too long for any code.
QImage qrCode(const QString& text);

/// A QR code as large as there is room, each module the same number of pixels. Black on white in every theme:
/// many readers don't take another.
class QrPicture final : public QWidget {
    Q_OBJECT
  public:
    explicit QrPicture(QWidget* parent = nullptr);
    void setText(const QString& text);
    const QString& text() const { return text_; }
    QSize sizeHint() const override { return {160, 160}; }
    QSize minimumSizeHint() const override { return {96, 96}; }

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    QString text_;
    QImage modules_;
};

}  // namespace rondo::ui
