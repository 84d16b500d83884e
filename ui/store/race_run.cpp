#include "ui/store/race_run.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtEndian>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/model/model_plan.h"

namespace rondo::ui {

namespace {

bool isPass(Phase phase) {
    return phase == Phase::Forward || phase == Phase::BackwardInput || phase == Phase::BackwardWeight ||
           phase == Phase::Recompute;
}

/// Of each stage of the first replica's first tensor rank, as they came. Where batches aren't flushed the
/// next ones' passes belong between those of the first: up to where these end.
std::vector<std::vector<RaceSpan>> lanesOf(const StagePlan& plan, int batches, std::span<const Span> spans) {
    std::vector<std::vector<RaceSpan>> lanes(static_cast<std::size_t>(plan.mesh.pipeline));
    Nanoseconds first = Nanoseconds::max(), last{0};
    for (const Span& span : spans) {
        if (!isPass(span.phase) || span.step < 0 || span.step >= batches) continue;
        first = std::min(first, span.begin);
        last = std::max(last, span.stamp.at);
    }
    for (const Span& span : spans) {
        if (!isPass(span.phase) || span.step < 0 || span.microBatch < 0) continue;
        if (span.step >= batches && (!plan.streams() || span.stamp.at > last)) continue;
        const MeshPlace place = placeOf(plan.mesh, span.stamp.rank);
        if (place.data != 0 || place.tensor != 0 || place.stage < 0 || place.stage >= plan.mesh.pipeline)
            continue;
        RaceSpan one;
        one.begin = static_cast<double>((span.begin - first).count()) / 1e9;
        one.end = static_cast<double>((span.stamp.at - first).count()) / 1e9;
        one.phase = span.phase;
        one.fused = span.fused;
        one.microBatch = span.step * plan.microBatches() + span.microBatch;
        one.chunk = std::max(span.chunk, 0);
        const int part = plan.partOf(place.stage, one.chunk);
        const bool learns = part >= plan.scheduleAt(Step{span.step}).frozenParts;
        const Phase begins = plan.schedule.recompute ? Phase::Recompute : Phase::Forward;
        one.takes = learns && span.phase == begins;
        one.frees = learns && (span.fused || span.phase == Phase::BackwardWeight);
        lanes[static_cast<std::size_t>(place.stage)].push_back(one);
    }
    return lanes;
}

std::vector<double> numbersOf(const QJsonValue& array) {
    std::vector<double> numbers;
    for (const QJsonValue& one : array.toArray()) numbers.push_back(one.toDouble());
    return numbers;
}

std::optional<double> realOf(const QJsonObject& json, const char* key) {
    const QJsonValue value = json[QLatin1String(key)];
    return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}

}  // namespace

RaceRun RaceRun::of(const RunSpec& spec, int batches, std::span<const Span> spans, const QByteArray& report) {
    RaceRun run;
    const QJsonObject json = QJsonDocument::fromJson(report).object();
    if (json[QStringLiteral("status")].toString() != QStringLiteral("finished")) {
        run.problem = json[QStringLiteral("error")].toString();
        if (run.problem.isEmpty()) run.problem = QStringLiteral("the run did not finish");
        return run;
    }
    run.steps = static_cast<std::int64_t>(json[QStringLiteral("steps")].toDouble());
    run.bubble = realOf(json, "bubble_fraction");
    run.accuracy = realOf(json, "test_accuracy");
    run.moved = realOf(json, "update_l2");
    run.peaks = numbersOf(json[QStringLiteral("peak_activations")]);
    for (const double count : numbersOf(json[QStringLiteral("weight_versions")]))
        run.versions.push_back(std::llround(count));
    try {
        const StagePlan plan = planStages(spec, planModel(spec, expectedShape(spec.data)));
        auto lanes = lanesOf(plan, batches, spans);
        for (auto& lane : lanes)
            std::sort(lane.begin(), lane.end(),
                      [](const RaceSpan& a, const RaceSpan& b) { return a.begin < b.begin; });
        run.track = RaceTrack(std::move(lanes), plan.chunks());
    } catch (const BadInput& bad) {
        run.problem = QString::fromUtf8(bad.what());
    }
    return run;
}

Result<std::vector<float>> readWeights(const QString& file) {
    const std::string where = file.toStdString();
    QFile in(file);
    if (!in.open(QIODevice::ReadOnly)) return Problem{where, "can't be read"};
    char length[8];
    if (in.read(length, sizeof length) != sizeof length) return Problem{where, "is cut"};
    const quint64 header = qFromLittleEndian<quint64>(length);
    if (header > static_cast<quint64>(in.size()) - sizeof length ||
        !in.seek(static_cast<qint64>(sizeof length + header)))
        return Problem{where, "is cut"};
    const QByteArray bytes = in.readAll();
    std::vector<float> weights(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::memcpy(weights.data(), bytes.constData(), weights.size() * sizeof(float));
    return weights;
}

std::optional<WeightsApart> apart(std::span<const float> one, std::span<const float> other) {
    if (one.empty() || one.size() != other.size()) return {};
    WeightsApart apart;
    apart.bitForBit = std::memcmp(one.data(), other.data(), one.size_bytes()) == 0;
    double squares = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        const double by = std::abs(static_cast<double>(one[i]) - static_cast<double>(other[i]));
        // Not-a-number is as far apart as can be, and stays so.
        if (!(by <= apart.most)) apart.most = by;
        squares += by * by;
    }
    apart.length = std::sqrt(squares);
    return apart;
}

Racer measured(const Racer& racer, const RaceRun& run) {
    Racer shown = racer;
    if (!run.problem.isEmpty()) {
        shown.problem = run.problem;
        return shown;
    }
    shown.track = run.track;
    shown.played = {};
    for (int stage = 0; stage < run.track.stages(); ++stage) {
        auto& spans = shown.played.stages.emplace_back();
        double recomputed = 0;
        for (const RaceSpan& span : run.track.spans(stage)) {
            if (span.phase == Phase::Recompute) {
                recomputed = span.end - span.begin;
                continue;
            }
            const Pass pass = span.phase == Phase::Forward          ? Pass::Forward
                              : span.phase == Phase::BackwardWeight ? Pass::BackwardWeight
                              : span.fused                          ? Pass::Backward
                                                                    : Pass::BackwardInput;
            spans.push_back({{pass, span.microBatch, span.chunk},
                             (span.begin - recomputed) * 1e3,
                             span.end * 1e3,
                             recomputed * 1e3});
            recomputed = 0;
        }
        shown.played.busy.push_back(run.track.at(stage, run.track.end()).busy * 1e3);
    }
    const StageMoment total = run.track.total(run.track.end());
    shown.played.makespan = run.track.end() * 1e3;
    shown.played.cost = (total.busy + total.waited) * 1e3;
    shown.played.bubbleRate = total.bubble();
    if (run.bubble) shown.batchBubble = *run.bubble;
    return shown;
}

}  // namespace rondo::ui
