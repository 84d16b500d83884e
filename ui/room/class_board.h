#pragma once

#include <QDialog>

#include "ui/draw/theme.h"
#include "ui/room/room_store.h"

class QLabel;

namespace rondo::ui {

class ClassCode;
class QrPicture;

/// What a class needs to join, for a projector: code, address, line and QR code over the whole screen, and
/// how many have come. Esc closes it.
class ClassBoard final : public QDialog {
    Q_OBJECT
  public:
    ClassBoard(const RoomStore& room, const Theme& theme, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);

  protected:
    void resizeEvent(QResizeEvent*) override;

  private:
    void refresh();
    void fit();

    const RoomStore& room_;
    QrPicture* qr_;
    ClassCode* code_;
    QLabel *title_, *address_, *line_, *count_;
};

}  // namespace rondo::ui
