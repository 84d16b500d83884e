#pragma once

#include <QFontMetricsF>
#include <QPainter>
#include <QRectF>
#include <QString>
#include <functional>
#include <utility>
#include <vector>

#include "ui/draw/theme.h"

namespace rondo::ui {

/// A rectangle with an x and a y axis: maps values to pixels and back, and draws grid and tick texts.
struct PlotFrame {
    QRectF area;
    double xLow = 0, xHigh = 1, yLow = 0, yHigh = 1;  ///< high > low
    bool yIsPower = false;  ///< y counts powers of ten: ticks stand at 1, 2 and 5 times some of them

    double xOf(double value) const { return area.left() + (value - xLow) / (xHigh - xLow) * area.width(); }
    double yOf(double value) const { return area.bottom() - (value - yLow) / (yHigh - yLow) * area.height(); }
    double xAt(double pixel) const { return xLow + (pixel - area.left()) / area.width() * (xHigh - xLow); }

    /// The room tick texts need left of and below an area inside `outer`.
    static QRectF areaWithin(QRectF outer, const Theme& theme, double gutter);

    using Words = std::function<QString(double value, double step)>;
    /// The texts along x, as many as stand apart from each other.
    std::vector<std::pair<double, QString>> xTexts(const QFontMetricsF& metrics, const Words& words) const;
    void paintAxes(QPainter& painter, const Theme& theme, const Words& xWords, const Words& yWords) const;

  private:
    /// Where the text of a tick begins: under it, pulled inside at the edges.
    double leftOf(double value, double width) const;
};

}  // namespace rondo::ui
