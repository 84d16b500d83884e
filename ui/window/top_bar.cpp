#include "ui/window/top_bar.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "ui/window/icons.h"

namespace rondo::ui {

namespace {

constexpr int kSlider = 104;  ///< width of the speed, where there is room

constexpr double kSlower[] = {1000, 500, 200, 100, 50, 20, 10, 5, 2, 1};  ///< how many times, by place
constexpr int kPerDecade = 3;
constexpr int kReal = 9;         ///< the slider's place of 1×
constexpr int kMax = kReal + 1;  ///< as fast as it goes

QFrame* divider() {
    auto* line = new QFrame;
    line->setFrameShape(QFrame::VLine);
    line->setProperty("divider", true);
    line->setFixedHeight(22);
    return line;
}

}  // namespace

TopBar::TopBar(const Actions& actions, QMenu* topologies, QMenu* presets, QWidget* parent)
    : QFrame(parent), chosen_(kMax), actions_(actions) {
    setObjectName(QStringLiteral("topBar"));
    setAttribute(Qt::WA_StyledBackground);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(12, 6, 12, 6);
    line->setSpacing(6);

    run_ = new QPushButton;
    run_->setObjectName(QStringLiteral("runButton"));
    run_->setProperty("accent", "true");
    run_->setMinimumWidth(104);
    run_->setIconSize({16, 16});
    connect(run_, &QPushButton::clicked, actions.run, &QAction::trigger);
    const auto follow = [this, action = actions.run] {
        run_->setText(action->text());
        run_->setEnabled(action->isEnabled());
        run_->setToolTip(action->toolTip());
        run_->setAccessibleName(action->text());
    };
    connect(actions.run, &QAction::changed, run_, follow);
    follow();
    line->addWidget(run_);
    line->addWidget(buttonFor(actions.step));
    line->addWidget(buttonFor(actions.stop));
    line->addWidget(buttonFor(actions.replay));
    line->addWidget(buttonFor(actions.reset));
    line->addWidget(divider());

    auto* speedLabel = new QLabel(tr("Spee&d"));
    slider_ = new QSlider(Qt::Horizontal);
    slider_->setObjectName(QStringLiteral("speedSlider"));
    slider_->setRange(0, kMax);
    slider_->setValue(kMax);
    slider_->setPageStep(kPerDecade);
    slider_->setAccessibleName(tr("Speed of virtual time or of a recording"));
    speedLabel->setBuddy(slider_);
    speedText_ = new QLabel;
    connect(slider_, &QSlider::valueChanged, this, [this](int place) {
        chosen_ = place;
        showSpeed();
        Q_EMIT speedChanged(speed());
    });
    line->addWidget(speedLabel);
    line->addWidget(slider_);
    line->addWidget(speedText_);
    line->addWidget(divider());

    badge_ = new QLabel;
    badge_->setObjectName(QStringLiteral("badge"));
    badge_->setAlignment(Qt::AlignCenter);
    line->addWidget(badge_);
    status_ = new QLabel;
    status_->setObjectName(QStringLiteral("runStatus"));
    status_->setTextFormat(Qt::PlainText);
    status_->setMinimumWidth(40);
    status_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    status_->installEventFilter(this);
    line->addWidget(status_, 1);

    topologies_ = buttonFor(topologies, tr("Topology"), tr("How gradients are shared in the next run"));
    presets_ = buttonFor(presets, tr("Presets"), tr("Runs that are ready to go"));
    line->addWidget(topologies_);
    line->addWidget(presets_);
    showSpeed();
    setBadge(Badge::None, false);
}

QToolButton* TopBar::buttonFor(QAction* action) {
    auto* button = new QToolButton;
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setAccessibleName(action->text());
    return button;
}

QToolButton* TopBar::buttonFor(QMenu* menu, const QString& text, const QString& tip) {
    auto* button = new QToolButton;
    button->setText(text);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setPopupMode(QToolButton::InstantPopup);
    button->setMenu(menu);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setToolTip(tip);
    button->setAccessibleName(text);
    return button;
}

void TopBar::setTheme(const Theme& theme) {
    actions_.step->setIcon(icon(QStringLiteral("step"), theme.text));
    actions_.stop->setIcon(icon(QStringLiteral("stop"), theme.text));
    actions_.reset->setIcon(icon(QStringLiteral("reset"), theme.text));
    actions_.replay->setIcon(icon(QStringLiteral("replay"), theme.text));
    badge_->setFixedSize(theme.fontPixels * 6, theme.fontPixels * 9 / 5);
    speedText_->setFixedWidth(theme.fontPixels * 9 / 2);
    topologies_->setIcon(icon(QStringLiteral("topology"), theme.text));
    presets_->setIcon(icon(QStringLiteral("presets"), theme.text));
    fitButtons();
}

void TopBar::fitButtons() {
    // What the run does comes before the words of buttons whose pictures say the same. Decided by the longest
    // usual status, so that nothing moves while a run goes on.
    for (QToolButton* button : findChildren<QToolButton*>())
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    slider_->setFixedWidth(kSlider);
    const int status =
        status_->fontMetrics().horizontalAdvance(tr("Finished · test accuracy 97.5 % · 99.9 ms"));
    const int badge = badge_->isHidden() ? badge_->width() + layout()->spacing() : 0;
    const auto crowded = [&] {
        layout()->activate();
        return layout()->sizeHint().width() - status_->minimumWidth() + badge + status > width();
    };
    if (!crowded()) return;
    for (QToolButton* button : findChildren<QToolButton*>())
        if (button != presets_ && button != topologies_) button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    for (QToolButton* button : {topologies_, presets_})
        if (crowded()) button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    if (crowded()) slider_->setFixedWidth(kSlider * 3 / 5);
}

void TopBar::resizeEvent(QResizeEvent*) {
    fitButtons();
}

double TopBar::speed() const {
    return chosen_ > kReal ? 0 : 1 / kSlower[chosen_];
}

void TopBar::setSpeed(double factor) {
    const auto distance = [&](double slower) { return std::abs(std::log(factor * slower)); };
    const auto* nearest = std::min_element(std::begin(kSlower), std::end(kSlower),
                                           [&](double a, double b) { return distance(a) < distance(b); });
    const int place = factor <= 0 ? kMax : static_cast<int>(nearest - std::begin(kSlower));
    if (slider_->isEnabled()) return slider_->setValue(place);
    if (chosen_ == place) return;
    chosen_ = place;
    Q_EMIT speedChanged(speed());
}

void TopBar::setSpeedEnabled(bool on, const QString& why) {
    slider_->setToolTip(why);
    if (slider_->isEnabled() == on) return;
    slider_->setEnabled(on);
    speedText_->setEnabled(on);
    const QSignalBlocker quiet(slider_);  // what was chosen stays chosen
    slider_->setValue(on ? chosen_ : kMax);
    showSpeed();
}

QString TopBar::speedText(double factor) {
    if (factor <= 0) return tr("max");
    if (factor > 0.995) return QStringLiteral("1×");
    return QStringLiteral("1/%1×").arg(std::lround(1 / factor));
}

void TopBar::showSpeed() {
    speedText_->setText(speedText(slider_->isEnabled() ? speed() : 0));
    slider_->setAccessibleDescription(speedText_->text());
}

void TopBar::setBadge(Badge badge, bool moving) {
    static const char* words[] = {"", "LIVE", "SLOW", "REPLAY", "WATCH"};
    const QString tips[] = {QString(), tr("A run on this computer"),
                            tr("Slower than its own time: virtual time or a recording is held back"),
                            tr("From a recording"), tr("A run of another computer's class")};
    const int index = static_cast<int>(badge);
    badge_->setVisible(badge != Badge::None);
    badge_->setText(QLatin1String(words[index]));
    badge_->setToolTip(tips[index]);
    if (badge_->property("moving").toBool() == moving) return;
    badge_->setProperty("moving", moving);
    badge_->style()->unpolish(badge_);
    badge_->style()->polish(badge_);
}

void TopBar::elideStatus() {
    const QFontMetrics metrics = status_->fontMetrics();
    const bool fits = statusBrief_.isEmpty() || metrics.horizontalAdvance(statusWords_) <= status_->width();
    status_->setText(
        metrics.elidedText(fits ? statusWords_ : statusBrief_, Qt::ElideRight, status_->width()));
}

bool TopBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == status_ && event->type() == QEvent::Resize) elideStatus();
    return QFrame::eventFilter(watched, event);
}

void TopBar::setStatus(const QString& words, const QString& brief) {
    if (statusWords_ == words) return;
    statusWords_ = words;
    statusBrief_ = brief;
    elideStatus();
    status_->setToolTip(words);
    status_->setAccessibleName(words);
}

}  // namespace rondo::ui
