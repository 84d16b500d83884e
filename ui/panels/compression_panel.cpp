#include "ui/panels/compression_panel.h"

#include <QHBoxLayout>
#include <QLabel>

#include "ui/draw/axis.h"
#include "ui/panels/outcome.h"
#include "ui/panels/word_column.h"
#include "ui/store/compression_figures.h"
#include "ui/widgets/error_curve.h"

namespace rondo::ui {

namespace {

QString words(const char* text) {
    return CompressionPanel::tr(text);
}

QString timesText(double ratio) {
    return numberText(ratio, ratio >= 100 ? 1 : ratio >= 10 ? 0.1 : 0.01);
}

QString savedText(const CompressionFigures& figures) {
    const auto dense = static_cast<double>(figures.denseBytes);
    const auto encoded = static_cast<double>(figures.encodedBytes);
    const QString who = figures.everyone ? words("All workers together sent gradients in %1 instead of %2")
                                         : words("Worker 0 has sent gradients in %1 instead of %2 so far");
    const double share = (1 - encoded / dense) * 100;
    const QString verdict = share < 0 ? words("%1 % more").arg(QString::number(-share, 'f', 1))
                                      : words("%1 % saved").arg(QString::number(share, 'f', share > 99 ? 2 : 1));
    return who.arg(bytesText(encoded), bytesText(dense)) + QStringLiteral(": ") + verdict + QLatin1Char('.');
}

QString errorText(const CompressionFigures& figures) {
    if (!figures.error) return {};
    return (figures.everyone ? words("Error: %1 of the gradient's length was left out, on average.")
                             : words("Error: %1 of the gradient's length was left out in the latest step."))
        .arg(percentText(*figures.error));
}

QString effectText(const LossEffect& effect) {
    const QString difference = differenceText(effect.with, effect.without);
    QString said = words("Effect on loss at step %1: %2, without compression %3%4.")
                       .arg(countText(effect.step + 1))
                       .arg(lossText(effect.with), lossText(effect.without))
                       .arg(difference.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(difference));
    if (effect.accuracyWith)
        said += QLatin1Char(' ') +
                words("Test accuracy: %1, without %2.")
                    .arg(percentText(*effect.accuracyWith), percentText(effect.accuracyWithout.value_or(0)));
    return said;
}

}  // namespace

CompressionPanel::CompressionPanel(const RunStore& store, const KeptRuns& kept, QWidget* parent)
    : QWidget(parent),
      store_(store),
      kept_(kept),
      said_(new WordColumn(this)),
      curve_(new ErrorCurve(store, this)),
      empty_(new QLabel(this)) {
    setObjectName(QStringLiteral("sidePanel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Compression of gradients"));
    ratio_ = said_->addLine("title");
    predicted_ = said_->addLine();
    saved_ = said_->addLine();
    error_ = said_->addLine();
    effect_ = said_->addLine();
    empty_->setProperty("muted", true);
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    empty_->setMargin(12);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(said_);
    row->addWidget(curve_, 1);
    row->addWidget(empty_, 1);
    connect(&store_, &RunStore::changed, this, [this](const RunStore::Changes& changes) {
        if (changes.reset || changes.compression || changes.state || changes.evaluations) refresh();
    });
    connect(&kept_, &KeptRuns::changed, this, &CompressionPanel::refresh);
    setTheme(theme_);
    refresh();
}

void CompressionPanel::setTheme(const Theme& theme) {
    theme_ = theme;
    curve_->setTheme(theme);
    said_->setFixedWidth(theme.fontPixels * 30);
    updateGeometry();
}

QSize CompressionPanel::minimumSizeHint() const {
    return {50 * theme_.fontPixels, 10 * theme_.fontPixels};
}

void CompressionPanel::showEvent(QShowEvent* event) {
    if (stale_) refresh();
    QWidget::showEvent(event);
}

void CompressionPanel::refresh() {
    stale_ = !isVisible();
    if (stale_) return;  // it comes with every step
    const auto figures = CompressionFigures::of(store_);
    said_->setVisible(figures.has_value());
    curve_->setVisible(figures && figures->error);
    empty_->setVisible(!figures || !figures->error);
    if (!figures) {
        const bool none = store_.hasRun() && std::holds_alternative<NoCompression>(store_.spec().compression);
        empty_->setText(
            none ? tr("This run sends its gradients as they are. Choose a compression in the settings: "
                      "ratio, bytes saved, error and the effect on loss then stand here.")
                 : tr("Ratio, bytes saved, error and the effect on loss appear here when gradients are "
                      "sent in compressed form."));
        return;
    }
    empty_->setText(
        tr("Modelled gradients have no values: nothing is left out of them that could be "
           "measured."));
    WordColumn::say(ratio_, tr("%1 times fewer bytes").arg(timesText(*figures->ratio)));
    const QString difference =
        figures->predictedRatio ? differenceText(*figures->ratio, *figures->predictedRatio) : QString();
    WordColumn::say(predicted_, figures->predictedRatio
                                    ? tr("Ratio %1, predicted %2 (%3)")
                                          .arg(numberText(*figures->ratio, 0.01),
                                               numberText(*figures->predictedRatio, 0.01), difference)
                                    : QString());
    WordColumn::say(saved_, savedText(*figures));
    WordColumn::say(error_, errorText(*figures));
    const auto effect = lossEffect(store_, kept_);
    WordColumn::say(effect_,
                    effect ? effectText(*effect)
                    : store_.spec().weights.modelled
                        ? QString()
                        : tr("Effect on loss: run the same without compression and keep that run (K); both "
                             "are then compared here."));
    effect_->setToolTip(effect ? tr("Training losses are means of %1 steps. The other run is %2.")
                                     .arg(LossEffect::kSteps)
                                     .arg(effect->other)
                               : QString());
    curve_->setAccessibleDescription(said_->words());
}

QString CompressionPanel::words() const {
    if (said_->isHidden()) return empty_->text();
    return said_->words();
}

}  // namespace rondo::ui
