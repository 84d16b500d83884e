#include "ui/store/kept_run.h"

#include <QCoreApplication>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/algorithms/algorithm.h"
#include "engine/config/run_spec_json.h"
#include "ui/store/lookup.h"
#include "ui/store/outcome.h"

namespace rondo::ui {

namespace {

QString words(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

QString algorithmWords(const RunSpec& spec) {
    QString said = QString::fromStdString(makeAlgorithm(spec)->picture());
    const auto json = toJson(spec);
    const auto* compression = json.as_object().if_contains("compression");
    const auto* kind =
        compression && compression->is_object() ? compression->as_object().if_contains("kind") : nullptr;
    if (kind && kind->is_string() && kind->as_string() != "none")
        said += words(", compressed: %1").arg(QString::fromUtf8(kind->as_string().c_str()));
    return said;
}

QString statusWords(const RunStore& store) {
    if (store.state() == RunState::Finished) return words("finished");
    if (store.state() == RunState::Stopped) return words("stopped");
    if (store.state() == RunState::Failed) return words("failed");
    return store.interrupted() ? words("interrupted") : words("not over");
}

/// Neighbours in one point each, where there are too many: their mean, at the place of the last. A mean with
/// a value that is no number is none, so that a lost loss stays seen.
std::vector<CurvePoint> lossOf(const std::vector<StepPoint>& steps, std::size_t each) {
    std::vector<CurvePoint> points;
    points.reserve(steps.size() / each + 1);
    for (std::size_t from = 0; from < steps.size(); from += each) {
        const std::size_t end = std::min(from + each, steps.size());
        double sum = 0;
        for (std::size_t i = from; i < end; ++i) sum += steps[i].loss;
        const StepPoint& last = steps[end - 1];
        points.push_back({last.step, last.seconds, sum / static_cast<double>(end - from),
                          static_cast<double>(last.payloadBytes)});
    }
    return points;
}

struct Moment {
    double seconds = 0, bytes = 0;
};

/// Moments and bytes of the evaluations as the report has them, by steps done: without start-up and
/// evaluation, and with every rank's part of the step.
QHash<int, Moment> momentsOf(const QByteArray& report) {
    QHash<int, Moment> moments;
    const QJsonObject json = QJsonDocument::fromJson(report).object();
    for (const QJsonValue& value : json[QStringLiteral("history")].toArray()) {
        const QJsonObject entry = value.toObject();
        moments.insert(
            entry[QStringLiteral("step")].toInt(),
            {entry[QStringLiteral("seconds")].toDouble(), entry[QStringLiteral("payload_bytes")].toDouble()});
    }
    return moments;
}

std::vector<CurvePoint> accuracyOf(const RunStore& store) {
    const auto& tests = store.evaluations();
    const auto moments = momentsOf(store.report());
    const std::size_t each = (tests.size() + KeptRun::kMostPoints - 1) / KeptRun::kMostPoints;
    std::vector<CurvePoint> points;
    double best = -1;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const Evaluated& one = tests[i];
        const bool record = one.testAccuracy > best;  // what asks when a target was reached
        if (record) best = one.testAccuracy;
        if (!record && i % each != 0 && i + 1 != tests.size()) continue;
        const auto told = moments.constFind(one.step);
        const bool found = told != moments.constEnd();
        points.push_back({one.step, found ? told->seconds : secondsOf(one.stamp.at), one.testAccuracy,
                          found ? told->bytes : static_cast<double>(one.payloadBytes)});
    }
    return points;
}

}  // namespace

std::optional<KeptRun> KeptRun::of(const RunStore& store) {
    const auto& steps = store.steps();
    if (!store.hasRun() || (steps.empty() && store.evaluations().empty())) return {};
    KeptRun run;
    run.spec = store.spec();
    run.algorithm = algorithmWords(run.spec);
    run.status = statusWords(store);
    run.begun = store.started()->unixMilliseconds;
    run.stepsPerEpoch = ui::stepsPerEpoch(store);
    if (!run.spec.weights.modelled) {  // else nothing is learned, and what comes is no number
        run.stepsAPoint = std::max<std::size_t>(1, (steps.size() + kMostPoints - 1) / kMostPoints);
        run.loss = lossOf(steps, run.stepsAPoint);
        run.accuracy = accuracyOf(store);
        if (!steps.empty()) run.finalLoss = steps.back().loss;
        if (!store.evaluations().empty()) run.testAccuracy = store.evaluations().back().testAccuracy;
    }
    if (!steps.empty()) {
        run.steps = steps.back().step + 1;
        run.seconds = steps.back().seconds;
        run.payloadBytes = steps.back().payloadBytes;
    }
    const Outcome outcome = Outcome::of(store.report()).value_or(Outcome{});
    const auto prefer = [](auto& known, const auto& told) {
        if (told) known = told;
    };
    prefer(run.testAccuracy, outcome.accuracy);
    prefer(run.finalLoss, outcome.trainLoss);
    prefer(run.seconds, outcome.seconds);
    prefer(run.steps, outcome.steps);
    prefer(run.payloadBytes, outcome.payloadBytes);
    return run;
}

std::optional<CurvePoint> KeptRun::reached(double target) const {
    const auto it = std::find_if(accuracy.begin(), accuracy.end(),
                                 [target](const CurvePoint& point) { return point.value >= target; });
    return it == accuracy.end() ? std::nullopt : std::optional(*it);
}

}  // namespace rondo::ui
