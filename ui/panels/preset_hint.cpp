#include "ui/panels/preset_hint.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include "ui/window/icons.h"

namespace rondo::ui {

PresetHint::PresetHint(QWidget* parent) : QFrame(parent) {
    setObjectName(QStringLiteral("presetHint"));
    setAttribute(Qt::WA_StyledBackground);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(12, 3, 6, 3);
    line->setSpacing(8);
    icon_ = new QLabel(this);
    text_ = new QLabel(this);
    text_->setWordWrap(true);
    text_->setTextFormat(Qt::RichText);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    close_ = new QToolButton(this);
    close_->setAutoRaise(true);
    close_->setToolTip(tr("Close this hint; choosing the preset again shows it"));
    close_->setAccessibleName(tr("Close the hint"));
    connect(close_, &QToolButton::clicked, this, &PresetHint::clear);
    line->addWidget(icon_);
    line->addWidget(text_, 1);
    line->addWidget(close_);
    refresh();
}

void PresetHint::setTheme(const Theme& theme) {
    icon_->setPixmap(icon(QStringLiteral("presets"), theme.accent).pixmap(16, 16));
    close_->setIcon(icon(QStringLiteral("close"), theme.mutedText));
}

void PresetHint::set(const Preset& preset, const QString& name) {
    preset_ = preset;
    presetName_ = name_ = name;
    refresh();
}

void PresetHint::clear() {
    set({}, {});
}

void PresetHint::showFor(const QString& name) {
    name_ = name;
    refresh();
}

void PresetHint::giveWay(bool on) {
    givesWay_ = on;
    refresh();
}

QString PresetHint::text() const {
    return isHidden() ? QString() : preset_.hint;
}

void PresetHint::refresh() {
    text_->setText(
        QStringLiteral("<b>%1:</b> %2").arg(preset_.title.toHtmlEscaped(), preset_.hint.toHtmlEscaped()));
    setAccessibleName(preset_.hint);
    setVisible(!preset_.hint.isEmpty() && name_ == presetName_ && !givesWay_);
}

}  // namespace rondo::ui
