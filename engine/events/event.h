#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/carries.h"
#include "engine/core/clock.h"
#include "engine/core/ids.h"
#include "engine/core/overloaded.h"

namespace rondo {

// Everything a run says of itself. Plain values, immutable once published; tensors never travel in events.
//   transitions  change what a run is: never dropped
//   evaluations  the test set's verdict: dropped, and counted, only when a reader stands still
//   samples      one measurement among many: dropped, and counted, when a reader is too slow
//   gauges       the latest value is all that matters
// NaN and infinity are values like any other here: a diverging loss must be seen.

enum class Phase : std::uint8_t {
    Preprocess,
    Partition,
    Load,
    Forward,
    BackwardInput,
    BackwardWeight,
    Synchronise,
    Update,
    Recompute,
    Evaluate,
    Wait
};
inline constexpr int kPhases = 11;
std::string_view nameOf(Phase phase);  ///< as in reports: "backward_input"

/// What a rank does at the same time as something else: its computation, and its communication.
enum class Lane : std::uint8_t { Compute, Communication };

enum class RunState : std::uint8_t { Preparing, Running, Paused, Stopping, Finished, Stopped, Failed };
std::string_view nameOf(RunState state);
inline bool isFinal(RunState s) {
    return s == RunState::Finished || s == RunState::Stopped || s == RunState::Failed;
}

/// Carried by every event. `sequence` counts per producer (a rank, or −1 for the run itself), so that a gap
/// shows. `at` is time since the start of the run: virtual in `virtual`, wall-clock elsewhere; of a span or
/// message, its end.
struct Stamp {
    std::uint32_t run = 0;
    Rank rank{kNone};
    std::uint64_t sequence = 0;
    Nanoseconds at{0};
    bool operator==(const Stamp&) const = default;
};

// Transitions.

/// First event of a run. `spec` and `prediction` are JSON texts (settings and report contract).
struct RunStarted {
    Stamp stamp;
    std::string spec;
    std::string prediction;
    std::int32_t workers = 0;
    bool virtualTime = false;
    std::int64_t parameters = 0;
    std::int64_t plannedSteps = 0;  ///< 0 when not known beforehand
    std::int64_t unixMilliseconds = 0;
    bool operator==(const RunStarted&) const = default;
};
struct RunStateChanged {
    Stamp stamp;
    RunState state = RunState::Preparing;
    std::string detail;  ///< what is being prepared, or why it failed
    bool operator==(const RunStateChanged&) const = default;
};
/// Last event of a run; `report` is the report's JSON text.
struct RunEnded {
    Stamp stamp;
    RunState state = RunState::Finished;
    std::string report;
    bool operator==(const RunEnded&) const = default;
};
/// Something the person should know: slow BLAS, overlap that can't help on this machine, divergence.
struct Notice {
    Stamp stamp;
    enum class Kind : std::uint8_t { Information, Warning, Divergence } kind = Kind::Information;
    std::int32_t step = kNone;
    std::string text;
    bool operator==(const Notice&) const = default;
};

// Evaluations.

/// Test set evaluated.
struct Evaluated {
    Stamp stamp;
    std::int32_t step = 0;
    double trainLoss = std::numeric_limits<double>::quiet_NaN();
    double testLoss = std::numeric_limits<double>::quiet_NaN();
    double testAccuracy = std::numeric_limits<double>::quiet_NaN();
    std::int64_t payloadBytes = 0;  ///< sent so far by all ranks
    bool operator==(const Evaluated&) const = default;
};
/// Two-dimensional data only, at every evaluation: the most likely class over the square [−extent, extent]²,
/// row by row from the top left, `side`×`side` cells; the high 4 bits of a byte are the class, the low 4 how
/// sure the model is (0–15).
struct DecisionBoundary {
    Stamp stamp;
    std::int32_t step = 0;
    std::int32_t side = 0;
    float extent = 1;
    std::vector<std::uint8_t> cells;
    bool operator==(const DecisionBoundary&) const = default;
};
/// A transition. Some samples of the training data, once per run: (x, y) points of two-dimensional data, or
/// pixels 0–255 of small images; `labels` has one entry a sample.
struct DataPreview {
    Stamp stamp;
    std::int32_t width = 0, height = 0;  ///< of an image; 0 for points
    std::vector<std::uint8_t> pixels;
    std::vector<float> points;
    std::vector<std::uint8_t> labels;
    bool operator==(const DataPreview&) const = default;
};

// Samples.

/// One thing a rank did, [begin, stamp.at).
struct Span {
    Stamp stamp;
    Phase phase = Phase::Forward;
    Lane lane = Lane::Compute;
    bool fused =
        false;  ///< BackwardInput that holds the whole backward pass (input and weight gradients in one)
    std::int32_t step = kNone;
    std::int32_t bucket = kNone;
    Nanoseconds begin{0};
    std::int32_t microBatch = kNone;  ///< of a pipeline stage
    std::int32_t chunk = kNone;       ///< model chunk, of a stage that holds several
    Rank peer{kNone};                 ///< of a wait: whose message ended it
    bool operator==(const Span&) const = default;
};
/// One message over one link, from the first byte's departure (`begin`) to the last one's arrival
/// (`stamp.at`). Published by the receiver: `stamp.rank` is `to`.
struct Message {
    Stamp stamp;
    Rank from, to;
    std::int64_t payloadBytes = 0, wireBytes = 0;
    std::int32_t step = kNone;
    std::int32_t bucket = kNone;
    std::int32_t chunk = kNone;
    Nanoseconds begin{0};
    std::int32_t microBatch = kNone;  ///< of a pipeline
    Carries carries = Carries::Exchange;
    bool operator==(const Message&) const = default;
};
/// All ranks finished a step. `loss` is the mean over the global batch, before the step's update.
struct StepCompleted {
    Stamp stamp;
    std::int32_t step = 0;
    std::int32_t epoch = 0;
    double loss = std::numeric_limits<double>::quiet_NaN();
    std::int64_t samples = 0;       ///< of the global batch
    std::int64_t payloadBytes = 0;  ///< sent so far by all ranks
    bool operator==(const StepCompleted&) const = default;
};
/// A gradient went into an update of the server `stamp.rank`, `staleness` updates after the parameters it was
/// computed with.
struct GradientApplied {
    Stamp stamp;
    Rank worker;
    std::int64_t staleness = 0;
    bool operator==(const GradientApplied&) const = default;
};
/// `count` samples did not fit in a queue on the way here, since the last such event.
struct EventsDropped {
    Stamp stamp;
    std::uint64_t count = 0;
    bool operator==(const EventsDropped&) const = default;
};

// Gauges.

struct Throughput {
    Stamp stamp;
    double samplesPerSecond = 0;  ///< global samples per second of run time, over about the last half second
    bool operator==(const Throughput&) const = default;
};

/// An evaluation where workers have weights of their own: how far they were from their mean, as in the
/// report's consensus_distance.
struct ConsensusMeasured {
    Stamp stamp;
    std::int32_t step = 0;
    double distance = 0;
    bool operator==(const ConsensusMeasured&) const = default;
};

/// A sample. What rank 0 has sent in compressed form by the end of a step; `error` is the relative length of
/// what the step's sending left out.
struct CompressionMeasured {
    Stamp stamp;
    std::int32_t step = 0;
    std::int64_t denseBytes = 0;  ///< that the gradients would have taken
    std::int64_t encodedBytes = 0;
    double error = 0;
    bool operator==(const CompressionMeasured&) const = default;
};
/// A transition. A fault struck, from `stamp.at` on for `seconds` (infinity: until the end); `peer` is the
/// other end of a link, or kNone. `stamp.rank` is the worker.
struct FaultHappened {
    Stamp stamp;
    FaultKind kind = FaultKind::Slow;
    Rank peer{kNone};
    std::int32_t step = kNone;  ///< the worker's
    double seconds = std::numeric_limits<double>::infinity();
    double factor = 1;
    bool operator==(const FaultHappened&) const = default;
};

/// A transition; also outside of any run (run 0). What is known of a machine of the room: when it joins, when
/// its state changes, and when it has been measured anew (once a second at most). `member` numbers members of
/// one host from 1 on and is never used again; who leaves and returns under its name keeps it.
struct MemberChanged {
    Stamp stamp;
    enum class State : std::uint8_t { Joining, Ready, Training, Lost, Left, Removed } state = State::Joining;
    std::uint32_t member = 0;
    std::string name;
    Rank rank{kNone};  ///< in the present run
    std::uint32_t cores = 0;
    double gflops = 0;                ///< measured on one core; 0 until it is known
    Nanoseconds roundTrip{0};         ///< to the host
    Nanoseconds clockOffset{0};       ///< its clock less the host's
    Nanoseconds clockUncertainty{0};  ///< the offset is right to within this, both ways
    std::string address;
    std::string detail;  ///< why it is in this state, in words; may be empty
    bool operator==(const MemberChanged&) const = default;
};
std::string_view nameOf(MemberChanged::State state);  ///< in words: "ready"

/// A transition. From step `firstStep` on the run goes on with `workers` ranks: at its start (generation 0),
/// and whenever members were lost or joined; `why` says who and what happened.
struct WorldChanged {
    Stamp stamp;
    std::uint32_t generation = 0;
    std::int32_t firstStep = 0;
    std::int32_t workers = 0;
    std::string why;
    bool operator==(const WorldChanged&) const = default;
};

/// A transition. How the ranks `stamp.rank` and `peer` of different machines reach each other.
struct RouteChosen {
    Stamp stamp;
    Rank peer;
    bool relayed = false;  ///< through the host, since neither reaches the other
    bool operator==(const RouteChosen&) const = default;
};

/// A transition; outside of any run (run 0). Whether the room of this computer stands open for machines that
/// want to train, and how they get in. For the person at the front only: never recorded, never shown to
/// viewers.
struct RoomChanged {
    Stamp stamp;
    bool open = false;
    std::string url;          ///< ws://192.168.1.20:7077
    std::string others;       ///< further URLs of this computer, one a line
    std::string code;         ///< K7M-Q2X
    std::string joinLine;     ///< what a student types
    std::string fingerprint;  ///< of a wss room: 64 hexadecimal digits
    std::string detail;       ///< why it isn't open; may be empty
    bool operator==(const RoomChanged&) const = default;
};

using Event =
    std::variant<RunStarted, RunStateChanged, RunEnded, Notice, Evaluated, DecisionBoundary, DataPreview,
                 Span, Message, StepCompleted, EventsDropped, Throughput, ConsensusMeasured, GradientApplied,
                 CompressionMeasured, FaultHappened, MemberChanged, WorldChanged, RouteChosen, RoomChanged>;

enum class EventClass { Transition, Evaluation, Sample, Gauge };
EventClass classOf(const Event& event);
const Stamp& stampOf(const Event& event);
Stamp& stampOf(Event& event);

}  // namespace rondo
