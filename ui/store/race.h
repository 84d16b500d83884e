#pragma once

#include <QString>
#include <optional>
#include <string>
#include <vector>

#include "engine/algorithms/pipeline/pipeline_theory.h"
#include "engine/config/run_spec.h"
#include "ui/store/race_track.h"

namespace rondo::ui {

/// What is raced: the same stages and micro-batches, in two to four orders. Times are those of a micro-batch
/// on a stage, in milliseconds.
struct RaceSettings {
    static constexpr std::size_t kLeast = 2, kMost = 4;
    static constexpr int kMostStages = 64, kMostMicroBatches = 1024, kMostChunks = 16, kMostBatches = 8;
    /// Of one schedule, so that a change of a number is drawn at once.
    static constexpr std::int64_t kMostPasses = 200'000;

    int stages = 4, microBatches = 8, chunks = 2;  ///< chunks: of interleaved
    int batches = 1;                               ///< that follow each other without a barrier
    bool recompute = false;
    double forwardMs = 1, backwardInputMs = 1, backwardWeightMs = 1, messageMs = 0;
    std::vector<ScheduleChoice> racers{ScheduleChoice::GPipe, ScheduleChoice::OneFOneB, ScheduleChoice::ZbH1};
    std::string order;  ///< written by hand; it has stages and micro-batches of its own
    bool operator==(const RaceSettings&) const = default;

    /// Where the numbers come from, times too, if they are a run's own: those of its model's parts.
    std::optional<RunSpec> run;

    /// The numbers of a run's settings when they are a pipeline's (times in the mean over its stages); else
    /// as they are.
    RaceSettings with(const RunSpec& spec) const;
};

/// What a racer is as a run, in virtual time: `base` with its schedule, and with the numbers and times of the
/// race unless these are the run's own.
RunSpec raceSpec(const RunSpec& base, const RaceSettings& settings, ScheduleChoice choice);

/// "GPipe", "1F1B", "ZB-H1": as papers write them.
QString raceName(ScheduleChoice choice);
/// Whether it ends with the weights of the unsplit model on the same batch.
bool isSynchronous(ScheduleChoice choice);
std::optional<ScheduleKind> kindOf(ScheduleChoice choice);  ///< none: by hand

/// One of them: how it goes, or why it can't.
struct Racer {
    ScheduleChoice choice = ScheduleChoice::GPipe;
    QString name;
    QString problem;  ///< not empty: there is nothing to show
    PipelineSchedule schedule;
    PlayedSchedule played;  ///< in milliseconds, all batches
    int batches = 1;
    double batchBubble = 0;                ///< of a batch, in the mean
    RaceTrack track;                       ///< in seconds
    std::optional<PipelineTheory> theory;  ///< times in milliseconds; none by hand
    bool ok() const { return problem.isEmpty(); }

    static Racer of(ScheduleChoice choice, const RaceSettings& settings);
};

/// Places at the end, from 1 on; who ends at the same moment shares one. 0: can't be raced.
std::vector<int> placesOf(const std::vector<Racer>& racers);

}  // namespace rondo::ui
