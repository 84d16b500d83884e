#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

#include "engine/events/event.h"

namespace rondo::ui {

/// Colours and type of the window. The phase colours keep apart under the three common kinds of colour
/// blindness; they are never the only sign: a name, a hatch or a mark goes with each (see phase_words.h,
/// phase_mark.h).
struct Theme {
    QString name;                          ///< "light", "dark", "projector": what settings store
    QColor window, panel, raised;          ///< from the back to the front
    QColor text, mutedText, grid, border;  ///< mutedText keeps 4.5:1 on `panel`
    QColor accent, accentText;             ///< of the one main action, and of what is selected
    QColor fault, good;                    ///< fault always comes with an icon or a word
    QColor forward, backwardInput, backwardWeight,
        update;  ///< of the phases, and of what stands for them elsewhere
    QColor communication, load, evaluate, recompute;
    QColor wait, waitHatch;  ///< ground and lines of the hatch
    QColor phaseOutline;     ///< around the light phase colours
    int fontPixels = 13;     ///< body text; captions take 2 less
    double lineWidth = 1.5;  ///< of a curve, in logical pixels
    bool isDark = false;

    QColor colourOf(Phase phase) const;
    /// Black or white, whichever reads better on `ground`.
    static QColor inkOn(const QColor& ground);
    /// WCAG 2 contrast ratio, 1 to 21.
    static double contrast(const QColor& a, const QColor& b);

    static const Theme& light();
    static const Theme& dark();
    static const Theme& projector();  ///< light, high contrast, large type and thick lines
    /// Light when the name is unknown.
    static const Theme& byName(const QString& name);
};

QFont bodyFont(const Theme& theme);
QFont captionFont(const Theme& theme);  ///< axis and gutter texts
QFont titleFont(const Theme& theme);

QPalette paletteOf(const Theme& theme);
/// For QApplication or the main window. A QPushButton or QToolButton with the property accent=true is the
/// main action.
QString styleSheetOf(const Theme& theme);

}  // namespace rondo::ui
