#include "ui/draw/theme.h"

#include <QGuiApplication>
#include <cmath>

namespace rondo::ui {

namespace {

Theme makeLight() {
    Theme theme;
    theme.name = QStringLiteral("light");
    theme.window = QColor::fromRgb(0xeef0f3);
    theme.panel = QColor::fromRgb(0xffffff);
    theme.raised = QColor::fromRgb(0xf6f7f9);
    theme.text = QColor::fromRgb(0x1b1f24);
    theme.mutedText = QColor::fromRgb(0x59626e);
    theme.grid = QColor::fromRgb(0xe5e8ec);
    theme.border = QColor::fromRgb(0xd0d5dc);
    theme.accent = QColor::fromRgb(0x3451b2);
    theme.accentText = QColor::fromRgb(0xffffff);
    theme.fault = QColor::fromRgb(0xd55e00);
    theme.good = QColor::fromRgb(0x007a5a);
    theme.forward = QColor::fromRgb(0x0072b2);
    theme.backwardInput = QColor::fromRgb(0xe69f00);
    theme.backwardWeight = QColor::fromRgb(0x56b4e9);
    theme.update = QColor::fromRgb(0x56b4e9);
    theme.communication = QColor::fromRgb(0x1a1a1a);
    theme.load = QColor::fromRgb(0x009e73);
    theme.evaluate = QColor::fromRgb(0xcc79a7);
    theme.recompute = QColor::fromRgb(0x7fb2d6);
    theme.wait = QColor::fromRgb(0xececec);
    theme.waitHatch = QColor::fromRgb(0xb5bac1);
    theme.phaseOutline = QColor::fromRgb(0x3a424c);
    return theme;
}

Theme makeDark() {
    Theme theme = makeLight();
    theme.name = QStringLiteral("dark");
    theme.isDark = true;
    theme.window = QColor::fromRgb(0x14171c);
    theme.panel = QColor::fromRgb(0x1b1f26);
    theme.raised = QColor::fromRgb(0x252a33);
    theme.text = QColor::fromRgb(0xe8eaee);
    theme.mutedText = QColor::fromRgb(0x9aa4b2);
    theme.grid = QColor::fromRgb(0x2a303a);
    theme.border = QColor::fromRgb(0x3a414d);
    theme.accent = QColor::fromRgb(0x8da4ff);
    theme.accentText = QColor::fromRgb(0x10131a);
    theme.fault = QColor::fromRgb(0xff7f2a);
    theme.good = QColor::fromRgb(0x3fc79a);
    theme.forward = QColor::fromRgb(0x2f93d1);
    theme.communication = QColor::fromRgb(0xf2f2f2);
    theme.load = QColor::fromRgb(0x17b88a);
    theme.wait = QColor::fromRgb(0x2a2f38);
    theme.waitHatch = QColor::fromRgb(0x5a6370);
    theme.phaseOutline = QColor::fromRgb(0x0c0e12);
    return theme;
}

Theme makeProjector() {
    Theme theme = makeLight();
    theme.name = QStringLiteral("projector");
    theme.window = QColor::fromRgb(0xffffff);
    theme.raised = QColor::fromRgb(0xf2f2f2);
    theme.text = QColor::fromRgb(0x000000);
    theme.mutedText = QColor::fromRgb(0x333333);
    theme.grid = QColor::fromRgb(0xcfcfcf);
    theme.border = QColor::fromRgb(0x6b6b6b);
    theme.accent = QColor::fromRgb(0x0b2fa8);
    theme.fault = QColor::fromRgb(0xb94700);
    theme.communication = QColor::fromRgb(0x000000);
    theme.waitHatch = QColor::fromRgb(0x8a8a8a);
    theme.phaseOutline = QColor::fromRgb(0x000000);
    theme.fontPixels = 19;
    theme.lineWidth = 3;
    return theme;
}

double luminance(const QColor& colour) {
    const auto linear = [](double c) {
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
           0.0722 * linear(colour.blueF());
}

QFont fontOf(int pixels) {
    QFont font = QGuiApplication::font();
    font.setPixelSize(pixels);
    return font;
}

}  // namespace

QColor Theme::colourOf(Phase phase) const {
    switch (phase) {
        case Phase::Preprocess:
        case Phase::Partition:
        case Phase::Load:
            return load;
        case Phase::Forward:
            return forward;
        case Phase::BackwardInput:
            return backwardInput;
        case Phase::BackwardWeight:
            return backwardWeight;
        case Phase::Synchronise:
            return communication;
        case Phase::Update:
            return update;
        case Phase::Recompute:
            return recompute;
        case Phase::Evaluate:
            return evaluate;
        case Phase::Wait:
            return wait;
    }
    return mutedText;
}

double Theme::contrast(const QColor& a, const QColor& b) {
    const double one = luminance(a) + 0.05, other = luminance(b) + 0.05;
    return one > other ? one / other : other / one;
}

QColor Theme::inkOn(const QColor& ground) {
    const QColor black(17, 17, 17), white(Qt::white);
    // White is kept while it reads well enough: on the middle blue of Forward both do, and white is what
    // people expect.
    return contrast(white, ground) >= 4.5 || contrast(white, ground) > contrast(black, ground) ? white
                                                                                               : black;
}

const Theme& Theme::light() {
    static const Theme theme = makeLight();
    return theme;
}
const Theme& Theme::dark() {
    static const Theme theme = makeDark();
    return theme;
}
const Theme& Theme::projector() {
    static const Theme theme = makeProjector();
    return theme;
}
const Theme& Theme::byName(const QString& name) {
    if (name == dark().name) return dark();
    if (name == projector().name) return projector();
    return light();
}

QFont bodyFont(const Theme& theme) {
    return fontOf(theme.fontPixels);
}
QFont captionFont(const Theme& theme) {
    return fontOf(theme.fontPixels - 2);
}
QFont titleFont(const Theme& theme) {
    QFont font = fontOf(theme.fontPixels);
    font.setWeight(QFont::DemiBold);
    return font;
}

QPalette paletteOf(const Theme& theme) {
    QPalette palette;
    palette.setColor(QPalette::Window, theme.window);
    palette.setColor(QPalette::WindowText, theme.text);
    palette.setColor(QPalette::Base, theme.panel);
    palette.setColor(QPalette::AlternateBase, theme.raised);
    palette.setColor(QPalette::Text, theme.text);
    palette.setColor(QPalette::PlaceholderText, theme.mutedText);
    palette.setColor(QPalette::Button, theme.raised);
    palette.setColor(QPalette::ButtonText, theme.text);
    palette.setColor(QPalette::BrightText, theme.fault);
    palette.setColor(QPalette::ToolTipBase, theme.raised);
    palette.setColor(QPalette::ToolTipText, theme.text);
    palette.setColor(QPalette::Highlight, theme.accent);
    palette.setColor(QPalette::HighlightedText, theme.accentText);
    palette.setColor(QPalette::Link, theme.accent);
    palette.setColor(QPalette::LinkVisited, theme.accent);
    palette.setColor(QPalette::Mid, theme.border);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, theme.mutedText);
    }
    return palette;
}

}  // namespace rondo::ui
