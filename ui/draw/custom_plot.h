#pragma once

// QCustomPlot's header uses Qt's lower-case macros, which QT_NO_KEYWORDS takes away from the rest of this
// library.
#include <QtCore/qglobal.h>

#define signals Q_SIGNALS
#define slots Q_SLOTS
#define emit Q_EMIT
#define foreach Q_FOREACH
#include <qcustomplot.h>
#undef signals
#undef slots
#undef emit
#undef foreach
