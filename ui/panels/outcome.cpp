#include "ui/panels/outcome.h"

#include <QCoreApplication>
#include <cmath>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/pipeline/run_theory.h"
#include "ui/draw/axis.h"

namespace rondo::ui {

namespace {

QString words(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

/// As one says it: "5", "3.4", "1,200".
QString timesText(double ratio) {
    if (ratio >= 9.95) return countText(std::llround(std::min(ratio, 1e15)));
    const QString text = QString::number(ratio, 'f', 1);
    return text.endsWith(QStringLiteral(".0")) ? text.chopped(2) : text;
}

}  // namespace

QString percentText(double fraction) {
    if (!std::isfinite(fraction)) return QStringLiteral("–");
    return QString::number(fraction * 100, 'f', 1) + QStringLiteral(" %");
}

QString lossText(double loss) {
    if (!std::isfinite(loss)) return std::isnan(loss) ? words("not a number") : words("infinite");
    return numberText(loss, loss < 0.1 ? 1e-4 : 1e-3);
}

QString accuracyDifference(double outcome, double expected, const QString& what) {
    if (!std::isfinite(outcome) || !std::isfinite(expected)) return {};
    // Of the figures as they stand beside it, so that the sentence adds up.
    const double points = (std::round(outcome * 1000) - std::round(expected * 1000)) / 10;
    if (std::abs(points) < 0.05) return words("Accuracy: just what %1.").arg(what);
    return (points > 0 ? words("Accuracy: %1 points more than %2.")
                       : words("Accuracy: %1 points less than %2."))
        .arg(QString::number(std::abs(points), 'f', 1), what);
}

QString timeDifference(double outcome, double expected, const QString& what) {
    if (!std::isfinite(outcome) || !std::isfinite(expected) || outcome <= 0 || expected <= 0) return {};
    const double ratio = outcome / expected;
    if (std::abs(ratio - 1) < 0.005) return words("Time: just what %1.").arg(what);
    if (ratio >= 3) return words("Time: %1 times as long as %2.").arg(timesText(ratio), what);
    if (ratio <= 1.0 / 3) return words("Time: %1 times shorter than %2.").arg(timesText(1 / ratio), what);
    const double percent = std::abs(ratio - 1) * 100;
    return (ratio > 1 ? words("Time: %1 % longer than %2.") : words("Time: %1 % shorter than %2."))
        .arg(QString::number(percent, 'f', percent < 9.95 ? 1 : 0), what);
}

QString byStageText(const std::vector<double>& values) {
    constexpr std::size_t kMost = 4;
    QStringList shown;
    const bool all = values.size() <= kMost;
    for (std::size_t i = 0; i < (all ? values.size() : kMost - 1); ++i)
        shown << QString::number(values[i], 'g', 4);
    const QString text = shown.join(QStringLiteral(", "));
    return all ? text : QStringLiteral("%1 … %2").arg(text, QString::number(values.back(), 'g', 4));
}

QString bubbleTheoryText(const RunSpec& spec) {
    std::optional<ClosedForm> form;
    try {
        form = bubbleTheory(spec);
    } catch (const BadInput&) {
        // A file's data may have another shape than the settings promise.
    }
    if (!form) return {};
    const MeshShape mesh = meshOf(spec);
    const StagesSpec& stages = *stagesOf(spec);
    QString letters = words("p = %1, m = %2").arg(mesh.pipeline).arg(stages.microBatches);
    if (stages.chunks > 1) letters += words(", v = %1").arg(stages.chunks);
    return words(
               "Bubble in theory, of stages that are alike and messages that take no time (%1, %2):\n%3 = %4")
        .arg(letters, QString::fromStdString(form->source), QString::fromStdString(form->formula),
             percentText(form->value));
}

QString formulaOf(const RunSpec& spec) {
    const auto formula = QString::fromStdString(makeAlgorithm(spec)->formula());
    if (formula.isEmpty() || spec.workers < 2) return {};
    return words(
               "Seconds of an exchange: %1;\n"
               "to that, the time of computing, as far as the two don't overlap")
        .arg(formula);
}

std::optional<double> predictedPayload(const Prediction& prediction, std::optional<qint64> steps) {
    const qint64 perStep = prediction.payloadPerStep();
    if (perStep <= 0 || !steps) return {};
    return static_cast<double>(perStep) * static_cast<double>(*steps);
}

}  // namespace rondo::ui
