#include "ui/panels/staleness_panel.h"

#include <QHBoxLayout>
#include <QLabel>

#include "ui/draw/axis.h"
#include "ui/panels/word_column.h"
#include "ui/widgets/staleness_bars.h"

namespace rondo::ui {

namespace {

QString clockWords(std::optional<qint64> spread) {
    if (!spread) return {};
    return *spread == 1 ? StalenessPanel::tr("The fastest worker was at most 1 step ahead of the slowest.")
                        : StalenessPanel::tr("The fastest worker was at most %1 steps ahead of the slowest.")
                              .arg(*spread);
}

}  // namespace

StalenessPanel::StalenessPanel(const RunStore& store, QWidget* parent)
    : QWidget(parent),
      store_(store),
      said_(new WordColumn(this)),
      bars_(new StalenessBars(this)),
      empty_(new QLabel(this)) {
    setObjectName(QStringLiteral("sidePanel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Staleness of gradients"));
    mean_ = said_->addLine("title");
    theory_ = said_->addLine();
    clocks_ = said_->addLine();
    meaning_ = said_->addLine("muted");
    empty_->setProperty("muted", true);
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    empty_->setMargin(12);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(said_);
    row->addWidget(bars_, 1);
    row->addWidget(empty_, 1);
    connect(&store_, &RunStore::changed, this, [this](const RunStore::Changes& changes) {
        if (changes.reset || changes.staleness || changes.state) refresh();
    });
    setTheme(theme_);
    refresh();
}

void StalenessPanel::setTheme(const Theme& theme) {
    theme_ = theme;
    bars_->setTheme(theme);
    said_->setFixedWidth(theme.fontPixels * 25);
    updateGeometry();
}

QSize StalenessPanel::minimumSizeHint() const {
    return {45 * theme_.fontPixels, 10 * theme_.fontPixels};
}

void StalenessPanel::showEvent(QShowEvent* event) {
    if (stale_) refresh();
    QWidget::showEvent(event);
}

void StalenessPanel::refresh() {
    stale_ = !isVisible();
    if (stale_) return;  // it comes often
    const auto theory = store_.hasRun() ? stalenessTheory(store_.spec()) : std::nullopt;
    const Staleness staleness = theory ? Staleness::of(store_) : Staleness{};
    const bool any = staleness.gradients() > 0;
    said_->setVisible(any);
    bars_->setVisible(any);
    empty_->setVisible(!any);
    empty_->setText(
        theory ? tr("How old each gradient is when the server applies it appears here.")
        : store_.hasRun()
            ? tr("This run has no parameter server, so that no gradient waits until others were applied. "
                 "Choose the algorithm parameter_server with mode async or stale to see gradients age.")
            : tr("With parameter servers, how old each gradient is when it is applied appears here."));
    bars_->set(staleness, theory);
    if (!any) return;
    WordColumn::say(mean_, tr("Gradients were %1 updates old on average, %2 at most")
                               .arg(numberText(*staleness.mean, 0.01))
                               .arg(staleness.most()));
    const QString difference =
        theory->bound ? QString() : differenceText(*staleness.mean, static_cast<double>(theory->updates));
    WordColumn::say(theory_, difference.isEmpty()
                                 ? tr("Theory: %1.").arg(theory->words)
                                 : tr("Theory: %1 (measured %2).").arg(theory->words, difference));
    WordColumn::say(clocks_, clockWords(staleness.clockSpread));
    WordColumn::say(meaning_,
                    tr("Of %1 gradients. How old: updates that were made after its worker got the parameters "
                       "it was computed with.")
                        .arg(countText(static_cast<qint64>(staleness.gradients()))));
    bars_->setAccessibleDescription(said_->words());
}

QString StalenessPanel::words() const {
    return empty_->isHidden() ? said_->words() : empty_->text();
}

}  // namespace rondo::ui
