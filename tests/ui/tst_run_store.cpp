#include <QSignalSpy>
#include <QtTest>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "tests/support/made_events.h"
#include "tests/support/ring_run.h"
#include "ui/store/focus.h"
#include "ui/store/lookup.h"
#include "ui/store/run_store.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::RingRun;

class tst_run_store : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void wholeRun_isCountedExactly_data() {
        QTest::addColumn<int>("workers");
        QTest::addColumn<int>("steps");
        for (const int workers : {1, 2, 4, 7}) QTest::addRow("workers=%d steps=30", workers) << workers << 30;
    }
    void wholeRun_isCountedExactly() {
        QFETCH(int, workers);
        QFETCH(int, steps);
        const RingRun run{.workers = workers, .steps = steps};
        RunStore store;
        store.apply(run.all());
        QCOMPARE(store.workers(), workers);
        QCOMPARE(store.spec(), run.spec());
        QCOMPARE(store.state(), RunState::Finished);
        QCOMPARE(static_cast<int>(store.steps().size()), steps);
        QCOMPARE(store.duration(), steps * RingRun::kStepNs * 1e-9);
        QCOMPARE(static_cast<int>(store.lanes().size()), 2 * workers);
        QCOMPARE(static_cast<int>(store.links().size()), workers > 1 ? workers : 0);
        const qint64 perLink = qint64{steps} * 2 * 2 * (workers - 1);
        double binned = 0;
        for (const double bytes : store.totalRate().bytes) binned += bytes;
        for (const auto& [link, counter] : store.links()) {
            QCOMPARE(link.to, (link.from + 1) % workers);
            QCOMPARE(counter.messages, perLink);
            QCOMPARE(counter.payloadBytes, perLink * RingRun::kPayload);
        }
        QCOMPARE(binned, static_cast<double>(perLink * RingRun::kPayload * (workers > 1 ? workers : 0)));
        QCOMPARE(store.prediction().stepSeconds.value(), 0.0115);
        QCOMPARE(store.report(), QByteArray("{\"status\": \"finished\"}"));
        QCOMPARE(store.eventsSeen(), static_cast<quint64>(run.all().size()));
    }

    void predictionTheRunBrings_isTakenWhole_data() {
        QTest::addColumn<QString>("settings");
        QTest::newRow("ring in virtual time") << R"({"run_on": "virtual", "stop": {"steps": 70}})";
        QTest::newRow("threads") << R"({"run_on": "threads", "stop": {"steps": 7}})";
        QTest::newRow("gossip")
            << R"({"run_on": "virtual", "algorithm": {"kind": "gossip"}, "stop": {"steps": 3}})";
    }
    void predictionTheRunBrings_isTakenWhole() {
        QFETCH(QString, settings);
        const auto spec = parseRunSpec(settings.toStdString());
        QVERIFY(spec.ok());
        const Prediction brought = predict(*spec);
        RunStarted started;
        started.spec =
            R"({"workers": 64, "stop": {"steps": 1}})";  // of other settings: nothing is worked out anew
        started.prediction = boost::json::serialize(toJson(brought));
        RunStore store;
        const std::vector<Event> batch{started};
        store.apply(batch);
        const Prediction& taken = store.prediction();
        QCOMPARE(taken.sentPerStep, brought.sentPerStep);
        QCOMPARE(taken.messagesPerStep, brought.messagesPerStep);
        QCOMPARE(taken.parameters, brought.parameters);
        QCOMPARE(taken.steps, brought.steps);
        QCOMPARE(taken.seconds, brought.seconds);
        QCOMPARE(taken.stepSeconds, brought.stepSeconds);
        QCOMPARE(taken.samplesPerSecond, brought.samplesPerSecond);
        QCOMPARE(taken.secondEigenvalue, brought.secondEigenvalue);
    }

    void predictionThatLeavesTheTrafficOut_isCompleted_data() {
        QTest::addColumn<QString>("prediction");
        QTest::newRow("nothing") << QString();
        QTest::newRow("no object") << "[1, 2";
        QTest::newRow("seconds only") << R"({"seconds": 3.5})";
        QTest::newRow("no steps") << R"({"messages_per_step": 4, "traffic": {"per_rank": [{"sent": 8}]}})";
        QTest::newRow("steps of nothing")
            << R"({"steps": 0, "messages_per_step": 4, "traffic": {"per_rank": [{"sent": 8}]}})";
        QTest::newRow("more than 64 bits hold")
            << R"({"steps": 2, "messages_per_step": 4, "traffic": {"per_rank": [{"sent": 1e19}]}})";
        QTest::newRow("a rank that is none")
            << R"({"steps": 2, "messages_per_step": 4, "traffic": {"per_rank": [7]}})";
    }
    void predictionThatLeavesTheTrafficOut_isCompleted() {
        QFETCH(QString, prediction);
        RunSpec spec;
        spec.stop.steps = 5;
        RunStarted started;
        started.spec = toText(spec);
        started.prediction = prediction.toStdString();
        RunStore store;
        const std::vector<Event> batch{started};
        store.apply(batch);
        QCOMPARE(store.prediction().sentPerStep, predict(spec).sentPerStep);
    }

    void batches_ofAnySizeGiveTheSame_data() {
        QTest::addColumn<int>("size");
        for (const int size : {1, 7, 1000}) QTest::addRow("size=%d", size) << size;
    }
    void batches_ofAnySizeGiveTheSame() {
        QFETCH(int, size);
        const auto events = RingRun{}.all();
        RunStore whole, pieces;
        whole.apply(events);
        for (std::size_t i = 0; i < events.size(); i += static_cast<std::size_t>(size)) {
            pieces.apply(
                std::span(events).subspan(i, std::min(events.size() - i, static_cast<std::size_t>(size))));
        }
        QCOMPARE(pieces.steps().size(), whole.steps().size());
        QCOMPARE(pieces.messagesEver(), whole.messagesEver());
        for (std::size_t i = 0; i < whole.lanes().size(); ++i) {
            QCOMPARE(pieces.lanes()[i].rank(), whole.lanes()[i].rank());
            QCOMPARE(pieces.lanes()[i].lane(), whole.lanes()[i].lane());
            QCOMPARE(pieces.lanes()[i].spans().size(), whole.lanes()[i].spans().size());
        }
        for (const auto& [link, counter] : whole.links()) {
            QCOMPARE(pieces.links().at(link).bytesPerSecond, counter.bytesPerSecond);
        }
    }

    void interruptedRun_isOverUntilTheNextBegins() {
        RunStore store;
        store.interrupt();
        QVERIFY(!store.over());  // there is no run
        store.apply(test::madeRun(3, false));
        QVERIFY(!store.over());
        int told = 0;
        connect(&store, &RunStore::changed, this, [&](const RunStore::Changes& c) { told += c.state; });
        store.interrupt();
        store.interrupt();
        QVERIFY(store.interrupted() && store.over() && !store.ended());
        QCOMPARE(told, 1);
        store.apply(test::madeRun(3));
        QVERIFY(!store.interrupted() && store.over());
        store.interrupt();
        QVERIFY(!store.interrupted());  // it told its end
    }

    void lanes_areInOrderWhateverArrivesFirst() {
        RunStore store;
        store.apply(RingRun{}.start());
        std::vector<Event> spans;
        for (const auto& [rank, lane] : {std::pair{2, Lane::Communication},
                                         {0, Lane::Compute},
                                         {2, Lane::Compute},
                                         {0, Lane::Communication},
                                         {1, Lane::Compute}}) {
            Span span;
            span.stamp.rank = Rank{rank};
            span.stamp.at = Nanoseconds{100};
            span.lane = lane;
            span.step = rank;
            spans.push_back(span);
            spans.push_back(span);
        }
        store.apply(spans);
        std::vector<std::pair<int, Lane>> order;
        for (const SpanLane& lane : store.lanes()) {
            order.emplace_back(lane.rank(), lane.lane());
            QCOMPARE(lane.spans().size(), std::size_t{2});
            QCOMPARE(lane.spans()[0].step, lane.rank());
        }
        QVERIFY(std::is_sorted(order.begin(), order.end()));
        QCOMPARE(order.size(), std::size_t{5});
        QVERIFY(laneOf(store, 2, Lane::Compute) != nullptr);
        QVERIFY(laneOf(store, 1, Lane::Communication) == nullptr);
    }

    void newRun_forgetsTheOneBefore() {
        RunStore store;
        store.apply(RingRun{.workers = 7}.all());
        QSignalSpy spy(&store, &RunStore::changed);
        store.apply(RingRun{.workers = 2, .steps = 3}.start());
        QCOMPARE(spy.count(), 1);
        QVERIFY(spy[0][0].value<RunStore::Changes>().reset);
        QCOMPARE(store.workers(), 2);
        QVERIFY(store.steps().empty() && store.lanes().empty() && store.links().empty() &&
                store.report().isEmpty());
        QCOMPARE(store.state(), RunState::Running);
        QCOMPARE(store.duration(), 0.0);
    }

    void stateAfterTheEnd_isIgnoredUntilTheNextRun() {
        RunStore store;
        QVERIFY(!store.ended());
        store.apply(RingRun{}.all());
        QVERIFY(store.ended());
        RunStateChanged late;
        late.state = RunState::Paused;
        store.apply(std::vector<Event>{late});
        QCOMPARE(store.state(), RunState::Finished);
        store.apply(RingRun{}.start());
        QVERIFY(!store.ended());
        store.apply(std::vector<Event>{late});
        QCOMPARE(store.state(), RunState::Paused);
    }

    void changes_nameWhatABatchTouched() {
        RunStore store;
        store.apply(RingRun{}.start());
        QSignalSpy spy(&store, &RunStore::changed);
        Throughput gauge;
        gauge.samplesPerSecond = 1234;
        const std::vector<Event> batch{gauge};
        store.apply(batch);
        const auto changes = spy[0][0].value<RunStore::Changes>();
        QVERIFY(changes.health && !changes.spans && !changes.links && !changes.steps && !changes.reset);
        store.apply({});
        QCOMPARE(spy.count(), 1);
    }

    void rate_isThatOfTheLastWindow() {
        RunStore store;
        std::vector<Event> events = RingRun{}.start();
        // 1 kB every 10 ms for a second, then 2 kB: after another second only those count.
        for (int i = 1; i <= 200; ++i) {
            Message message;
            message.stamp.at = Nanoseconds{i * 10'000'000ll};
            message.begin = Nanoseconds{(i - 1) * 10'000'000ll};
            message.from = Rank{0};
            message.to = Rank{1};
            message.payloadBytes = i <= 100 ? 1000 : 2000;
            events.push_back(message);
        }
        store.apply(events);
        QVERIFY(std::abs(store.links().at({0, 1}).bytesPerSecond - 200'000) < 1);
    }

    void rateHistory_keepsEveryByteWhenBinsGrow() {
        RateHistory history;
        double sum = 0;
        for (int i = 0; i < 10'000; ++i) {
            history.add(i * 0.01, i);
            sum += i;
        }
        QVERIFY(history.bytes.size() <= RateHistory::kMostBins);
        double kept = 0;
        for (const double bytes : history.bytes) kept += bytes;
        QCOMPARE(kept, sum);
        QVERIFY(static_cast<double>(history.bytes.size()) * history.binSeconds >= 99.99);
        history.add(std::nan(""), 5);
        history.add(-1, 5);
        QVERIFY(history.bytes.size() <= RateHistory::kMostBins);
    }

    void messages_areBoundedAndCounted() {
        RunStore store;
        store.apply(RingRun{}.start());
        const std::vector<Event> many(200'000, Message{});
        store.apply(many);
        QVERIFY(store.messages().size() <= 65'536 && store.messages().size() >= 32'768);
        QCOMPARE(store.messagesEver(), quint64{200'000});
    }

    void notANumber_isKept() {
        RunStore store;
        store.apply(RingRun{.nanAtStep = 41}.all());
        QVERIFY(std::isfinite(store.steps()[40].loss));
        QVERIFY(std::isnan(store.steps()[41].loss));
    }

    void strangeRanks_areIgnored() {
        RunStore store;
        store.apply(RingRun{}.start());
        Span span;
        span.stamp.rank = Rank{2'000'000'000};
        Message message;
        message.from = Rank{-5};
        message.to = Rank{2'000'000'000};
        const std::vector<Event> batch{span, message};
        store.apply(batch);
        QVERIFY(store.lanes().empty() && store.links().empty());
    }

    void unreadableSettings_giveDefaultsNotACrash() {
        RunStarted started;
        started.spec = "{not json";
        started.prediction = "[";
        started.workers = 3;
        RunStore store;
        const std::vector<Event> batch{started};
        store.apply(batch);
        QCOMPARE(store.workers(), 3);
        QCOMPARE(store.spec(), RunSpec{});
    }

    void longRun_isRememberedInBoundedMemory() {
        const Remembered most{.spans = 500, .steps = 40, .evaluations = 10, .notices = 5};
        RunStore store(nullptr, most);
        const RingRun run{.workers = 3, .steps = 1000, .evaluateEvery = 2};
        store.apply(run.start());
        for (int i = 0; i < run.steps; ++i) {
            store.apply(run.step(i));
            const std::vector<Event> notice{Notice{}};
            store.apply(notice);
            std::size_t spans = 0;
            for (const SpanLane& lane : store.lanes()) spans += lane.spans().size();
            QVERIFY(spans <= most.spans);
        }
        QVERIFY(store.steps().size() <= most.steps && store.steps().size() >= most.steps / 2);
        QCOMPARE(store.stepHistory().ever(), quint64{1000});
        QCOMPARE(store.steps().back().step, 999);
        QVERIFY(std::abs(secondsOfStep(store.steps(), 0) - 0.012) < 1e-9);
        QVERIFY(store.evaluations().size() <= most.evaluations);
        QCOMPARE(store.evaluationsEver(), quint64{500});
        QCOMPARE(store.notices().size(), most.notices);
        for (const SpanLane& lane : store.lanes()) {
            QVERIFY(lane.forgottenBefore().has_value());
            QVERIFY(!lane.spans().empty());
        }
    }

    void messageAfterASpan_meansSynchronising() {
        RunStore store;
        store.apply(RingRun{}.start());
        const auto at = [](std::int64_t ns) { return Stamp{1, Rank{1}, 0, Nanoseconds{ns}}; };
        const Event backward = Span{at(1000), Phase::BackwardWeight, Lane::Compute, false, 0, kNone, {}};
        const Event message = Message{at(1500), Rank{0}, Rank{1}, 8, 8, 0, 0, 0, Nanoseconds{1100}};
        const Event late = Message{at(900), Rank{0}, Rank{1}, 8, 8, 0, 0, 0, Nanoseconds{800}};
        const Event update = Span{at(2000), Phase::Update, Lane::Compute, false, 0, kNone, Nanoseconds{1600}};
        store.apply({&backward, 1});
        store.apply({&late, 1});
        QCOMPARE(store.currentPhase(1), std::optional(Phase::BackwardWeight));
        store.apply({&message, 1});
        QCOMPARE(store.currentPhase(1), std::optional(Phase::Synchronise));
        store.apply({&update, 1});
        QCOMPARE(store.currentPhase(1), std::optional(Phase::Update));
    }

    void phasesOfARun_areKnown() {
        RunStore store;
        store.apply(RingRun{}.all());
        QVERIFY(store.hadPhase(Phase::BackwardInput) && !store.hadPhase(Phase::BackwardWeight));
        QVERIFY(!store.splitBackward());
        Span half;
        half.stamp.rank = Rank{0};
        half.phase = Phase::BackwardInput;
        Span other = half;
        other.phase = Phase::BackwardWeight;
        const std::vector<Event> batch{half, other};
        store.apply(batch);
        QVERIFY(store.hadPhase(Phase::BackwardWeight) && store.splitBackward());
        store.apply(RingRun{}.start());
        QVERIFY(!store.hadPhase(Phase::BackwardWeight) && !store.splitBackward());
    }

    void lookups_agreeWithTheSteps() {
        RunStore store;
        store.apply(RingRun{}.all());
        const auto& steps = store.steps();
        QCOMPARE(*stepIndexAt(steps, 0), std::size_t{0});
        QCOMPARE(*stepIndexAt(steps, 0.012 * 10 + 0.001), std::size_t{10});
        QCOMPARE(*stepIndexAt(steps, 1e9), steps.size() - 1);
        QVERIFY(!stepIndexAt({}, 1));
        QCOMPARE(*indexOfStep(steps, 17), std::size_t{17});
        QVERIFY(!indexOfStep(steps, 60));
        QVERIFY(std::abs(secondsOfStep(steps, 17) - 0.012) < 1e-9);
        const PhaseShares shares = sharesOfStep(*laneOf(store, 0, Lane::Compute), 5, 6 * RingRun::kStepNs);
        double sum = 0;
        for (const double share : shares.of) sum += share;
        QVERIFY(std::abs(sum - 1) < 1e-9);
        QVERIFY(std::abs(shares.total - 0.012) < 1e-9);
        QCOMPARE(sharesOfStep(*laneOf(store, 0, Lane::Compute), 999, std::numeric_limits<std::int64_t>::max())
                     .total,
                 0.0);
    }

    void focus_tellsOnlyOfChanges() {
        Focus focus;
        QSignalSpy cursor(&focus, &Focus::cursorChanged), selection(&focus, &Focus::selectionChanged);
        focus.setCursor(1.5);
        focus.setCursor(1.5);
        QCOMPARE(cursor.count(), 1);
        focus.selectRank(2);
        focus.selectLink(LinkId{0, 1});
        QVERIFY(!focus.rank() && focus.link());
        focus.clear();
        focus.clear();
        QVERIFY(!focus.cursor() && !focus.link());
        QCOMPARE(selection.count(), 3);
        QCOMPARE(cursor.count(), 2);
    }
};

QTEST_GUILESS_MAIN(tst_run_store)
#include "tst_run_store.moc"
