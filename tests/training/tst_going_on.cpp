// A run that goes on at a checkpoint is the run that never stopped: weights, history and report, bit for bit.
#include <QtTest>
#include <boost/json/serialize.hpp>
#include <set>

#include "engine/algorithms/predict.h"
#include "engine/run/checkpoint.h"
#include "tests/support/parts_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

namespace json = boost::json;

struct Case {
    const char* name;
    RunSpec spec;
    bool exactTime = true;  ///< in virtual time the seconds are the same too
};

RunSpec with(RunSpec spec, AlgorithmSpec algorithm, CompressionSpec compression = NoCompression{},
             OptimizerSpec optimizer = SgdOptimizer{0.05, 0.9, 0}) {
    spec.algorithm = std::move(algorithm);
    spec.compression = std::move(compression);
    spec.optimizer = optimizer;
    return spec;
}

RunSpec hybrid() {
    RunSpec spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::OneFOneB);
    const StagesSpec stages = stagesIn(spec);
    spec.model = MlpModel{{24, 24, 24, 24, 24, 24, 24}};
    spec.workers = 8;
    spec.batch = 16;
    spec.algorithm = HybridAlgorithm{2, 2, 2, stages};
    return spec;
}

std::vector<Case> cases() {
    const RunSpec four = smallSpec(RunOn::Virtual, 4, 8), one = smallSpec(RunOn::Virtual, 1, 16);
    const auto reduce = [](Collective collective, bool overlap) {
        AllReduceAlgorithm algorithm;
        algorithm.collective = collective;
        algorithm.overlap = overlap;
        algorithm.bucketMb = 0.03;
        return algorithm;
    };
    const auto server = [](ServerMode mode, int servers, int staleness = 1) {
        ParameterServerAlgorithm algorithm;
        algorithm.mode = mode;
        algorithm.servers = servers;
        algorithm.staleness = staleness;
        return algorithm;
    };
    RunSpec slow = with(four, reduce(Collective::Ring, true));
    slow.cluster.overrides = {{2, 0.25, {}, {}}};
    RunSpec faulty = with(four, reduce(Collective::Ring, true));
    faulty.faults = {{.kind = FaultKind::Pause, .worker = 1, .atStep = 5, .forSeconds = 0.001},
                     {.kind = FaultKind::Slow, .worker = 2, .atStep = 9, .factor = 3},
                     {.kind = FaultKind::Restart, .worker = 3, .atStep = 25, .forSeconds = 0.002}};
    RunSpec modelled = with(four, reduce(Collective::Ring, true));
    modelled.weights = {.modelled = true, .megabytes = 1};
    RunSpec tensor = with(four, TensorAlgorithm{});
    tensor.model = MlpModel{{32, 32}};
    return {
        {"single, momentum", with(one, SingleAlgorithm{})},
        {"single, adam", with(one, SingleAlgorithm{}, {}, AdamOptimizer{})},
        {"ring, momentum", with(four, reduce(Collective::Ring, false))},
        {"ring, adam", with(four, reduce(Collective::Ring, false), {}, AdamOptimizer{})},
        {"ring, overlap", with(four, reduce(Collective::Ring, true))},
        {"tree, overlap", with(four, reduce(Collective::Tree, true))},
        {"halving and doubling", with(four, reduce(Collective::HalvingDoubling, true))},
        {"a straggler", slow},
        {"faults", faulty},
        {"modelled", modelled},
        {"top-k", with(four, reduce(Collective::Ring, true), TopKCompression{0.05, true})},
        {"dgc", with(four, reduce(Collective::Ring, true), DgcCompression{.density = 0.05})},
        {"power_sgd", with(four, reduce(Collective::Ring, false), PowerSgdCompression{})},
        {"random_mask", with(four, reduce(Collective::Ring, false), RandomMaskCompression{})},
        {"quantize", with(four, reduce(Collective::Ring, false), QuantizeCompression{})},
        {"server, sync", with(four, server(ServerMode::Sync, 1))},
        {"two servers, sync, adam", with(four, server(ServerMode::Sync, 2), {}, AdamOptimizer{})},
        {"server, top-k", with(four, server(ServerMode::Sync, 1), TopKCompression{0.05, true})},
        {"two servers, stale", with(four, server(ServerMode::Stale, 2, 1))},
        {"gossip on a ring", with(four, GossipAlgorithm{})},
        {"map and reduce, tree", with(four, MapReduceAlgorithm{})},
        {"map and reduce, star, failing tasks", with(four, MapReduceAlgorithm{ReduceShape::Star, 0.1})},
        {"gpipe", pipelineSpec(RunOn::Virtual, ScheduleChoice::GPipe)},
        {"1f1b", pipelineSpec(RunOn::Virtual, ScheduleChoice::OneFOneB)},
        {"interleaved", pipelineSpec(RunOn::Virtual, ScheduleChoice::Interleaved)},
        {"zb_h1", pipelineSpec(RunOn::Virtual, ScheduleChoice::ZbH1)},
        {"zb_h2", pipelineSpec(RunOn::Virtual, ScheduleChoice::ZbH2)},
        {"tensor", tensor},
        {"hybrid", hybrid()},
    };
}

RunSpec upTo(RunSpec spec, std::int64_t steps) {
    spec.stop = {.steps = steps};
    return spec;
}

TrainingResult trainWith(const RunSpec& spec, const TrainingOptions& options, EventSink& sink) {
    RunControl control(static_cast<int>(spec.workers), spec.runOn == RunOn::Virtual);
    return runTraining(spec, control, sink, options);
}
TrainingResult trainWith(const RunSpec& spec, const TrainingOptions& options) {
    Nobody nobody;
    return trainWith(spec, options, nobody);
}

std::shared_ptr<const Checkpoint> readFrom(const QString& file) {
    auto read = readCheckpoint(file.toStdString());
    if (!read) qWarning("%s", read.error().c_str());
    return read ? std::make_shared<const Checkpoint>(std::move(*read)) : nullptr;
}

/// Without what depends on the clock on the wall, or on a sum's order: seconds of phases.
json::object comparable(const Report& report, bool time) {
    json::object all = toJson(report);
    for (const char* name : {"wall_seconds", "phases", "spec", "predicted", "events_dropped"})
        all.erase(name);
    if (time) return all;
    for (const char* name : {"seconds", "samples_per_second", "bubble_fraction", "faults"}) all.erase(name);
    // Threads add their weights to the mean as they come: its last digits are nobody's to choose.
    const bool mean = std::holds_alternative<GossipAlgorithm>(report.spec.algorithm);
    for (json::value& entry : all["history"].as_array()) {
        entry.as_object().erase("seconds");
        if (mean) entry.as_object().erase("consensus_distance");
        if (mean) entry.as_object().erase("test_loss");
    }
    return all;
}

void compare(const TrainingResult& whole, const TrainingResult& parts, bool time) {
    // A stale server may have waited for the next step's gradients while others still owed this one's.
    const auto* server = std::get_if<ParameterServerAlgorithm>(&whole.report.spec.algorithm);
    const bool phases = time && !(server && server->mode == ServerMode::Stale);
    QCOMPARE(parts.report.error, std::string());
    QCOMPARE(parts.report.status, RunState::Finished);
    QCOMPARE(parts.report.weightsSha256, whole.report.weightsSha256);
    const json::object a = comparable(whole.report, time), b = comparable(parts.report, time);
    for (const auto& [name, value] : a)
        QVERIFY2(b.contains(name) && b.at(name) == value,
                 (std::string(name) + ": " + json::serialize(value) + "\nbut " +
                  json::serialize(b.contains(name) ? b.at(name) : json::value()))
                     .c_str());
    QCOMPARE(b.size(), a.size());
    QCOMPARE(parts.report.phases.size(), whole.report.phases.size());
    for (std::size_t rank = 0; phases && rank < whole.report.phases.size(); ++rank)
        for (const auto& [phase, seconds] : whole.report.phases[rank])
            compareClosely(parts.report.phases[rank].at(phase), seconds, 1e-9, "seconds of a phase");
}

/// Wishes for a checkpoint once it hears of a step.
class Wishing final : public EventSink {
  public:
    using EventSink::publish;
    RunControl* control = nullptr;
    std::int32_t step = 16;
    std::string file;
    void publish(std::span<Event> batch) override {
        for (const Event& event : batch) {
            const auto* completed = std::get_if<StepCompleted>(&event);
            if (completed && completed->step == step) control->saveCheckpoint(file);
            if (const auto* notice = std::get_if<Notice>(&event)) {
                const std::lock_guard lock(mutex);
                notices.push_back(*notice);
            }
        }
    }
    bool told(const std::string& words) const {
        return std::any_of(notices.begin(), notices.end(), [&](const Notice& notice) {
            return notice.text.find(words) != std::string::npos;
        });
    }
    std::mutex mutex;
    std::vector<Notice> notices;
};

/// What is told of steps and evaluations, and how it ended.
class Counting final : public EventSink {
  public:
    using EventSink::publish;
    std::vector<std::int64_t> samples;
    std::vector<std::pair<std::int32_t, double>> evaluated;
    RunState ended = RunState::Running;
    void publish(std::span<Event> batch) override {
        const std::lock_guard lock(mutex_);
        for (const Event& event : batch) {
            if (const auto* step = std::get_if<StepCompleted>(&event)) samples.push_back(step->samples);
            if (const auto* end = std::get_if<RunEnded>(&event)) ended = end->state;
            if (const auto* made = std::get_if<Evaluated>(&event))
                evaluated.emplace_back(made->step, made->testLoss);
        }
    }

  private:
    std::mutex mutex_;
};

/// Goes one step further after the fifth, to stand there, and wishes; lets go when the wish has come true.
class PausedWish final : public EventSink {
  public:
    using EventSink::publish;
    RunControl* control = nullptr;
    std::string file;
    void publish(std::span<Event> batch) override {
        for (const Event& event : batch) {
            if (const auto* step = std::get_if<StepCompleted>(&event); step && step->step == 4) {
                control->stepOnce();
                control->saveCheckpoint(file);
            }
            if (const auto* notice = std::get_if<Notice>(&event))
                if (notice->text.find(file) != std::string::npos) control->resume();
        }
    }
};

}  // namespace

class TestGoingOn : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    QString at(const char* name) const { return folder_.filePath(name); }

    static void addCases() {
        QTest::addColumn<int>("place");
        QTest::addColumn<bool>("isVirtual");
        const auto all = cases();
        for (const bool isVirtual : {true, false})
            for (std::size_t i = 0; i < all.size(); ++i)
                if (isVirtual || (!all[i].spec.weights.modelled && all[i].spec.cluster == ClusterSpec{}))
                    QTest::addRow("%s, %s", isVirtual ? "virtual" : "threads", all[i].name)
                        << static_cast<int>(i) << isVirtual;
    }
    static Case thisCase() {
        QFETCH(int, place);
        QFETCH(bool, isVirtual);
        Case that = cases()[static_cast<std::size_t>(place)];
        if (!isVirtual) that.spec.runOn = RunOn::Threads;
        return that;
    }
    /// Whether the order in which gradients come, and with it the bits, is nobody's to choose.
    static bool free(const RunSpec& spec) {
        const auto* server = std::get_if<ParameterServerAlgorithm>(&spec.algorithm);
        return server && server->mode == ServerMode::Stale && spec.runOn != RunOn::Virtual;
    }

  private Q_SLOTS:
    void stoppedAndGoneOn_isTheRunThatNeverStopped_data() { addCases(); }
    void stoppedAndGoneOn_isTheRunThatNeverStopped() {
        const auto [name, spec, exactTime] = thisCase();
        const bool isVirtual = spec.runOn == RunOn::Virtual;
        const std::string file = at("stopped.safetensors").toStdString();
        const TrainingResult first = trainWith(upTo(spec, 17), {.checkpoints = {file}});
        QCOMPARE(first.report.error, std::string());
        const auto checkpoint = readFrom(QString::fromStdString(file));
        QVERIFY(checkpoint);
        QCOMPARE(checkpoint->stepsDone, 17);
        const TrainingResult parts = trainWith(upTo(spec, 40), {.resume = checkpoint});
        if (free(spec)) {
            QCOMPARE(parts.report.error, std::string());
            QCOMPARE(parts.report.steps, 40);
            return;
        }
        compare(trainWith(upTo(spec, 40), {}), parts, isVirtual && exactTime);
    }

    void savedInPassing_isTheRunThatWasNotSaved_data() { addCases(); }
    void savedInPassing_isTheRunThatWasNotSaved() {
        const auto [name, spec, exactTime] = thisCase();
        const bool isVirtual = spec.runOn == RunOn::Virtual;
        Wishing wishing;
        RunControl control(static_cast<int>(spec.workers), isVirtual);
        wishing.control = &control;
        wishing.file = at("passing.safetensors").toStdString();
        const TrainingResult saved = runTraining(upTo(spec, 40), control, wishing);
        const auto checkpoint = readFrom(QString::fromStdString(wishing.file));
        QVERIFY(checkpoint);
        QVERIFY2(checkpoint->stepsDone >= 17 && checkpoint->stepsDone < 40,
                 qPrintable(QString::number(checkpoint->stepsDone)));
        QVERIFY(wishing.told("Checkpoint after " + std::to_string(checkpoint->stepsDone) + " steps"));
        const TrainingResult parts = trainWith(upTo(spec, 40), {.resume = checkpoint});
        if (free(spec)) {
            QCOMPARE(parts.report.error, std::string());
            QCOMPARE(parts.report.steps, 40);
            return;
        }
        const TrainingResult whole = trainWith(upTo(spec, 40), {});
        compare(whole, saved, isVirtual);
        compare(whole, parts, isVirtual && exactTime);
    }

    void goingOnTwice_isStillTheSameRun() {
        const RunSpec spec = cases()[5].spec;
        const std::string file = at("twice.safetensors").toStdString();
        trainWith(upTo(spec, 9), {.checkpoints = {file}});
        trainWith(upTo(spec, 26), {.checkpoints = {file}, .resume = readFrom(at("twice.safetensors"))});
        compare(trainWith(upTo(spec, 40), {}),
                trainWith(upTo(spec, 40), {.resume = readFrom(at("twice.safetensors"))}), true);
    }

    void goingOnWhereItEnded_isTheSameReport() {
        const RunSpec spec = upTo(cases()[5].spec, 12);
        const TrainingResult whole = trainWith(spec, {.checkpoints = {at("end.safetensors").toStdString()}});
        compare(whole, trainWith(spec, {.resume = readFrom(at("end.safetensors"))}), true);
    }

    void otherWorkersGoOn_andNoSampleIsUsedTwice_data() {
        QTest::addColumn<bool>("isVirtual");
        QTest::addColumn<bool>("server");
        for (const bool isVirtual : {true, false})
            for (const bool server : {false, true})
                QTest::addRow("%s %s", isVirtual ? "virtual" : "threads", server ? "server" : "ring")
                    << isVirtual << server;
    }
    void otherWorkersGoOn_andNoSampleIsUsedTwice() {
        QFETCH(bool, isVirtual);
        QFETCH(bool, server);
        // 300 samples: five steps of 32 by four workers, then of 24 by three until the epoch is over.
        const auto trained = [&](int before, int after, const char* name,
                                 std::vector<std::int64_t>& samples) {
            RunSpec spec = smallSpec(isVirtual ? RunOn::Virtual : RunOn::Threads, before, 32 / before);
            spec.algorithm = AllReduceAlgorithm{};
            if (server) spec.algorithm = ParameterServerAlgorithm{};
            Counting sink;
            trainWith(upTo(spec, 5), {.checkpoints = {at(name).toStdString()}}, sink);
            spec.workers = after;
            spec.batch = 24 / after;
            spec.stop = {.epochs = 1};
            const TrainingResult result = trainWith(spec, {.resume = readFrom(at(name))}, sink);
            samples = sink.samples;
            return result;
        };
        std::vector<std::int64_t> samples, ofOne;
        const TrainingResult changed = trained(4, 3, "four.safetensors", samples);
        const TrainingResult one = trained(1, 1, "one.safetensors", ofOne);
        QCOMPARE(samples, (std::vector<std::int64_t>{32, 32, 32, 32, 32, 24, 24, 24, 24, 24, 20}));
        QCOMPARE(ofOne, samples);
        QCOMPARE(changed.report.error, std::string());
        QCOMPARE(changed.report.steps, 11);
        // The same batches, whoever computed which part of them.
        for (std::size_t i = 0; i < one.weights.size(); ++i)
            QVERIFY(std::abs(changed.weights[i] - one.weights[i]) < 1e-5);
        // Traffic of all who took part: four sent in the first steps, three in the last.
        std::set<int> senders;
        for (const LinkReport& link : changed.report.links) senders.insert(link.from.value);
        QCOMPARE(senders.size(), std::size_t(server ? 5 : 4));
    }

    void curvesGoOn_sinceEvaluationsAreToldAnew() {
        const RunSpec spec = cases()[5].spec;
        const std::string file = at("curves.safetensors").toStdString();
        Counting first, second, whole;
        trainWith(upTo(spec, 16), {.checkpoints = {file}}, first);
        trainWith(upTo(spec, 40), {.resume = readFrom(at("curves.safetensors"))}, second);
        trainWith(upTo(spec, 40), {}, whole);
        QCOMPARE(second.evaluated, whole.evaluated);
        QCOMPARE(second.samples.size(), std::size_t(24));  // steps are told by the run that makes them
    }

    void whereTheyShareNoBorder_noneIsMade_data() {
        QTest::addColumn<QString>("settings");
        QTest::addColumn<QString>("reason");
        QTest::addRow("async") << "async"
                               << "workers that don't wait for each other";
        QTest::addRow("backup") << "backup"
                                << "leave out steps";
        QTest::addRow("pipedream") << "pipedream"
                                   << "micro-batches under way";
    }
    void whereTheyShareNoBorder_noneIsMade() {
        QFETCH(QString, settings);
        QFETCH(QString, reason);
        RunSpec spec = smallSpec(RunOn::Virtual, 3, 8);
        ParameterServerAlgorithm server;
        if (settings == "async") server.mode = ServerMode::Async;
        if (settings == "backup") server.backup = 1;
        spec.algorithm = server;
        if (settings == "pipedream") spec = pipelineSpec(RunOn::Virtual, ScheduleChoice::PipeDream);
        const QString file = at("none.safetensors");
        bool refused = false;
        try {
            trainWith(upTo(spec, 10), {.checkpoints = {file.toStdString()}});
        } catch (const BadInput& problem) {
            refused = true;
            QVERIFY2(QString(problem.what()).contains(reason), problem.what());
        }
        QVERIFY(refused);
        // On demand: a word, and the run goes on.
        Wishing wishing;
        RunControl control(static_cast<int>(spec.workers), true);
        wishing.control = &control;
        wishing.step = 2;
        wishing.file = file.toStdString();
        QCOMPARE(runTraining(upTo(spec, 10), control, wishing).report.status, RunState::Finished);
        QVERIFY(wishing.told(reason.toStdString()));
        QVERIFY(!QFile::exists(file));
    }

    void oneThatCantBeWritten_isToldOnce_andTheRunGoesOn() {
        Wishing wishing;
        const RunSpec spec = upTo(smallSpec(RunOn::Threads, 1, 16), 20);
        RunControl control(1, false);
        wishing.step = -1;
        const TrainingResult result =
            runTraining(spec, control, wishing, {.checkpoints = {at("no/such/folder").toStdString(), 1}});
        QCOMPARE(result.report.status, RunState::Finished);
        QVERIFY(wishing.told("No such file or directory"));
        // Each time for the same reason: once in the middle, once at the end.
        QCOMPARE(std::count_if(wishing.notices.begin(), wishing.notices.end(),
                               [](const Notice& notice) { return notice.kind == Notice::Kind::Warning; }),
                 2);
    }

    void aWishOfBeforeTheRun_isTheStateItBeginsWith_data() { aWishOfWhoHasPaused_isGrantedAtOnce_data(); }
    void aWishOfBeforeTheRun_isTheStateItBeginsWith() {
        QFETCH(bool, isVirtual);
        RunSpec spec = upTo(smallSpec(isVirtual ? RunOn::Virtual : RunOn::Threads, 3, 8), 12);
        spec.algorithm = ParameterServerAlgorithm{.servers = 2};
        RunControl control(3, isVirtual);
        Nobody nobody;
        control.saveCheckpoint(at("begin.safetensors").toStdString());
        const TrainingResult whole = runTraining(spec, control, nobody);
        const auto checkpoint = readFrom(at("begin.safetensors"));
        QVERIFY(checkpoint);
        QCOMPARE(checkpoint->stepsDone, 0);
        compare(whole, trainWith(spec, {.resume = checkpoint}), isVirtual);
    }

    void aWishOfWhoHasPaused_isGrantedAtOnce_data() {
        QTest::addColumn<bool>("isVirtual");
        QTest::newRow("virtual") << true;
        QTest::newRow("threads") << false;
    }
    void aWishOfWhoHasPaused_isGrantedAtOnce() {
        QFETCH(bool, isVirtual);
        RunSpec spec = smallSpec(isVirtual ? RunOn::Virtual : RunOn::Threads, 3, 8);
        spec.algorithm = ParameterServerAlgorithm{};
        RunControl control(3, isVirtual);
        PausedWish sink;
        sink.control = &control;
        sink.file = at("paused.safetensors").toStdString();
        // Nothing but the news of it lets the run go on.
        QCOMPARE(runTraining(upTo(spec, 12), control, sink).report.status, RunState::Finished);
        const auto checkpoint = readFrom(at("paused.safetensors"));
        QVERIFY(checkpoint && checkpoint->stepsDone > 0 && checkpoint->stepsDone < 12);
    }

    void whatDoesntFit_isRefused() {
        const RunSpec spec = upTo(cases()[3].spec, 5);
        trainWith(spec, {.checkpoints = {at("fits.safetensors").toStdString()}});
        const auto refused = [&](const RunSpec& with, std::shared_ptr<const Checkpoint> from) {
            Counting sink;
            try {
                trainWith(with, {.resume = std::move(from)}, sink);
            } catch (const BadInput& problem) {
                return sink.ended == RunState::Failed ? QString(problem.what()) : QString("not told");
            }
            return QString("went on");
        };
        RunSpec other = spec;
        other.model = MlpModel{{30}};
        QVERIFY2(refused(other, readFrom(at("fits.safetensors"))).contains("model"), "another model");
        // One that says of itself what it isn't.
        auto lying = std::make_shared<Checkpoint>(*readFrom(at("fits.safetensors")));
        for (auto& [name, values] : lying->states.common.floats)
            if (name != "weights") values.pop_back();
        QVERIFY2(refused(spec, lying).contains("values, expected"), qPrintable(refused(spec, lying)));
        lying = std::make_shared<Checkpoint>(*readFrom(at("fits.safetensors")));
        lying->place.used = 1'000'000;
        QVERIFY2(refused(spec, lying).contains("place in the data"), qPrintable(refused(spec, lying)));
    }
};

QTEST_GUILESS_MAIN(TestGoingOn)
#include "tst_going_on.moc"
