#include "ui/store/race.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace rondo::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Race", text);
}

/// Times that were reached along different ways may differ in their last digits.
bool sameMoment(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max(a, b);
}

}  // namespace

RaceSettings RaceSettings::with(const RunSpec& spec) const {
    RaceSettings settings = *this;
    const StagesSpec* stages = stagesOf(spec);
    if (!stages) return settings;
    const auto* hybrid = std::get_if<HybridAlgorithm>(&spec.algorithm);
    const std::int64_t count = hybrid ? hybrid->pipeline : spec.workers;
    settings.stages = static_cast<int>(std::clamp<std::int64_t>(count, 1, kMostStages));
    settings.microBatches =
        static_cast<int>(std::clamp<std::int64_t>(stages->microBatches, 1, kMostMicroBatches));
    if (stages->schedule == ScheduleChoice::Interleaved)
        settings.chunks = static_cast<int>(std::clamp<std::int64_t>(stages->chunks, 1, kMostChunks));
    settings.recompute = stages->recompute;
    if (stages->schedule == ScheduleChoice::Hand) settings.order = stages->order;
    const TimesSpec& times = spec.cluster.times;
    if (times.given()) {
        settings.forwardMs = times.forwardMs.value_or(0);
        settings.backwardInputMs = times.backwardInputMs.value_or(0);
        settings.backwardWeightMs = times.backwardWeightMs.value_or(0);
        settings.messageMs = times.messageMs.value_or(0);
    }
    return settings;
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
    const PassTimes times{settings.forwardMs, settings.backwardInputMs, settings.backwardWeightMs,
                          settings.messageMs};
    const PipelineSchedule& schedule = racer.schedule;
    const int stages = schedule.stageCount();
    auto played = playSteps(schedule, StageTimes::even(stages, schedule.chunks, times), settings.batches);
    if (!played) return refuse(played.error());
    racer.batches = settings.batches;
    racer.batchBubble = played->meanBubble();
    racer.played = std::move(played->whole);
    racer.track = RaceTrack::of(schedule, racer.played, 1e-3);
    if (kind)
        racer.theory = pipelineTheory({*kind, stages, schedule.microBatches, schedule.chunks, times,
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
