#include "ui/store/race.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "engine/model/model_plan.h"

namespace rondo::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Race", text);
}

/// Times that were reached along different ways may differ in their last digits.
bool sameMoment(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max(a, b);
}

/// In milliseconds.
Result<StageTimes> timesOf(const RunSpec& spec) {
    try {
        const ModelPlan model = planModel(spec, expectedShape(spec.data));
        StageTimes times = stageTimes(spec, model, planStages(spec, model));
        for (PassTimes& part : times.parts) {
            part.forward *= 1e3;
            part.backwardInput *= 1e3;
            part.backwardWeight *= 1e3;
            part.message *= 1e3;
        }
        for (double& update : times.updates) update *= 1e3;
        return times;
    } catch (const BadInput& bad) {
        return bad.problems();
    }
}

/// What a stage takes in the mean; of a message, what one takes.
PassTimes meanOf(const StageTimes& times, int stages) {
    PassTimes mean{0, 0, 0, 0};
    for (const PassTimes& part : times.parts) {
        mean.forward += part.forward / stages;
        mean.backwardInput += part.backwardInput / stages;
        mean.backwardWeight += part.backwardWeight / stages;
    }
    const std::size_t cuts = times.parts.size() - 1;
    for (std::size_t i = 0; i < cuts; ++i) mean.message += times.parts[i].message / static_cast<double>(cuts);
    return mean;
}

}  // namespace

RaceSettings RaceSettings::with(const RunSpec& spec) const {
    RaceSettings settings = *this;
    const StagesSpec* stages = stagesOf(spec);
    settings.run.reset();
    if (!stages) return settings;
    settings.run = spec;
    settings.stages = std::clamp(meshOf(spec).pipeline, 1, kMostStages);
    settings.microBatches =
        static_cast<int>(std::clamp<std::int64_t>(stages->microBatches, 1, kMostMicroBatches));
    if (stages->schedule == ScheduleChoice::Interleaved)
        settings.chunks = static_cast<int>(std::clamp<std::int64_t>(stages->chunks, 1, kMostChunks));
    settings.recompute = stages->recompute;
    if (stages->schedule == ScheduleChoice::Hand) settings.order = stages->order;
    if (const auto times = timesOf(raceSpec(spec, settings, ScheduleChoice::OneFOneB))) {
        const PassTimes mean = meanOf(*times, settings.stages);
        settings.forwardMs = mean.forward;
        settings.backwardInputMs = mean.backwardInput;
        settings.backwardWeightMs = mean.backwardWeight;
        settings.messageMs = mean.message;
    }
    return settings;
}

RunSpec raceSpec(const RunSpec& base, const RaceSettings& settings, ScheduleChoice choice) {
    RunSpec spec = base;
    spec.name = raceName(choice).toStdString();
    spec.runOn = RunOn::Virtual;
    StagesSpec stages;
    if (const StagesSpec* own = stagesOf(base)) stages = *own;
    stages.schedule = choice;
    stages.order = choice == ScheduleChoice::Hand ? settings.order : std::string();
    stages.microBatches = settings.microBatches;
    stages.chunks = choice == ScheduleChoice::Interleaved ? settings.chunks : 1;
    stages.recompute = settings.recompute;
    std::int64_t count = settings.stages;
    if (choice == ScheduleChoice::Hand)
        if (const auto parsed = parseSchedule(settings.order)) {
            count = parsed->stageCount();
            stages.microBatches = parsed->microBatches;
            stages.chunks = parsed->chunks;
        }
    if (const auto* hybrid = std::get_if<HybridAlgorithm>(&base.algorithm)) {
        HybridAlgorithm mesh = *hybrid;
        mesh.pipeline = count;
        mesh.stages = std::move(stages);
        spec.workers = mesh.data * mesh.pipeline * mesh.tensor;
        spec.algorithm = std::move(mesh);
    } else {
        spec.workers = count;
        spec.algorithm = PipelineAlgorithm{std::move(stages)};
    }
    if (settings.run) return spec;
    TimesSpec& times = spec.cluster.times;
    times = {};
    times.forwardMs = settings.forwardMs;
    times.backwardInputMs = settings.backwardInputMs;
    times.backwardWeightMs = settings.backwardWeightMs;
    times.messageMs = settings.messageMs;
    return spec;
}

QString raceName(ScheduleChoice choice) {
    switch (choice) {
        case ScheduleChoice::Vanilla:
            return tr("Vanilla");
        case ScheduleChoice::GPipe:
            return QStringLiteral("GPipe");
        case ScheduleChoice::OneFOneB:
            return QStringLiteral("1F1B");
        case ScheduleChoice::Interleaved:
            return tr("Interleaved");
        case ScheduleChoice::ZbH1:
            return QStringLiteral("ZB-H1");
        case ScheduleChoice::ZbH2:
            return QStringLiteral("ZB-H2");
        case ScheduleChoice::PipeDream:
            return QStringLiteral("PipeDream");
        case ScheduleChoice::PipeDream2bw:
            return QStringLiteral("PipeDream-2BW");
        case ScheduleChoice::Hand:
            return tr("By hand");
    }
    return {};
}

bool isSynchronous(ScheduleChoice choice) {
    return choice != ScheduleChoice::PipeDream && choice != ScheduleChoice::PipeDream2bw;
}

std::optional<ScheduleKind> kindOf(ScheduleChoice choice) {
    if (choice == ScheduleChoice::Hand) return {};
    return static_cast<ScheduleKind>(choice);
}
static_assert(static_cast<int>(ScheduleChoice::GPipe) == static_cast<int>(ScheduleKind::GPipe) &&
              static_cast<int>(ScheduleChoice::PipeDream2bw) == static_cast<int>(ScheduleKind::PipeDream2bw));

Racer Racer::of(ScheduleChoice choice, const RaceSettings& settings) {
    Racer racer;
    racer.choice = choice;
    racer.name = raceName(choice);
    const auto refuse = [&racer](const std::string& why) {
        racer.problem = QString::fromStdString(why);
        return racer;
    };
    const auto kind = kindOf(choice);
    const int chunks = choice == ScheduleChoice::Interleaved ? settings.chunks : 1;
    const std::int64_t passes =
        std::int64_t{settings.stages} * settings.microBatches * chunks * settings.batches;
    if (kind && passes > RaceSettings::kMostPasses)
        return refuse("stages × micro-batches × chunks × batches is " + std::to_string(passes) +
                      ", expected at most " + std::to_string(RaceSettings::kMostPasses) + " in a race");
    auto made = kind ? makeSchedule(*kind, settings.stages, settings.microBatches, chunks)
                     : parseSchedule(settings.order);
    if (!made) return refuse(made.error());
    racer.schedule = std::move(*made);
    racer.schedule.recompute = settings.recompute;
    const PipelineSchedule& schedule = racer.schedule;
    const int stages = schedule.stageCount();
    PassTimes mean{settings.forwardMs, settings.backwardInputMs, settings.backwardWeightMs,
                   settings.messageMs};
    StageTimes times = StageTimes::even(stages, schedule.chunks, mean);
    if (settings.run) {
        auto own = timesOf(raceSpec(*settings.run, settings, choice));
        if (!own) return refuse(own.error());
        times = std::move(*own);
        mean = meanOf(times, stages);
    }
    auto played = playSteps(schedule, times, settings.batches);
    if (!played) return refuse(played.error());
    racer.batches = settings.batches;
    racer.batchBubble = played->meanBubble();
    racer.played = std::move(played->whole);
    racer.track = RaceTrack::of(schedule, racer.played, 1e-3);
    if (kind)
        racer.theory = pipelineTheory({*kind, stages, schedule.microBatches, schedule.chunks, mean,
                                       settings.recompute, settings.batches});
    return racer;
}

std::vector<int> placesOf(const std::vector<Racer>& racers) {
    std::vector<int> places;
    for (const Racer& racer : racers) {
        int place = racer.ok() ? 1 : 0;
        for (const Racer& other : racers)
            if (place > 0 && other.ok() && other.track.end() < racer.track.end() &&
                !sameMoment(other.track.end(), racer.track.end()))
                ++place;
        places.push_back(place);
    }
    return places;
}

}  // namespace rondo::ui
