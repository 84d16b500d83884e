#include "ui/window/window_sheet.h"

#include <QFile>

#include "ui/window/icons.h"

namespace rondo::ui {

QString windowSheet(const Theme& theme) {
    icon(QStringLiteral("run"), theme.text);  // links the resources in
    QFile file(QStringLiteral(":/themes/window.qss"));
    if (!file.open(QIODevice::ReadOnly)) return styleSheetOf(theme);
    QString rules = QString::fromUtf8(file.readAll());
    const auto between = [](const QColor& a, const QColor& b) {
        return QColor((a.red() + b.red() + 1) / 2, (a.green() + b.green() + 1) / 2,
                      (a.blue() + b.blue() + 1) / 2);
    };
    const QColor field =
        theme.isDark ? between(theme.panel, theme.window) : theme.panel;  // as in the base style
    const std::pair<const char*, QColor> colours[] = {
        {"@field@", field},         {"@window@", theme.window}, {"@panel@", theme.panel},
        {"@raised@", theme.raised}, {"@text@", theme.text},     {"@mutedText@", theme.mutedText},
        {"@border@", theme.border}, {"@accent@", theme.accent}, {"@fault@", theme.fault},
    };
    // A tick is drawn in the ink of the accent's ground; a dark one where the accent is light.
    rules.replace(QLatin1String("@tick@"), theme.isDark ? QLatin1String("tick-on-dark") : QLatin1String("tick-on-light"));
    rules.replace(QLatin1String("@check@"), QString::number(theme.fontPixels + 1));
    for (const auto& [name, colour] : colours) rules.replace(QLatin1String(name), colour.name());
    return styleSheetOf(theme) + rules;
}

}  // namespace rondo::ui
