// A room whose members carry out one run after the other.
#include <QtTest>
#include <thread>

#include "app/cli/room/room.h"
#include "app/cli/room/worker_session.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

/// Stops the run once so many steps are done.
struct StopsAt final : EventSink {
    using EventSink::publish;
    RunControl* control = nullptr;
    std::int32_t step = -1;
    std::mutex mutex;
    std::vector<Event> afterEnd;
    bool ended = false;
    void publish(std::span<Event> batch) override {
        bool stops = false;
        {
            const std::lock_guard lock(mutex);
            for (const Event& event : batch) {
                const auto* done = std::get_if<StepCompleted>(&event);
                stops = stops || (control && done && done->step == step);
                if (ended && stampOf(event).run == 1) afterEnd.push_back(event);
                ended = ended || std::holds_alternative<RunEnded>(event);
            }
        }
        if (stops) control->stop();  // which is an event of its own
    }
};

struct Worker {
    Worker(const net::HostPlace& place, const std::string& name)
        : session({.url = *net::readUrl(place.url),
                   .code = place.code,
                   .name = name,
                   .returns = false,
                   .say = [](const JoinNews&) {}}),
          thread([this] { session.run(); }) {}
    ~Worker() {
        session.leave();
        thread.join();
    }
    cli::WorkerSession session;
    std::thread thread;
};

RunSpec specOf(AlgorithmSpec algorithm) {
    RunSpec spec = smallSpec(RunOn::Lab, 2, 8);
    spec.data = DigitsData{330, 100};
    spec.algorithm = std::move(algorithm);
    spec.stop = {.steps = 24};
    spec.evaluateEvery = 8;
    return spec;
}

}  // namespace

class TestTwoRuns : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void secondRun_isAsIfItWereTheFirst_data() {
        QTest::addColumn<bool>("server");
        QTest::newRow("ring") << false;
        QTest::newRow("server") << true;
    }
    void secondRun_isAsIfItWereTheFirst() {
        QFETCH(bool, server);
        const AlgorithmSpec algorithm =
            server ? AlgorithmSpec{ParameterServerAlgorithm{}} : AlgorithmSpec{AllReduceAlgorithm{}};
        StopsAt sink;
        cli::Room::Options options;
        options.host.address = "127.0.0.1";
        cli::Room room(options, sink);
        const net::HostPlace& place = room.open();
        room.dismiss();
        Worker first(place, "one"), second(place, "two");
        QVERIFY(room.waitFor(2, {}));

        RunSpec spec = specOf(algorithm);
        spec.stop = {.steps = 1'000'000};
        {
            RunControl control(2, false);
            sink.control = &control;
            sink.step = 11;
            const Report stopped = room.train(spec, control, 1).report;
            QCOMPARE(QString::fromStdString(stopped.error), QString());
            QCOMPARE(stopped.status, RunState::Stopped);
            QVERIFY(stopped.steps >= 12);
            sink.control = nullptr;
        }
        spec = specOf(algorithm);
        RunControl control(2, false);
        const TrainingResult again = room.train(spec, control, 2);
        QCOMPARE(QString::fromStdString(again.report.error), QString());
        QCOMPARE(again.report.status, RunState::Finished);
        spec.runOn = RunOn::Threads;
        const TrainingResult alone = train(spec);
        QCOMPARE(again.report.steps, alone.report.steps);
        QCOMPARE(again.report.weightsSha256, alone.report.weightsSha256);
        QCOMPARE(again.report.history.size(), alone.report.history.size());
        QCOMPARE(again.report.links.size(), alone.report.links.size());
        for (std::size_t i = 0; i < again.report.links.size(); ++i) {
            // Frames have headers, which a network of threads has not.
            const LinkTraffic &here = again.report.links[i].traffic, &there = alone.report.links[i].traffic;
            QCOMPARE(here.payloadBytes, there.payloadBytes);
            QCOMPARE(here.messages, there.messages);
        }
        const std::lock_guard lock(sink.mutex);
        QCOMPARE(sink.afterEnd.size(), std::size_t{0});
    }
};

QTEST_MAIN(TestTwoRuns)
#include "tst_two_runs.moc"
