#include "ui/panels/results_panel.h"

#include <QGridLayout>
#include <QLabel>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/panels/outcome.h"

namespace rondo::ui {

namespace {

QString difference(double measured, double predicted) {
    return measured == predicted ? QObject::tr("exact") : differenceText(measured, predicted);
}
QString wholeText(double value) {
    return countText(std::llround(value));
}
QString rateOfSamples(double value) {
    if (!std::isfinite(value)) return QStringLiteral("–");
    return value >= 1000 ? wholeText(value) : numberText(value, 0.1);
}

}  // namespace

ResultsPanel::ResultsPanel(const RunStore& store, QWidget* parent) : QScrollArea(parent), store_(store) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Results of the run"));
    connect(&store_, &RunStore::changed, this, [this](const RunStore::Changes& changes) {
        if (changes.state || changes.reset) refresh();
    });
    refresh();
}

std::vector<ResultsPanel::Row> ResultsPanel::rows() const {
    const auto outcome = Outcome::of(store_.report());
    if (!outcome || !store_.hasRun()) return {};  // a run that never began has nothing but zeros
    const Prediction& theory = store_.prediction();
    std::vector<Row> rows;
    const auto add = [&](const QString& name, std::optional<double> measured, QString (*text)(double),
                         std::optional<double> predicted = {}) {
        if (!measured) return;
        rows.push_back({name, text(*measured), predicted ? text(*predicted) : QString(),
                        predicted ? difference(*measured, *predicted) : QString()});
    };
    const auto real = [](std::optional<qint64> whole) {
        return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
    };
    add(tr("Test accuracy"), outcome->accuracy, percentText);
    add(tr("Test loss"), outcome->testLoss, lossText);
    add(tr("Training loss"), outcome->trainLoss, lossText);
    add(store_.virtualTime() ? tr("Time (virtual)") : tr("Time"), outcome->seconds, durationText,
        predictedSeconds(theory, *outcome));
    // What a pipeline is run for stands in sight without scrolling.
    add(tr("Bubble"), outcome->bubble, percentText,
        theory.parts ? theory.parts->bubbleFraction : std::nullopt);
    for (Row& row : rowsByStage(*outcome)) rows.push_back(std::move(row));
    add(tr("Samples/s"), outcome->samplesPerSecond, rateOfSamples, theory.samplesPerSecond);
    add(tr("Steps"), real(outcome->steps), wholeText);
    add(tr("Parameters"), real(outcome->parameters), wholeText);
    add(tr("Payload sent"), real(outcome->payloadBytes), bytesText, predictedPayload(theory, outcome->steps));
    return rows;
}

std::vector<ResultsPanel::Row> ResultsPanel::rowsByStage(const Outcome& outcome) const {
    std::vector<Row> rows;
    const auto add = [&](const QString& name, const QString& what, const std::vector<double>& measured,
                         const std::vector<double>& predicted) {
        if (measured.empty()) return;
        QStringList lines{what};
        for (std::size_t stage = 0; stage < measured.size(); ++stage)
            lines << tr("Stage %1: %2").arg(stage).arg(measured[stage], 0, 'g', 4);
        rows.push_back({name, byStageText(measured), byStageText(predicted),
                        predicted.empty()       ? QString()
                        : measured == predicted ? tr("exact")
                                                : tr("differs"),
                        lines.join('\n')});
    };
    const Prediction::Parts none, &theory = store_.prediction().parts ? *store_.prediction().parts : none;
    add(tr("Activations"), tr("Micro-batches whose activations a stage kept at once, at most"),
        outcome.peakActivations, theory.peakActivations);
    add(tr("Weight versions"), tr("Versions of its weights that a stage had at once, at most"),
        outcome.weightVersions, {theory.weightVersions.begin(), theory.weightVersions.end()});
    const auto& delay = outcome.weightDelay;
    if (std::any_of(delay.begin(), delay.end(), [](double updates) { return updates > 0; }))
        add(tr("Weight delay"), tr("Updates between the weights a gradient was computed with and its own"),
            delay, {});
    return rows;
}

void ResultsPanel::refresh() {
    shown_ = rows();
    theory_.clear();
    auto* page = new QWidget;
    page->setObjectName(QStringLiteral("setupPage"));
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(8, 10, 8, 10);
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(4);
    if (shown_.empty()) {
        auto* empty =
            new QLabel(store_.ended()         ? tr("The run ended before it began.")
                       : store_.interrupted() ? tr("The run was interrupted; it left no report.")
                                              : tr("The results stand here when the run has ended."));
        empty->setProperty("muted", true);
        empty->setAlignment(Qt::AlignCenter);
        empty->setWordWrap(true);
        grid->addWidget(empty, 0, 0);
    } else {
        const QString heads[] = {QString(), tr("Measured"), tr("Predicted"), tr("Difference")};
        for (int column = 1; column < 4; ++column) {
            auto* head = new QLabel(heads[column]);
            head->setProperty("muted", true);
            grid->addWidget(head, 0, column, Qt::AlignRight);
        }
        int line = 1;
        for (const Row& row : shown_) {
            auto* name = new QLabel(row.name);
            name->setWordWrap(true);  // figures must not be pushed out of sight
            name->setMinimumWidth(name->fontMetrics().averageCharWidth() * 5);
            grid->addWidget(name, line, 0);
            auto* measured = new QLabel(row.measured);
            measured->setProperty("title", true);
            measured->setTextInteractionFlags(Qt::TextSelectableByMouse);
            grid->addWidget(measured, line, 1, Qt::AlignRight);
            grid->addWidget(new QLabel(row.predicted), line, 2, Qt::AlignRight);
            grid->addWidget(new QLabel(row.difference), line, 3, Qt::AlignRight);
            for (int column = 0; column < 4; ++column)
                grid->itemAtPosition(line, column)->widget()->setToolTip(row.tip);
            ++line;
        }
        theory_ = bubbleTheoryText(store_.spec());
        if (!theory_.isEmpty()) {
            auto* words = new QLabel(theory_);
            words->setProperty("muted", true);
            words->setWordWrap(true);
            words->setTextInteractionFlags(Qt::TextSelectableByMouse);
            grid->addWidget(words, line++, 0, 1, 4);
        }
        grid->setRowStretch(line, 1);
        grid->setColumnStretch(0, 1);
    }
    setWidget(page);
}

QString ResultsPanel::cell(const QString& name, int column) const {
    for (const Row& row : shown_)
        if (row.name == name)
            return column == 0 ? row.measured : column == 1 ? row.predicted : row.difference;
    return {};
}

}  // namespace rondo::ui
