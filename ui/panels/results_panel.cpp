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
    add(tr("Samples/s"), outcome->samplesPerSecond, rateOfSamples, theory.samplesPerSecond);
    add(tr("Steps"), real(outcome->steps), wholeText);
    add(tr("Parameters"), real(outcome->parameters), wholeText);
    add(tr("Payload sent"), real(outcome->payloadBytes), bytesText, predictedPayload(theory, outcome->steps));
    return rows;
}

void ResultsPanel::refresh() {
    shown_ = rows();
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
            ++line;
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
