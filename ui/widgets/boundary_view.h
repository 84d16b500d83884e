#pragma once

#include <QImage>
#include <QWidget>

#include "ui/draw/theme.h"
#include "ui/store/focus.h"

namespace rondo::ui {

/// What is being learned. Two-dimensional data: the class the model gives to every place of the plane, deeper
/// where it is surer, under the training points (a shape a class). Images: some training samples with their
/// labels. Thread: GUI only.
class BoundaryView final : public QWidget {
    Q_OBJECT
  public:
    BoundaryView(const RunStore& store, Focus& focus, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QSize sizeHint() const override { return {300, 300}; }
    QSize minimumSizeHint() const override { return {180, 110}; }

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    void onChanged(const RunStore::Changes& changes);
    void paintPlane(QPainter& painter) const;
    void paintSheet(QPainter& painter) const;
    void makePictures();

    const RunStore& store_;
    Theme theme_ = Theme::light();
    QImage plane_;  ///< one pixel a cell
    QImage sheet_;  ///< all preview images in one row
};

}  // namespace rondo::ui
