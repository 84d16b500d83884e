#pragma once

#include <QPixmap>
#include <QVector>

#include "ui/draw/custom_plot.h"
#include "ui/draw/theme.h"

namespace rondo::ui {

/// How a kept run is drawn, by its slot: colour, dashes and marks. Thirty slots differ in more than one of
/// them, so that no two are told apart by colour alone; the run on the screen is drawn without dashes.
struct RunStyle {
    QColor colour;
    QVector<qreal> dashes;  ///< in widths of the line
    QCPScatterStyle::ScatterShape mark = QCPScatterStyle::ssCircle;

    static constexpr int kColours = 5, kLines = 6;
    static RunStyle of(int slot, const Theme& theme);
    QPen pen(double width) const;
    QCPScatterStyle scatter(const Theme& theme) const;
    /// A piece of the line with a mark on it; of a group with the band of its range.
    QPixmap swatch(const Theme& theme, double ratio, bool band = false) const;
};

}  // namespace rondo::ui
