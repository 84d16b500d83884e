// Modelled weights: time and bytes as if there were a model, and nothing that would need one.
#include <QtTest>
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "engine/algorithms/predict.h"
#include "engine/config/validate.h"
#include "engine/events/event_queue.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

RunSpec modelledSpec(std::int64_t workers, double megabytes, AlgorithmSpec algorithm) {
    RunSpec spec = smallSpec(RunOn::Virtual, workers, 8);
    spec.data = DigitsData{2000, 10};
    spec.weights = {.modelled = true, .megabytes = megabytes};
    spec.algorithm = std::move(algorithm);
    spec.stop = {.steps = 3};
    return spec;
}

bool hasProblem(const RunSpec& spec, const std::string& where) {
    for (const Problem& problem : validate(spec))
        if (problem.where == where) return true;
    return false;
}

}  // namespace

class TestModelled : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void ring_takesTheFormulasTimeAndBytes() {
        const RunSpec spec = modelledSpec(64, 6.4, AllReduceAlgorithm{.overlap = false});
        const Report report = train(spec).report;
        QCOMPARE(report.status, RunState::Finished);
        QCOMPARE(report.parameters, 1'600'000);
        std::int64_t payload = 0;
        for (const LinkReport& link : report.links) payload += link.traffic.payloadBytes;
        QCOMPARE(payload, std::int64_t{2} * 63 * 6'400'000 * 3);
        compareClosely(report.seconds, *predict(spec).seconds, 1e-3, "seconds");
        QVERIFY(std::abs(*predict(spec).collectiveSeconds - 126 * (50e-6 + 100'000 / 1.25e8)) < 1e-9);
    }

    void everyAlgorithm_runsWithoutWeights_data() {
        QTest::addColumn<int>("which");
        for (int which = 0; which < 5; ++which) QTest::addRow("%d", which) << which;
    }
    void everyAlgorithm_runsWithoutWeights() {
        QFETCH(int, which);
        const AlgorithmSpec algorithms[] = {
            AllReduceAlgorithm{}, AllReduceAlgorithm{.collective = Collective::HalvingDoubling},
            ParameterServerAlgorithm{.servers = 2}, ParameterServerAlgorithm{.mode = ServerMode::Async},
            GossipAlgorithm{}};
        RunSpec spec = modelledSpec(12, 1, algorithms[which]);
        spec.evaluateEvery = 1;
        const auto result = train(spec);
        QCOMPARE(result.report.status, RunState::Finished);
        QVERIFY(result.weights.empty() && result.report.weightsSha256.empty());
        QVERIFY(!result.report.weightsL2 && !result.report.updateL2);
        const auto json = toJson(result.report);
        for (const char* name : {"test_accuracy", "test_loss", "train_loss", "weights_sha256", "weights_l2"})
            QVERIFY2(json.at(name).is_null(), name);
        QVERIFY(result.report.seconds > 0);
    }

    void millionLinks_areSummedUpInTheEventOfTheEnd_soThatItCanBeKept() {
        // Everyone sends to everyone: more links than an event has room for.
        RunSpec spec = modelledSpec(230, 1, AllReduceAlgorithm{});
        spec.compression = HalfCompression{};
        spec.stop = {.steps = 1};
        RunControl control(230, true);
        EventQueue queue(1000);
        const Report report = runTraining(spec, control, queue).report;
        QCOMPARE(report.links.size(), std::size_t{230 * 229});
        std::vector<Event> events;
        queue.drain(events);
        const auto ended = std::find_if(events.begin(), events.end(), [](const Event& event) {
            return std::holds_alternative<RunEnded>(event);
        });
        QVERIFY(ended != events.end());
        const std::string& text = std::get<RunEnded>(*ended).report;
        QVERIFY2(text.size() < 1'000'000, qPrintable(QString::number(text.size())));
        auto told = boost::json::parse(text).at("traffic").as_object();
        auto whole = toJson(report).at("traffic").as_object();
        QVERIFY(told.at("links").as_array().empty());
        QCOMPARE(whole.at("links").as_array().size(), report.links.size());
        for (const char* sum : {"payload_bytes", "messages", "per_rank"})
            QVERIFY2(told.at(sum) == whole.at(sum), sum);
    }

    void realWeights_takeTheSameTime() {
        RunSpec real = smallSpec(RunOn::Virtual, 4, 8);
        real.stop = {.steps = 5};
        RunSpec modelled = real;
        modelled.weights.modelled = true;
        QCOMPARE(train(modelled).report.seconds, train(real).report.seconds);
    }

    void whatNeedsWeights_isRefused() {
        RunSpec spec = modelledSpec(4, 1, AllReduceAlgorithm{});
        QVERIFY(validate(spec).empty());
        spec.stop.accuracy = 0.9;
        spec.evaluateEvery = 1;
        QVERIFY(hasProblem(spec, "stop.accuracy"));
        spec.runOn = RunOn::Threads;
        QVERIFY(hasProblem(spec, "model.weights"));
        spec.weights.modelled = false;
        QVERIFY(hasProblem(spec, "model.megabytes"));
    }
};

QTEST_GUILESS_MAIN(TestModelled)
#include "tst_modelled.moc"
