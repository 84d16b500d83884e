#include "ui/draw/theme.h"

namespace rondo::ui {

namespace {

// @names are colours of the theme, $names lengths that grow with its type.
constexpr const char* kRules = R"(
* { font-size: $body; }
QMainWindow, QDialog { background: @window; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
QMainWindow::separator { background: @window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: @border; }
QSplitter::handle { background: @window; }
QSplitter::handle:hover { background: @border; }
QSplitter::handle:horizontal { width: 6px; }
QSplitter::handle:vertical { height: 6px; }

QToolBar { background: @panel; border: none; border-bottom: 1px solid @border; spacing: 4px; padding: 5px 8px; }
QToolBar::separator { background: @border; width: 1px; margin: 4px 6px; }
QToolButton, QPushButton { color: @text; background: transparent; border: 1px solid transparent; border-radius: 6px;
    padding: $padY $padX; }
QPushButton { background: @raised; border-color: @border; }
QToolButton:hover, QPushButton:hover { background: @hover; }
QToolButton:pressed, QPushButton:pressed { background: @pressed; }
QToolButton:checked { background: @chosen; border-color: @accent; color: @text; }
QToolButton:focus, QPushButton:focus { border-color: @accent; }
QToolButton:disabled, QPushButton:disabled { color: @disabled; }
QPushButton[accent="true"], QToolButton[accent="true"] { background: @accent; color: @accentText;
    border-color: @accent; font-weight: 600; }
QPushButton[accent="true"]:hover, QToolButton[accent="true"]:hover { background: @accentHover; }
QPushButton[accent="true"]:focus, QToolButton[accent="true"]:focus { border: 2px solid @text; }
QPushButton[accent="true"]:disabled, QToolButton[accent="true"]:disabled { background: @raised; color: @disabled;
    border-color: @border; }
QToolButton[popupMode="1"], QToolButton[popupMode="2"] { padding-right: 18px; }
QToolButton::menu-indicator { subcontrol-position: right center; right: 4px; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: @field; color: @text;
    border: 1px solid @border; border-radius: 5px; padding: 3px 6px; selection-background-color: @accent;
    selection-color: @accentText; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
    border: 2px solid @accent; padding: 2px 5px; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: @disabled; background: @window; }
QLineEdit[fault="true"], QAbstractSpinBox[fault="true"], QComboBox[fault="true"] { border: 2px solid @fault; }
QComboBox { padding-right: 20px; combobox-popup: 0; }
QComboBox:focus { padding-right: 19px; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow, QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { width: 0; height: 0; image: none;
    border-left: 4px solid @field; border-right: 4px solid @field; border-top: 5px solid @mutedText; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { width: 0; height: 0; image: none;
    border-left: 4px solid @field; border-right: 4px solid @field; border-bottom: 5px solid @mutedText; }
QAbstractSpinBox { padding-right: 18px; }
QAbstractSpinBox:focus { padding-right: 17px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: 16px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QComboBox QAbstractItemView { background: @panel; color: @text; border: 1px solid @border; outline: none;
    selection-background-color: @chosen; selection-color: @text; }
QComboBox QAbstractItemView::item { background: @panel; padding: 2px 6px; min-height: $line; }
QComboBox QAbstractItemView::item:selected { background: @chosen; color: @text; }

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { color: @mutedText; background: transparent; border: 2px solid transparent; padding: 4px $tabX; margin: 0 2px; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; font-weight: 600; }
QTabBar::tab:focus { border-color: @accent; }
QTabWidget::pane { border: none; border-top: 1px solid @border; background: @panel; }

QDockWidget { color: @mutedText; titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: @window; padding: 5px 8px; text-align: left; }

QMenuBar { background: @panel; color: @text; border-bottom: 1px solid @border; }
QMenuBar::item { padding: 5px 9px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @panel; color: @text; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 22px; border-radius: 4px; }
QMenu::item:selected { background: @chosen; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QStatusBar { background: @panel; color: @mutedText; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @mutedText; padding: 0 6px; }

QTableView { background: @panel; color: @text; border: none; outline: none; selection-background-color: @chosen;
    selection-color: @text; }
QTableView:focus { border: 2px solid @accent; }
QTableView::item { padding: 0 4px; border: none; }
QTableView::item:selected { background: @chosen; color: @text; }
QHeaderView { background: @panel; }
QHeaderView::section { background: @panel; color: @mutedText; border: none; border-bottom: 1px solid @border;
    padding: 2px 6px; }

QScrollArea, QAbstractScrollArea { background: @panel; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: @thumb; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @mutedText; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSlider { border: 2px solid transparent; border-radius: 5px; }
QSlider:focus { border-color: @accent; }
QSlider::groove:horizontal { height: 4px; background: @border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { background: @panel; border: 2px solid @accent; width: 12px; height: 12px;
    margin: -6px 0; border-radius: 8px; }
QSlider::handle:horizontal:disabled { border-color: @border; }
QSlider::sub-page:horizontal:disabled { background: @border; }
QCheckBox, QRadioButton { border: 2px solid transparent; border-radius: 5px; padding: 1px 2px; }
QCheckBox:focus, QRadioButton:focus { border-color: @accent; }
QProgressBar { background: @border; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QGroupBox { border: none; margin-top: 1.4em; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; }
)";

QColor mixed(const QColor& a, const QColor& b, double share) {
    const auto mix = [share](int x, int y) { return static_cast<int>(x * (1 - share) + y * share + 0.5); };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

}  // namespace

QString styleSheetOf(const Theme& theme) {
    const QColor field = theme.isDark ? mixed(theme.panel, theme.window, 0.5) : theme.panel;
    // Longer names first, so that @accentText is not taken for @accent.
    const std::pair<const char*, QColor> colours[] = {
        {"@accentHover", mixed(theme.accent, theme.text, 0.15)},
        {"@accentText", theme.accentText},
        {"@accent", theme.accent},
        {"@mutedText", theme.mutedText},
        {"@disabled", mixed(theme.mutedText, theme.panel, 0.4)},
        {"@pressed", mixed(theme.raised, theme.text, 0.16)},
        {"@chosen", mixed(theme.panel, theme.accent, theme.isDark ? 0.28 : 0.14)},
        {"@window", theme.window},
        {"@raised", theme.raised},
        {"@border", theme.border},
        {"@hover", mixed(theme.raised, theme.text, 0.08)},
        {"@thumb", mixed(theme.border, theme.mutedText, 0.25)},
        {"@panel", theme.panel},
        {"@fault", theme.fault},
        {"@field", field},
        {"@text", theme.text},
    };
    QString sheet = QString::fromLatin1(kRules);
    for (const auto& [name, colour] : colours) sheet.replace(QLatin1String(name), colour.name());
    sheet.replace(QLatin1String("$body"), QString::number(theme.fontPixels) + QLatin1String("px"));
    sheet.replace(QLatin1String("$line"), QString::number(theme.fontPixels * 3 / 2) + QLatin1String("px"));
    sheet.replace(QLatin1String("$tabX"), QString::number(theme.fontPixels / 2 - 1) + QLatin1String("px"));
    sheet.replace(QLatin1String("$padY"), QString::number(theme.fontPixels / 3) + QLatin1String("px"));
    sheet.replace(QLatin1String("$padX"), QString::number(theme.fontPixels * 3 / 4) + QLatin1String("px"));
    return sheet;
}

}  // namespace rondo::ui
