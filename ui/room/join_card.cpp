#include "ui/room/join_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>

#include "ui/room/join_words.h"
#include "ui/window/icons.h"

namespace rondo::ui {

JoinCard::JoinCard(JoinProcess& process, QWidget* parent) : QFrame(parent), process_(process) {
    const bool worker = process_.role() == JoinProcess::Role::Worker;
    setObjectName(worker ? QStringLiteral("joinCard") : QStringLiteral("watchCard"));
    setProperty("card", true);
    setAttribute(Qt::WA_StyledBackground);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(12, 4, 8, 4);
    line->setSpacing(8);
    icon_ = new QLabel;
    text_ = new QLabel;
    text_->setTextFormat(Qt::RichText);
    text_->setWordWrap(true);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    line->addWidget(icon_);
    line->addWidget(text_, 1);
    const auto button = [&](const QString& words, const char* name) {
        auto* made = new QPushButton(words);
        made->setObjectName(QLatin1String(name));
        line->addWidget(made);
        return made;
    };
    now_ = button(tr("Dial now"), "dialNow");
    watch_ = button(tr("Watch it too"), "watchToo");
    watch_->setToolTip(tr("Show the class's runs in this window"));
    again_ = button(worker ? tr("Join again…") : tr("Watch again…"), "joinAgain");
    leave_ = button({}, "leaveClass");
    close_ = new QToolButton;
    close_->setAutoRaise(true);
    close_->setToolTip(tr("Close this line"));
    close_->setAccessibleName(tr("Close this line"));
    line->addWidget(close_);
    connect(now_, &QPushButton::clicked, &process_, &JoinProcess::dialNow);
    connect(watch_, &QPushButton::clicked, this, &JoinCard::watchWanted);
    connect(again_, &QPushButton::clicked, this, &JoinCard::againWanted);
    connect(leave_, &QPushButton::clicked, &process_, &JoinProcess::leave);
    connect(close_, &QToolButton::clicked, &process_, &JoinProcess::leave);
    connect(&process_, &JoinProcess::changed, this, &JoinCard::refresh);
    refresh();
}

void JoinCard::setTheme(const Theme& theme) {
    theme_ = theme;
    close_->setIcon(icon(QStringLiteral("close"), theme.mutedText));
    refresh();
}

void JoinCard::setLost(quint64 samples) {
    if (lost_ == samples) return;
    lost_ = samples;
    refresh();
}

void JoinCard::offerWatching(bool on) {
    offersWatching_ = on;
    refresh();
}

QString JoinCard::title() const {
    return cardWords(process_, lost_).title;
}

QString JoinCard::detail() const {
    return cardWords(process_, lost_).detail;
}

void JoinCard::refresh() {
    using State = JoinProcess::State;
    const bool worker = process_.role() == JoinProcess::Role::Worker;
    const State state = process_.state();
    const CardWords words = cardWords(process_, lost_);
    setVisible(!words.title.isEmpty());
    text_->setText(
        QStringLiteral("<b>%1</b> &nbsp;%2").arg(words.title.toHtmlEscaped(), words.detail.toHtmlEscaped()));
    setAccessibleName(words.title + QStringLiteral(". ") + words.detail);
    icon_->setPixmap(icon(words.trouble ? QStringLiteral("warning") : QStringLiteral("topology"),
                          words.trouble ? theme_.fault : theme_.accent)
                         .pixmap(16, 16));
    now_->setVisible(state == State::Lost && !worker);
    watch_->setVisible(state == State::Joined && worker && offersWatching_);
    again_->setVisible(state == State::Away);
    leave_->setVisible(state != State::Away);
    close_->setVisible(state == State::Away);
    leave_->setText(state == State::Dialling ? tr("Cancel") : worker ? tr("Leave") : tr("Stop watching"));
    if (property("trouble").toBool() == words.trouble) return;
    setProperty("trouble", words.trouble);
    style()->unpolish(this);
    style()->polish(this);
}

}  // namespace rondo::ui
