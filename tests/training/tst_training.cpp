// Runs, small and whole: what the report says against the slow obvious answer.
#include <QtTest>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <thread>

#include "engine/config/run_spec_json.h"
#include "engine/events/event_queue.h"
#include "engine/training/training_run.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

QString nameOfMode(RunOn runOn) {
    return runOn == RunOn::Virtual ? "virtual" : "threads";
}

}  // namespace

class TestTraining : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void manyWorkers_equalOneWithTheWholeBatch_data() {
        QTest::addColumn<bool>("isVirtual");
        QTest::addColumn<int>("workers");
        QTest::addColumn<bool>("overlap");
        QTest::addColumn<int>("collective");
        for (const bool isVirtual : {false, true})
            for (const int workers : {2, 4, 8, 16})
                for (const bool overlap : {false, true})
                    for (const int collective : {0, 1, 2, 3, 4, 5})
                        QTest::addRow("%s workers=%d overlap=%d collective=%d",
                                      isVirtual ? "virtual" : "threads", workers, overlap, collective)
                            << isVirtual << workers << overlap << collective;
    }
    void manyWorkers_equalOneWithTheWholeBatch() {
        QFETCH(bool, isVirtual);
        QFETCH(int, workers);
        QFETCH(bool, overlap);
        QFETCH(int, collective);
        const RunOn runOn = isVirtual ? RunOn::Virtual : RunOn::Threads;
        RunSpec one = smallSpec(runOn, 1, 32);
        one.algorithm = SingleAlgorithm{};
        RunSpec many = smallSpec(runOn, workers, 32 / workers);
        // Small buckets, so that several are under way.
        many.algorithm = AllReduceAlgorithm{static_cast<Collective>(collective), overlap, 0.02};
        many.cluster.groups.size = 2;
        compareRuns(train(many), train(one));
    }

    void worldsThatDivideNothing_equalOneToo_data() {
        QTest::addColumn<int>("workers");
        for (const int workers : {3, 5, 7}) QTest::addRow("workers=%d", workers) << workers;
    }
    void worldsThatDivideNothing_equalOneToo() {
        QFETCH(int, workers);
        for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual}) {
            const RunSpec many =
                smallSpec(runOn, workers, 7);  // 300 samples: the last batch leaves some ranks one short
            const RunSpec one = smallSpec(runOn, 1, 7 * workers);
            compareRuns(train(many), train(one));
        }
    }

    void lastBatchSmallerThanTheWorld_isSharedFairly() {
        RunSpec many = smallSpec(RunOn::Threads, 4, 8);
        many.data = DigitsData{33, 20};  // 32 and then 1: three ranks have nothing
        RunSpec one = smallSpec(RunOn::Threads, 1, 32);
        one.data = many.data;
        compareRuns(train(many), train(one));
    }

    void modes_agree() {
        compareRuns(train(smallSpec(RunOn::Threads, 4, 8)), train(smallSpec(RunOn::Virtual, 4, 8)));
    }

    void convolutions_trainTheSameOnFourWorkers() {
        RunSpec many = smallSpec(RunOn::Threads, 4, 8), one = smallSpec(RunOn::Threads, 1, 32);
        many.model = one.model = LenetModel{};
        many.optimizer = one.optimizer = SgdOptimizer{0.05, 0.9, 0};
        compareRuns(train(many), train(one));
    }

    void virtualRuns_repeatBitForBit() {
        RunSpec spec = smallSpec(RunOn::Virtual, 5, 8);
        spec.cluster.link.jitterUs = 30;
        spec.cluster.overrides = {{.worker = 2, .speed = 0.25}};
        const auto a = train(spec), b = train(spec);
        QCOMPARE(a.report.weightsSha256, b.report.weightsSha256);
        QCOMPARE(a.report.weightsSha256.size(), 64u);
        QCOMPARE(a.report.seconds, b.report.seconds);
        spec.seed = 8;
        QVERIFY(train(spec).report.weightsSha256 != a.report.weightsSha256);
    }

    void parameterCounts_arePublishedOnes_data() {
        QTest::addColumn<int>("model");
        QTest::addColumn<qint64>("parameters");
        QTest::newRow("logistic") << 0 << qint64{7850};
        QTest::newRow("2NN") << 1 << qint64{199'210};
        QTest::newRow("FedAvg's CNN") << 2 << qint64{1'663'370};
        QTest::newRow("LeNet-5") << 3 << qint64{61'706};
    }
    void parameterCounts_arePublishedOnes() {
        QFETCH(int, model);
        QFETCH(qint64, parameters);
        RunSpec spec = smallSpec(RunOn::Threads, 1, 8);
        const ModelSpec models[] = {LogisticModel{}, MlpModel{}, CnnModel{}, LenetModel{}};
        spec.model = models[model];
        spec.stop = {.steps = 1};
        const auto result = train(spec);
        QCOMPARE(result.report.parameters, parameters);
        QCOMPARE(static_cast<qint64>(result.weights.size()), parameters);
    }

    void ringTraffic_isTheTextbooks_data() {
        QTest::addColumn<int>("workers");
        for (const int workers : {2, 4, 7, 8}) QTest::addRow("N=%d", workers) << workers;
    }
    void ringTraffic_isTheTextbooks() {
        QFETCH(int, workers);
        for (const bool overlap : {false, true}) {
            RunSpec spec = smallSpec(RunOn::Virtual, workers, 8);
            spec.algorithm = AllReduceAlgorithm{Collective::Ring, overlap, 25};
            spec.stop = {.steps = 3};
            const Report report = train(spec).report;
            const auto json = toJson(report);
            const auto& traffic = json.at("traffic").as_object();
            const std::int64_t size = report.parameters * 4;
            QCOMPARE(traffic.at("payload_bytes").as_int64(), 3 * 2 * (workers - 1) * size);
            for (const auto& rank : traffic.at("per_rank").as_array()) {
                const double sent = rank.at("sent").to_number<double>() / 3;
                QVERIFY(std::abs(sent - 2.0 * (workers - 1) / workers * static_cast<double>(size)) <=
                        2 * 4.0);
            }
            // Theory counts the same bytes, rank by rank.
            const auto& predicted = report.predicted.at("traffic").as_object();
            QCOMPARE(predicted.at("payload_bytes").as_int64(), traffic.at("payload_bytes").as_int64());
            QCOMPARE(predicted.at("messages").as_int64(), traffic.at("messages").as_int64());
            for (std::size_t r = 0; r < static_cast<std::size_t>(workers); ++r)
                QCOMPARE(predicted.at("per_rank").at(r).at("sent").to_number<std::int64_t>(),
                         traffic.at("per_rank").at(r).at("sent").to_number<std::int64_t>());
        }
    }

    void collectiveTime_isTheFormulas_data() { ringTraffic_isTheTextbooks_data(); }
    void collectiveTime_isTheFormulas() {
        QFETCH(int, workers);
        RunSpec spec = smallSpec(RunOn::Virtual, workers, 8);
        spec.algorithm = AllReduceAlgorithm{Collective::Ring, false, 25};
        spec.stop = {.steps = 5};
        const Report report = train(spec).report;
        const double bytes = static_cast<double>(report.parameters) * 4;
        const double formula = 2.0 * (workers - 1) * (50e-6 + bytes / (workers * 1.25e8));
        compareClosely(report.predicted.at("collective_seconds").to_number<double>(), formula, 1e-9,
                       "predicted");
        compareClosely(report.phases.at(0).at(Phase::Synchronise) / 5, formula, 1e-3, "measured");
        compareClosely(report.seconds, report.predicted.at("seconds").to_number<double>(), 1e-3, "seconds");
    }

    void overlappedStep_takesWhatTheoryPredicts() {
        RunSpec spec = smallSpec(RunOn::Virtual, 4, 64);
        spec.model = MlpModel{{300, 200, 100}};
        spec.algorithm = AllReduceAlgorithm{Collective::Ring, true, 0.1};
        spec.cluster.deviceGflops = 5;
        const Report overlapped = train(spec).report;
        compareClosely(overlapped.seconds, overlapped.predicted.at("seconds").to_number<double>(), 1e-3,
                       "overlapped");
        spec.algorithm = AllReduceAlgorithm{Collective::Ring, false, 0.1};
        const Report after = train(spec).report;
        QVERIFY(overlapped.seconds < after.seconds);
        QCOMPARE(overlapped.steps, after.steps);
    }

    void typedInTimes_addUpToTheStep() {
        RunSpec spec = smallSpec(RunOn::Virtual, 2, 8);
        spec.algorithm = AllReduceAlgorithm{Collective::Ring, false, 25};
        spec.cluster.times = {
            .forwardMs = 3, .backwardInputMs = 4, .backwardWeightMs = 5, .updateMs = 1, .messageMs = 0.5};
        spec.stop = {.steps = 10};
        const Report report = train(spec).report;
        compareClosely(report.seconds, 10 * (3 + 4 + 5 + 1 + 2 * 0.5) * 1e-3, 1e-9, "seconds");
    }

    void slowWorker_holdsUpTheRing() {
        RunSpec spec = smallSpec(RunOn::Virtual, 4, 8);
        spec.cluster.times = {
            .forwardMs = 1, .backwardInputMs = 1, .backwardWeightMs = 1, .updateMs = {}, .messageMs = 0.0};
        spec.algorithm = AllReduceAlgorithm{Collective::Ring, false, 25};
        spec.stop = {.steps = 4};
        const double even = train(spec).report.seconds;
        spec.cluster.overrides = {{.worker = 3, .speed = 0.25}};
        const double uneven = train(spec).report.seconds;
        compareClosely(uneven - even, 4 * 9e-3, 1e-6, "three passes of 1 ms, four times as slow");
    }

    void history_hasOneEntryAtEachEvaluationAndOneAtTheEnd() {
        RunSpec spec = smallSpec(RunOn::Threads, 2, 8);
        spec.stop = {.steps = 10};
        for (const auto& [every, steps] : std::vector<std::pair<int, std::vector<std::int64_t>>>{
                 {0, {10}}, {4, {4, 8, 10}}, {5, {5, 10}}, {100, {10}}}) {
            spec.evaluateEvery = every;
            std::vector<std::int64_t> seen;
            const Report report = train(spec).report;
            for (const auto& entry : report.history) seen.push_back(entry.step);
            QCOMPARE(seen, steps);
            QCOMPARE(report.history.back().payloadBytes, 10 * 2 * report.parameters * 4);
        }
    }

    void accuracyReached_endsTheRunAsFinished() {
        for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual}) {
            RunSpec spec = smallSpec(runOn, 3, 8);
            spec.stop = {.steps = 100'000, .accuracy = 0.3};
            spec.evaluateEvery = 5;
            const Report report = train(spec).report;
            QCOMPARE(report.status, RunState::Finished);
            QVERIFY(*report.testAccuracy >= 0.3);
            QVERIFY(report.steps < 1000);
        }
    }

    void secondsReached_endTheRun() {
        RunSpec spec = smallSpec(RunOn::Virtual, 3, 8);
        spec.cluster.times = {.forwardMs = 10};
        spec.cluster.times.messageMs = 0;
        spec.stop = {.seconds = 0.1};
        const Report report = train(spec).report;
        QCOMPARE(report.status, RunState::Finished);
        QVERIFY(report.seconds >= 0.1 && report.seconds < 0.13);
    }

    void stop_endsAllRanksAtOneStepWithAReport() {
        for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual}) {
            RunSpec spec = smallSpec(runOn, 4, 8);
            spec.stop = {.steps = 1'000'000};
            RunControl control(4, runOn == RunOn::Virtual);
            class StopAtTen final : public EventSink {
              public:
                explicit StopAtTen(RunControl& control) : control_(control) {}
                using EventSink::publish;
                void publish(std::span<Event> batch) override {
                    for (const Event& event : batch)
                        if (const auto* step = std::get_if<StepCompleted>(&event); step && step->step == 10)
                            control_.stop();
                }

              private:
                RunControl& control_;
            } sink(control);
            const auto result = runTraining(spec, control, sink);
            QCOMPARE(result.report.status, RunState::Stopped);
            QVERIFY(result.report.steps >= 11 && result.report.steps < 100);
            QVERIFY2(result.report.testAccuracy.has_value(), qPrintable(nameOfMode(runOn)));
        }
    }

    void stopBeforeTheStart_endsWithoutTraining() {
        RunSpec spec = smallSpec(RunOn::Threads, 2, 8);
        spec.stop = {.steps = 5};
        spec.data = DigitsData{1'000'000, 1'000'000};  // minutes of work, if it were done
        RunControl control(2, false);
        control.stop();
        EventQueue queue(1000);
        QCOMPARE(runTraining(spec, control, queue).report.status, RunState::Stopped);
        std::vector<Event> events;
        queue.drain(events);
        QVERIFY(std::holds_alternative<RunEnded>(events.back()));
        for (const Event& event : events) QVERIFY(!std::holds_alternative<RunStarted>(event));
    }

    void dataThatCannotBeUsed_isToldInTheStreamToo() {
        RunSpec spec = smallSpec(RunOn::Threads, 2, 8);
        spec.data = IdxData{"/no/such/folder"};
        RunControl control(2, false);
        EventQueue queue(1000);
        QVERIFY_EXCEPTION_THROWN(runTraining(spec, control, queue), BadInput);
        std::vector<Event> events;
        queue.drain(events);
        const auto* ended = std::get_if<RunEnded>(&events.back());
        QVERIFY(ended && ended->state == RunState::Failed);
        QVERIFY(ended->report.find("/no/such/folder") != std::string::npos);
    }

    void pauseBeforeTheStart_isKeptAndNoStateComesAfterTheEnd() {
        for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual}) {
            RunSpec spec = smallSpec(runOn, 2, 8);
            spec.stop = {.steps = 3};
            RunControl control(2, runOn == RunOn::Virtual);
            EventQueue queue(100'000);
            control.pause();
            std::vector<Event> all, batch;
            {
                const std::jthread run([&] { runTraining(spec, control, queue); });
                const auto seen = [&](RunState state) {
                    return std::any_of(all.begin(), all.end(), [&](const Event& event) {
                        const auto* changed = std::get_if<RunStateChanged>(&event);
                        return changed && changed->state == state;
                    });
                };
                while (!seen(RunState::Paused) && queue.wait(std::chrono::seconds(60))) {
                    queue.drain(batch);
                    all.insert(all.end(), batch.begin(), batch.end());
                }
                QVERIFY(!seen(RunState::Running));
                for (const Event& event : all) QVERIFY(!std::holds_alternative<StepCompleted>(event));
                control.resume();
            }
            control.pause();
            queue.drain(batch);
            QVERIFY(std::holds_alternative<RunEnded>(batch.back()));
        }
    }

    void failedRun_keepsWhatWasMeasured() {
        RunSpec spec = smallSpec(RunOn::Virtual, 2, 8);
        spec.stop = {.steps = 1000};
        spec.evaluateEvery = 2;
        spec.cluster.times.messageMs = 1e8;  // 28 hours
        RunControl control(2, true);
        EventQueue queue(100'000);
        const Report report = runTraining(spec, control, queue).report;
        QCOMPARE(report.status, RunState::Failed);
        QVERIFY2(report.error.find("50 days") != std::string::npos, report.error.c_str());
        QVERIFY(report.steps > 4 && report.steps < 100);
        QCOMPARE(report.history.size(), static_cast<std::size_t>(report.steps / 2));
        QVERIFY(report.seconds > 0);
        QVERIFY(!report.links.empty());
        QVERIFY(report.weightsSha256.empty());
    }

    void droppedEvents_countForTheirOwnRunOnly() {
        RunSpec spec = smallSpec(RunOn::Virtual, 2, 8);
        spec.stop = {.steps = 4};
        EventQueue queue(0);
        std::array<std::uint64_t, 2> dropped{};
        for (auto& count : dropped) {
            RunControl control(2, true);
            count = runTraining(spec, control, queue).report.eventsDropped;
        }
        QVERIFY(dropped[0] > 0);
        QCOMPARE(dropped[0], dropped[1]);
    }

    void evaluations_takeNoRunTime() {
        for (const RunOn runOn : {RunOn::Threads, RunOn::Virtual}) {
            const Report report = train(smallSpec(runOn, 2, 8)).report;
            QVERIFY(report.history.size() > 10);
            for (const auto& phases : report.phases) QVERIFY(!phases.contains(Phase::Evaluate));
        }
    }

    void evaluation_tellsTheBytesSentUntilThen() {
        RunSpec spec = smallSpec(RunOn::Threads, 2, 8);
        spec.stop = {.steps = 4};
        spec.evaluateEvery = 2;
        RunControl control(2, false);
        EventQueue queue(100'000);
        const Report report = runTraining(spec, control, queue).report;
        std::vector<Event> events;
        queue.drain(events);
        std::vector<std::int64_t> bytes;
        for (const Event& event : events)
            if (const auto* evaluated = std::get_if<Evaluated>(&event))
                bytes.push_back(evaluated->payloadBytes);
        QCOMPARE(bytes.size(), 2u);
        for (std::size_t i = 0; i < 2; ++i) QCOMPARE(bytes[i], report.history[i].payloadBytes);
        QCOMPARE(bytes[1], 2 * bytes[0]);
    }

    void longHistory_isThinnedForTheEventAndWholeInTheReport() {
        Report report;
        for (int i = 1; i <= 9999; ++i) report.history.push_back({.step = i});
        QCOMPARE(toJson(report).at("history").as_array().size(), 9999u);
        const auto json = toJson(report, {.history = 2000});
        const auto& thinned = json.at("history").as_array();
        QCOMPARE(thinned.size(), 2000u);
        QCOMPARE(thinned.back().at("step").as_int64(), 9999);
    }

    void divergence_isSaidAndNotHidden_data() {
        QTest::addColumn<bool>("inParts");
        QTest::newRow("all_reduce") << false;
        QTest::newRow("pipeline") << true;
    }
    void divergence_isSaidAndNotHidden() {
        QFETCH(bool, inParts);
        RunSpec spec = smallSpec(RunOn::Threads, 2, 8);
        spec.optimizer = SgdOptimizer{1e30, 0, 0};
        spec.stop = {.steps = 20};
        if (inParts) spec.algorithm = PipelineAlgorithm{};
        RunControl control(2, false);
        EventQueue queue(100'000);
        const Report report = runTraining(spec, control, queue).report;
        QCOMPARE(report.status, RunState::Finished);
        std::vector<Event> events;
        queue.drain(events);
        int notices = 0, notNumbers = 0;
        for (const Event& event : events) {
            if (const auto* notice = std::get_if<Notice>(&event))
                notices += notice->kind == Notice::Kind::Divergence;
            if (const auto* step = std::get_if<StepCompleted>(&event))
                notNumbers += !std::isfinite(step->loss);
        }
        QCOMPARE(notices, 1);
        QVERIFY(notNumbers > 10);
        QVERIFY(boost::json::serialize(toJson(report)).find("\"train_loss\":null") != std::string::npos);
    }

    void divergenceInTheLastStep_isSaidToo() {
        RunSpec spec = smallSpec(RunOn::Virtual, 2, 8);
        spec.optimizer = SgdOptimizer{1e30, 0, 0};
        spec.algorithm = PipelineAlgorithm{};
        spec.evaluateEvery = 0;
        for (spec.stop = {.steps = 1}; *spec.stop.steps < 20; ++*spec.stop.steps) {
            RunControl control(2, true);
            EventQueue queue(100'000);
            const Report report = runTraining(spec, control, queue).report;
            std::vector<Event> events;
            queue.drain(events);
            const bool said = std::ranges::any_of(events, [](const Event& event) {
                const auto* notice = std::get_if<Notice>(&event);
                return notice && notice->kind == Notice::Kind::Divergence;
            });
            QCOMPARE(said, !std::isfinite(*report.trainLoss));
            if (said) return;
        }
        QFAIL("it never diverged");
    }

    void events_tellEveryStepOfEveryRank() {
        RunSpec spec = smallSpec(RunOn::Threads, 3, 8);
        spec.stop = {.steps = 6};
        RunControl control(3, false);
        EventQueue queue(100'000);
        runTraining(spec, control, queue);
        std::vector<Event> events;
        queue.drain(events);
        QVERIFY(std::holds_alternative<RunEnded>(events.back()));
        std::map<std::pair<int, Phase>, int> spans;
        int steps = 0;
        std::int64_t messageBytes = 0;
        for (const Event& event : events) {
            if (const auto* span = std::get_if<Span>(&event)) {
                QVERIFY(span->begin <= span->stamp.at);
                ++spans[{span->stamp.rank.value, span->phase}];
            }
            if (const auto* message = std::get_if<Message>(&event)) messageBytes += message->payloadBytes;
            steps += std::holds_alternative<StepCompleted>(event);
        }
        QCOMPARE(steps, 6);
        QCOMPARE(messageBytes, 6 * 2 * 2 * 24'655 * 4);
        for (int rank = 0; rank < 3; ++rank)
            for (const auto& [phase, count] : std::map<Phase, int>{{Phase::Preprocess, 1},
                                                                   {Phase::Partition, 6},
                                                                   {Phase::Load, 6},
                                                                   {Phase::Forward, 6},
                                                                   {Phase::BackwardInput, 6},
                                                                   {Phase::Synchronise, 6},
                                                                   {Phase::Update, 6}})
                QCOMPARE((spans[{rank, phase}]), count);
    }

    void adam_matchesAPlainLoop() {
        RunSpec spec = smallSpec(RunOn::Threads, 1, 8);
        spec.optimizer = AdamOptimizer{};
        spec.algorithm = SingleAlgorithm{};
        RunSpec four = smallSpec(RunOn::Threads, 4, 2);
        four.optimizer = AdamOptimizer{};
        spec.stop = four.stop = {.steps = 20};
        compareClosely(*train(spec).report.trainLoss, *train(four).report.trainLoss, 1e-3, "train_loss");
    }

    void spirals_giveABoundaryAtEachEvaluation() {
        RunSpec spec = smallSpec(RunOn::Virtual, 2, 8);
        spec.data = SpiralsData{200, 100, 3, 0.05};
        spec.stop = {.steps = 8};
        RunControl control(2, true);
        EventQueue queue(100'000);
        runTraining(spec, control, queue);
        std::vector<Event> events;
        queue.drain(events);
        int boundaries = 0, previews = 0;
        for (const Event& event : events) {
            if (const auto* boundary = std::get_if<DecisionBoundary>(&event)) {
                ++boundaries;
                QCOMPARE(boundary->cells.size(),
                         static_cast<std::size_t>(boundary->side) * static_cast<std::size_t>(boundary->side));
                for (const auto cell : boundary->cells) QVERIFY(cell >> 4 < 3);
            }
            previews += std::holds_alternative<DataPreview>(event);
        }
        QCOMPARE(boundaries, 2);
        QCOMPARE(previews, 1);
    }

    void picturesTooSmallForTheModel_areRefused() {
        QVERIFY_EXCEPTION_THROWN(planModel(LenetModel{}, SampleShape{{1, 8, 8}, 10}), BadInput);
    }
};

QTEST_GUILESS_MAIN(TestTraining)
#include "tst_training.moc"
