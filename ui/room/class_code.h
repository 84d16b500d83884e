#pragma once

#include <QWidget>

#include "ui/draw/theme.h"

namespace rondo::ui {

/// The join code, as large as there is room: it is read from the last row. Letters of one width, so that
/// groups stand apart as they are typed.
class ClassCode final : public QWidget {
    Q_OBJECT
  public:
    explicit ClassCode(QWidget* parent = nullptr);
    void setCode(const QString& code);
    const QString& code() const { return code_; }
    void setTheme(const Theme& theme);
    /// Of the letters as they are drawn.
    int letterPixels() const;
    QSize sizeHint() const override { return {260, 56}; }
    QSize minimumSizeHint() const override { return {120, 28}; }

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    QFont fontFor(int pixels) const;

    Theme theme_ = Theme::light();
    QString code_;
};

}  // namespace rondo::ui
