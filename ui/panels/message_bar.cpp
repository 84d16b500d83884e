#include "ui/panels/message_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QToolButton>
#include <algorithm>

#include "ui/window/icons.h"

namespace rondo::ui {

namespace {
constexpr int kInformationMs = 8000;
constexpr std::size_t kMost = 20;
}  // namespace

MessageBar::MessageBar(QWidget* parent) : QFrame(parent) {
    setObjectName(QStringLiteral("messageBar"));
    setAttribute(Qt::WA_StyledBackground);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(10, 6, 6, 6);
    line->setSpacing(8);
    icon_ = new QLabel(this);
    text_ = new QLabel(this);
    text_->setWordWrap(true);
    text_->setTextFormat(Qt::PlainText);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    more_ = new QLabel(this);
    more_->setProperty("muted", true);
    close_ = new QToolButton(this);
    close_->setAutoRaise(true);
    close_->setToolTip(tr("Close this message (Esc)"));
    close_->setAccessibleName(tr("Close this message"));
    connect(close_, &QToolButton::clicked, this, &MessageBar::dismiss);
    line->addWidget(icon_, 0, Qt::AlignTop);
    line->addWidget(text_, 1);
    line->addWidget(more_);
    line->addWidget(close_, 0, Qt::AlignTop);
    fade_.setSingleShot(true);
    fade_.setInterval(kInformationMs);
    connect(&fade_, &QTimer::timeout, this, [this] {
        if (severity() == Severity::Information) dismiss();
    });
    hide();
}

void MessageBar::setTheme(const Theme& theme) {
    theme_ = theme;
    close_->setIcon(icon(QStringLiteral("close"), theme.mutedText));
    refresh();
}

void MessageBar::show(Severity severity, const QString& text) {
    const auto same =
        std::find_if(messages_.begin(), messages_.end(), [&](const Message& m) { return m.text == text; });
    if (same != messages_.end()) messages_.erase(same);
    messages_.push_back({severity, text});
    if (messages_.size() > kMost) messages_.erase(messages_.begin());
    refresh();
}

void MessageBar::dismiss() {
    if (!messages_.empty()) messages_.pop_back();
    refresh();
}

void MessageBar::withdraw(const QString& text) {
    std::erase_if(messages_, [&](const Message& m) { return m.text == text; });
    refresh();
}

void MessageBar::dismissAll() {
    messages_.clear();
    refresh();
}

QString MessageBar::text() const {
    return messages_.empty() ? QString() : messages_.back().text;
}

Severity MessageBar::severity() const {
    return messages_.empty() ? Severity::Information : messages_.back().severity;
}

void MessageBar::refresh() {
    fade_.stop();
    setVisible(!messages_.empty());
    Q_EMIT countChanged(count());
    if (messages_.empty()) return;
    static const char* names[] = {"information", "warning", "error"};
    const bool mild = severity() == Severity::Information;
    icon_->setPixmap(
        icon(QString::fromLatin1(names[static_cast<int>(severity())]), mild ? theme_.accent : theme_.fault)
            .pixmap(18, 18));
    text_->setText(text());
    setAccessibleName(text());
    more_->setText(tr("%1 more").arg(count() - 1));
    more_->setVisible(count() > 1);
    if (property("severity") != static_cast<int>(severity())) {
        setProperty("severity", static_cast<int>(severity()));
        style()->unpolish(this);
        style()->polish(this);
    }
    if (mild) fade_.start();
}

}  // namespace rondo::ui
