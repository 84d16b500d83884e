#include "ui/store/compression_figures.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

namespace rondo::ui {

namespace {

bool compressed(const RunSpec& spec) {
    return !std::holds_alternative<NoCompression>(spec.compression);
}

/// Settings without what doesn't change a step.
RunSpec trainingOf(RunSpec spec) {
    spec.name.clear();
    spec.stop = {};
    spec.evaluateEvery = 0;
    spec.compression = NoCompression{};
    return spec;
}

const KeptRuns::Entry* sameWithout(const RunSpec& spec, const KeptRuns& kept) {
    const RunSpec wanted = trainingOf(spec);
    const auto& entries = kept.entries();
    const auto found = std::find_if(entries.rbegin(), entries.rend(), [&](const KeptRuns::Entry& entry) {
        return !compressed(entry.run->spec) && trainingOf(entry.run->spec) == wanted;
    });
    return found == entries.rend() ? nullptr : &*found;
}

/// Mean of a few values that end at a step: of `points`, which are sorted by step.
template <class Points, class ValueOf>
double meanUpTo(const Points& points, int step, ValueOf valueOf) {
    double sum = 0;
    int count = 0;
    const auto end = std::upper_bound(points.begin(), points.end(), step,
                                      [](int s, const auto& point) { return s < point.step; });
    for (auto at = end; at != points.begin();) {
        --at;
        if (at->step <= step - LossEffect::kSteps && count > 0) break;
        sum += valueOf(*at);
        ++count;
    }
    return sum / count;
}

}  // namespace

std::optional<CompressionFigures> CompressionFigures::of(const RunStore& store) {
    if (!store.hasRun() || !compressed(store.spec())) return {};
    CompressionFigures figures;
    figures.predictedRatio = store.prediction().compressionRatio;
    const QJsonObject told =
        QJsonDocument::fromJson(store.report()).object()[QStringLiteral("compression")].toObject();
    if (!told.isEmpty()) {
        figures.everyone = true;
        figures.denseBytes = static_cast<qint64>(told[QStringLiteral("dense_bytes")].toDouble());
        figures.encodedBytes = static_cast<qint64>(told[QStringLiteral("encoded_bytes")].toDouble());
        if (const QJsonValue error = told[QStringLiteral("error")]; error.isDouble())
            figures.error = error.toDouble();
    } else if (!store.compression().empty()) {
        const CompressionMeasured& latest = store.compression().back();
        figures.denseBytes = latest.denseBytes;
        figures.encodedBytes = latest.encodedBytes;
        // Modelled gradients have no values that could be left out.
        if (!store.spec().weights.modelled) figures.error = latest.error;
    }
    if (figures.encodedBytes <= 0) return {};
    figures.ratio = static_cast<double>(figures.denseBytes) / static_cast<double>(figures.encodedBytes);
    return figures;
}

std::optional<LossEffect> lossEffect(const RunStore& store, const KeptRuns& kept) {
    if (!store.hasRun() || !compressed(store.spec()) || store.steps().empty()) return {};
    const KeptRuns::Entry* other = sameWithout(store.spec(), kept);
    if (!other || other->run->loss.empty()) return {};
    LossEffect effect;
    effect.other = other->name;
    effect.step = std::min(store.steps().back().step, other->run->loss.back().step);
    if (effect.step < store.steps().front().step || effect.step < other->run->loss.front().step) return {};
    effect.with = meanUpTo(store.steps(), effect.step, [](const StepPoint& point) { return point.loss; });
    effect.without =
        meanUpTo(other->run->loss, effect.step, [](const CurvePoint& point) { return point.value; });
    const auto& tests = store.evaluations();
    const auto& there = other->run->accuracy;
    for (auto test = tests.rbegin(); test != tests.rend() && !effect.accuracyWith; ++test) {
        const auto same =
            std::lower_bound(there.begin(), there.end(), test->step,
                             [](const CurvePoint& point, int step) { return point.step < step; });
        if (same == there.end() || same->step != test->step) continue;
        effect.accuracyWith = test->testAccuracy;
        effect.accuracyWithout = same->value;
    }
    return effect;
}

}  // namespace rondo::ui
