#include "ui/draw/schedule_words.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/phase_words.h"

namespace rondo::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("ScheduleWords", text);
}

QString spanWords(const RaceSpan& span, const PipelineSchedule& schedule, bool batches) {
    QString words = span.fused ? tr("Backward (input and weight)") : phaseName(span.phase, false);
    words += tr(" of micro-batch %1").arg(span.microBatch % schedule.microBatches);
    if (batches) words += tr(" of batch %1").arg(span.microBatch / schedule.microBatches);
    if (schedule.chunks > 1) words += tr(", chunk %1").arg(span.chunk);
    return words;
}

/// What a bubble ends with the coming of.
QString awaitedWords(const Racer& racer, int stage, const RaceSpan& next) {
    const int parts = racer.schedule.partCount(), stages = racer.schedule.stageCount();
    const int part = next.chunk * stages + stage;
    if (next.phase == Phase::Forward && part > 0)
        return tr("for the activations of micro-batch %1 from stage %2")
            .arg(next.microBatch % racer.schedule.microBatches)
            .arg((part - 1) % stages);
    if (next.phase != Phase::Forward && part + 1 < parts)
        return tr("for the gradient of micro-batch %1 from stage %2")
            .arg(next.microBatch % racer.schedule.microBatches)
            .arg((part + 1) % stages);
    return {};
}

}  // namespace

QString placeText(int place) {
    return place == 1 ? tr("1st") : place == 2 ? tr("2nd") : place == 3 ? tr("3rd") : tr("%1th").arg(place);
}

QString activationsText(double micro) {
    return std::abs(micro - std::round(micro)) < 1e-9 ? QString::number(std::lround(micro))
                                                      : QString::number(micro, 'f', 1);
}

QString shareText(double share) {
    return QString::number(100 * share, 'f', 1) + QChar(0x00a0) + QLatin1Char('%');
}

QString listText(const QStringList& names) {
    if (names.size() < 2) return names.join(QString());
    return tr("%1 and %2").arg(names.mid(0, names.size() - 1).join(QStringLiteral(", ")), names.last());
}

QString stageTip(const Racer& racer, int stage, double seconds) {
    const auto& spans = racer.track.spans(stage);
    const auto after = std::partition_point(
        spans.begin(), spans.end(), [seconds](const RaceSpan& span) { return span.begin <= seconds; });
    if (after == spans.begin()) return {};
    const RaceSpan& span = *std::prev(after);
    const QString where = tr("%1, stage %2").arg(racer.name).arg(stage) + QLatin1Char('\n');
    if (seconds < span.end)
        return where + tr("%1: %2, from %3 to %4")
                           .arg(spanWords(span, racer.schedule, racer.batches > 1),
                                durationText(span.end - span.begin), durationText(span.begin),
                                durationText(span.end));
    if (after == spans.end()) return {};
    return where + tr("Bubble: waits %1, until %2, %3")
                       .arg(durationText(after->begin - span.end), durationText(after->begin),
                            awaitedWords(racer, stage, *after));
}

QString finishWords(const std::vector<Racer>& racers) {
    const std::vector<int> places = placesOf(racers);
    QStringList told;
    double best = 0;
    for (int place = 1; place <= static_cast<int>(racers.size()); ++place) {
        QStringList names;
        double end = 0;
        for (std::size_t i = 0; i < racers.size(); ++i) {
            if (places[i] != place) continue;
            names << racers[i].name;
            end = racers[i].track.end();
        }
        if (names.isEmpty()) continue;
        if (place == 1) {
            best = end;
            const auto going = std::count_if(places.begin(), places.end(), [](int one) { return one > 0; });
            told << (going == 1          ? tr("%1 takes %2")
                     : names.size() == 1 ? tr("%1 is first, after %2")
                                         : tr("%1 end together, after %2"))
                        .arg(listText(names), durationText(end));
        } else {
            told << (names.size() == 1 ? tr("%1 takes %2 (%3)") : tr("%1 take %2 (%3)"))
                        .arg(listText(names), durationText(end), differenceText(end, best));
        }
    }
    if (told.isEmpty()) return tr("None of these schedules can go.");
    return told.join(QStringLiteral("; ")) + QLatin1Char('.');
}

QString theoryWords(const Racer& racer) {
    QStringList lines;
    if (!racer.ok()) return {};
    const auto formula = [&](const char* name) -> const ClosedForm* {
        if (!racer.theory) return nullptr;
        for (const ClosedForm& line : racer.theory->lines)
            if (line.name == name) return &line;
        return nullptr;
    };
    const auto text = [](const std::string& words) { return QString::fromStdString(words); };
    // Closed forms leave messages out: where they take time, both are told.
    const auto beside = [](const QString& theory, const QString& here) {
        return theory == here ? theory : tr("%1; here %2").arg(theory, here);
    };
    const bool flushes = isSynchronous(racer.choice);
    const QString bubble = shareText(flushes ? racer.batchBubble : racer.played.bubbleRate),
                  cost = durationText(racer.played.cost * 1e-3);
    if (const ClosedForm* line = formula("bubble of total time"))
        lines << tr("Bubble %1 = %2").arg(text(line->formula), beside(shareText(line->value), bubble));
    else
        lines << tr("Bubble %1").arg(bubble);
    // Of a step it is comparable with one batch only.
    const ClosedForm* line = formula(racer.batches == 1 ? "cost of a step" : "cost of k batches");
    if (!line) line = formula("cost of k batches");
    if (line)
        lines << tr("Cost %1 = %2").arg(text(line->formula), beside(durationText(line->value * 1e-3), cost));
    else
        lines << (racer.batches == 1 ? tr("Cost %1").arg(cost)
                                     : tr("Cost of %1 batches %2").arg(racer.batches).arg(cost));
    double most = 0;
    for (const double peak : racer.schedule.peakActivations()) most = std::max(most, peak);
    line = formula("activations at most");
    lines << (line ? tr("Activations %1, most %2").arg(text(line->formula), activationsText(line->value))
                   : tr("Activations, most %1").arg(activationsText(most)));
    if (racer.schedule.recompute) {
        int inputs = 0;
        for (const int one : racer.schedule.peakInputs()) inputs = std::max(inputs, one);
        lines << tr("Inputs kept to recompute, most %1").arg(inputs);
    }
    if ((line = formula("versions of the weights")))
        lines << tr("Versions of the weights %1 = %2").arg(text(line->formula)).arg(line->value);
    return lines.join(QLatin1Char('\n'));
}

QString weightsWords(const std::vector<Racer>& racers) {
    QStringList same, others;
    for (const Racer& racer : racers)
        if (racer.ok()) (isSynchronous(racer.choice) ? same : others) << racer.name;
    QStringList words;
    if (same.size() > 1) words << tr("Same weights at the end: %1.").arg(listText(same));
    if (!others.isEmpty()) words << tr("Other weights: %1.").arg(listText(others));
    return words.join(QLatin1Char(' '));
}

QString measuredWords(const Racer& computed, const RaceRun& run) {
    if (!run.problem.isEmpty()) return tr("Not trained: %1").arg(run.problem);
    QStringList lines;
    if (run.bubble)
        lines << (isSynchronous(computed.choice)
                      ? tr("Bubble %1, computed %2")
                            .arg(shareText(*run.bubble), shareText(computed.batchBubble))
                  : computed.batches == 1
                      ? tr("Bubble %1; of a batch alone %2")
                            .arg(shareText(*run.bubble), shareText(computed.played.bubbleRate))
                      : tr("Bubble %1; of %2 batches alone %3")
                            .arg(shareText(*run.bubble))
                            .arg(computed.batches)
                            .arg(shareText(computed.played.bubbleRate)));
    if (!run.peaks.empty()) {
        QStringList here, theory;
        for (const double peak : run.peaks) here << activationsText(peak);
        for (const double peak : computed.schedule.peakActivations()) theory << activationsText(peak);
        lines << (here == theory ? tr("Activations %1, as computed").arg(here.join(QLatin1Char(' ')))
                                 : tr("Activations %1, computed %2")
                                       .arg(here.join(QLatin1Char(' ')), theory.join(QLatin1Char(' '))));
    }
    const bool several =
        std::any_of(run.versions.begin(), run.versions.end(), [](std::int64_t n) { return n > 1; });
    if (several) {
        QStringList versions;
        for (const std::int64_t count : run.versions) versions << QString::number(count);
        lines << tr("Versions of the weights %1").arg(versions.join(QLatin1Char(' ')));
    }
    lines << (run.accuracy ? tr("%1 steps, test accuracy %2").arg(run.steps).arg(shareText(*run.accuracy))
                           : tr("%1 steps").arg(run.steps));
    return lines.join(QLatin1Char('\n'));
}

QString learnedWords(const std::vector<Racer>& racers, const std::vector<RaceRun>& runs) {
    // Who keeps to the unsplit model is what others are compared with.
    std::size_t first = racers.size();
    for (std::size_t i = racers.size(); i-- > 0;)
        if (i < runs.size() && !runs[i].weights.empty() &&
            (first == racers.size() || isSynchronous(racers[i].choice) ||
             !isSynchronous(racers[first].choice)))
            first = i;
    if (first == racers.size()) return tr("No weights to compare.");
    QStringList exact, rounded, others;
    double most = 0;
    for (std::size_t i = 0; i < racers.size() && i < runs.size(); ++i) {
        if (i == first) continue;
        const auto distance = apart(runs[first].weights, runs[i].weights);
        if (!distance) continue;
        const double moved = std::max(runs[first].moved.value_or(0), 1e-30);
        if (distance->bitForBit) {
            exact << racers[i].name;
        } else if (distance->length <= 1e-3 * moved) {
            rounded << racers[i].name;
            most = std::max(most, distance->most);
        } else {
            others << tr("%1's, which moved by %2, are %3 away")
                          .arg(racers[i].name, QString::number(runs[i].moved.value_or(0), 'g', 3),
                               QString::number(distance->length, 'g', 3));
        }
    }
    if (exact.isEmpty() && rounded.isEmpty() && others.isEmpty()) return tr("No weights to compare.");
    QStringList told;
    if (!exact.isEmpty()) told << tr("%1's are the same bit for bit").arg(listText(exact));
    if (!rounded.isEmpty())
        told << tr("%1's are the same but for rounding (at most %2)")
                    .arg(listText(rounded), QString::number(most, 'g', 2));
    told << others;
    return tr("Weights: %1's moved by %2; ")
               .arg(racers[first].name, QString::number(runs[first].moved.value_or(0), 'g', 3)) +
           told.join(QStringLiteral("; ")) + QLatin1Char('.');
}

QString weightsReason() {
    return tr(
        "GPipe, 1F1B, interleaved, zero bubble and vanilla add up the gradients of all micro-batches of a "
        "batch, computed with the same weights, before the one update: whatever the order, the sum is the "
        "unsplit model's, but for rounding. PipeDream and PipeDream-2BW don't wait for the end of a batch: "
        "a micro-batch is computed with weights that are some updates old, so they learn something else.");
}

}  // namespace rondo::ui
