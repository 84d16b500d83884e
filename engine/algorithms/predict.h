#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo {

/// What theory says of a run before it starts, in closed form. Empty where theory has no answer (seconds on
/// this very computer in `threads`, say). Per rank where ranks differ.
///
/// Messages and bytes are exact, those of dgc about. Seconds are where all workers begin each step together
/// or a server is never idle; where an exchange lets some go on before others (naive, a tree of no power of
/// two, stale, backup workers, compressed pushes to several servers) the next step overlaps with it, and they
/// are an estimate. Faults and jitter are not foreseen.
struct Prediction {
    std::int64_t parameters = 0;
    std::optional<std::int64_t> steps;        ///< when the settings fix it
    std::vector<std::int64_t> sentPerStep;    ///< payload bytes each rank sends in a step
    std::int64_t messagesPerStep = 0;         ///< of all ranks
    std::optional<double> computeSeconds;     ///< forward + backward + update of a full step, slowest rank
    std::optional<double> collectiveSeconds;  ///< the gradients of one step, idle network, no overlap
    std::optional<double> stepSeconds;        ///< with overlap taken into account
    std::optional<double> seconds;            ///< the whole run
    std::optional<double> samplesPerSecond;

    /// The part of each message that goes by the first card, where there are two.
    std::optional<double> firstCardShare;
    std::optional<double> stepFailure;       ///< chance that at least one map task of a step fails
    std::optional<double> compressionRatio;  ///< bytes of the gradient over those that stand for it
    std::optional<double> secondEigenvalue;  ///< where workers mix
    /// Of a model in parts, by stage.
    struct Parts {
        std::optional<double> bubbleFraction;
        std::vector<double> peakActivations;
        std::vector<std::int64_t> weightVersions;
    };
    std::optional<Parts> parts;
    std::int64_t payloadPerStep() const;
};

/// Needs the data only for its sizes: `trainSamples` and `shape` are what a loaded data set says, or
/// expectations. Only settings that passed validation.
Prediction predict(const RunSpec& spec, std::int64_t trainSamples, const SampleShape& shape);
/// With the sizes the settings promise; sizes of `idx` folders are unknown then, and so are steps by epochs.
Prediction predict(const RunSpec& spec);

/// That at least one of `count` independent things happens which each have that chance: 1 − (1 − p)ⁿ, 39.5 %
/// for 50 workers of which each fails with 1 %.
double probabilityOfAny(std::int64_t count, double each);

/// The names of the report: seconds, samples_per_second, parameters, steps, traffic, step_seconds,
/// collective_seconds …
boost::json::object toJson(const Prediction& prediction);

}  // namespace rondo
