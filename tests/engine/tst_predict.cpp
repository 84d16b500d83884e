#include <QtTest>
#include <cmath>

#include "engine/algorithms/predict.h"
#include "engine/config/run_spec_json.h"
#include "engine/model/bucket_plan.h"
#include "engine/model/cost_model.h"

using namespace rondo;

namespace {
RunSpec virtualSpec(std::int64_t workers) {
    RunSpec spec;
    spec.runOn = RunOn::Virtual;
    spec.workers = workers;
    spec.stop.steps = 100;
    return spec;
}
}  // namespace

class TestPredict : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void ring_sendsTheTableOfTheReference_data() {
        QTest::addColumn<int>("workers");
        QTest::addColumn<double>("factor");
        for (const auto& [workers, factor] : {std::pair{2, 1.0}, {4, 1.5}, {8, 1.75}, {16, 1.875}})
            QTest::addRow("N=%d", workers) << workers << factor;
    }
    void ring_sendsTheTableOfTheReference() {
        QFETCH(int, workers);
        QFETCH(double, factor);
        const Prediction p = predict(virtualSpec(workers));
        for (const auto sent : p.sentPerStep)
            QVERIFY(std::abs(static_cast<double>(sent) - factor * 199'210 * 4) <= 4 * 4);
        QCOMPARE(p.payloadPerStep(), 2 * (workers - 1) * 199'210 * 4);
        QCOMPARE(p.messagesPerStep, 2 * (workers - 1) * workers);
    }

    void collectiveSeconds_areTheFormula() {
        const Prediction p = predict(virtualSpec(8));
        QCOMPARE(*p.collectiveSeconds, 14 * (50e-6 + 199'210 * 4.0 / (8 * 1.25e8)));
    }

    void linkNobodyHas_isNotCounted() {
        RunSpec spec = virtualSpec(2);
        spec.cluster.link.latencyUs = 1000;
        for (const std::int64_t worker : {0, 1})
            spec.cluster.overrides.push_back({.worker = worker, .latencyUs = 1.0, .gbitPerS = 10.0});
        QCOMPARE(*predict(spec).collectiveSeconds, 2 * (1e-6 + 199'210 * 4.0 / (2 * 1.25e9)));
        spec.cluster.overrides.pop_back();
        QCOMPARE(*predict(spec).collectiveSeconds, 2 * (1e-3 + 199'210 * 4.0 / (2 * 1.25e8)));
    }

    void totalsBeyondSixtyFourBits_staySensible() {
        RunSpec spec = virtualSpec(4096);
        spec.model = CnnModel{};
        spec.stop = {.epochs = 1'000'000'000};
        const Prediction p = predict(spec);
        QCOMPARE(*p.steps, 1'000'000'000);
        spec.data = DigitsData{1'000'000, 10};
        QCOMPARE(*predict(spec).steps, 2'000'000'000);  // 8 thousand million would be no Step
        const auto json = toJson(predict(spec));
        const double bytes = json.at("traffic").at("payload_bytes").to_number<double>();
        QCOMPARE(bytes, 2.0 * 4095 * 1'663'370 * 4 * 2e9);
    }

    void steps_areTheFirstConditionReached() {
        RunSpec spec = virtualSpec(4);
        spec.stop = {.steps = 1000, .epochs = 2};
        QCOMPARE(*predict(spec).steps, 2 * 63);  // 8000 samples in batches of 128, the last one smaller
        spec.stop = {.epochs = 2, .rounds = 7};
        QCOMPARE(*predict(spec).steps, 7);
        spec.stop = {.accuracy = 0.9};
        QVERIFY(!predict(spec).steps);
        QVERIFY(!predict(spec).seconds);
    }

    void presets_keepTheirPromises() {
        const auto exchange = [](RunSpec spec, Collective collective) {
            std::get<AllReduceAlgorithm>(spec.algorithm).collective = collective;
            return *predict(spec).collectiveSeconds;
        };
        const std::string runs = RONDO_ROOT "/resources/runs/";
        RunSpec small = *loadRunSpec(runs + "tree-or-ring.json"), large = small;
        QVERIFY(exchange(small, Collective::Tree) < exchange(small, Collective::Ring));
        large.model = MlpModel{{1000, 1000}};
        QVERIFY(exchange(large, Collective::Tree) > exchange(large, Collective::Ring));
        const RunSpec racks = *loadRunSpec(runs + "two-racks.json");
        QVERIFY(exchange(racks, Collective::Hierarchical) < 0.7 * exchange(racks, Collective::Ring));
    }

    void threads_predictBytesButNoSeconds() {
        RunSpec spec = virtualSpec(4);
        spec.runOn = RunOn::Threads;
        const Prediction p = predict(spec);
        QVERIFY(!p.seconds && !p.stepSeconds && p.payloadPerStep() > 0);
    }

    void buckets_closeLikeDdps() {
        const ModelPlan cnn = planModel(CnnModel{}, SampleShape{{1, 28, 28}, 10});
        const auto buckets = planBuckets(cnn, AllReduceAlgorithm{});
        // The 6.4 MB of fc1 close the first bucket long past its 1 MB; the convolutions make the second.
        QCOMPARE(buckets.size(), 2u);
        QCOMPARE(buckets[0].end, 1'663'370);
        QCOMPARE(buckets[0].begin, 832 + 51'264);
        QCOMPARE(buckets[0].completedBy, 2);
        QCOMPARE(buckets[1].begin, 0);
        QCOMPARE(buckets[1].completedBy, 0);
        QCOMPARE(planBuckets(cnn, AllReduceAlgorithm{.overlap = false}).size(), 1u);
    }

    void buckets_coverEveryGradientOnce() {
        const ModelPlan mlp = planModel(MlpModel{{64, 64, 64}}, SampleShape{{2}, 3});
        for (const double bytes : {1.0, 100.0, 1000.0, 1e9}) {
            std::int64_t end = mlp.parameters();
            for (const BucketRange& bucket : planBuckets(mlp, bytes, bytes)) {
                QCOMPARE(bucket.end, end);
                QVERIFY(bucket.begin < bucket.end);
                end = bucket.begin;
            }
            QCOMPARE(end, 0);
        }
    }

    void typedInTimes_areSharedOutExactly() {
        RunSpec spec = virtualSpec(1);
        spec.cluster.times = {.forwardMs = 1, .backwardInputMs = 7, .backwardWeightMs = 11, .updateMs = 0.5};
        for (const ModelSpec& kind :
             {ModelSpec{LogisticModel{}}, ModelSpec{MlpModel{}}, ModelSpec{CnnModel{}}}) {
            const ModelPlan model = planModel(kind, SampleShape{{1, 28, 28}, 10});
            const CostModel costs(spec, model);
            Picoseconds input{0}, weight{0};
            for (const LayerTimes& t : costs.backward(Rank{0}, 5)) {
                input += t.backwardInput;
                weight += t.backwardWeight;
            }
            QCOMPARE(input.count(), picosecondsOf(7e-3).count());
            QCOMPARE(weight.count(), picosecondsOf(11e-3).count());
            QCOMPARE(costs.update(Rank{0}).count(), picosecondsOf(0.5e-3).count());
        }
    }

    void slowDevice_takesInverselyLong() {
        RunSpec spec = virtualSpec(2);
        spec.cluster.overrides = {{.worker = 1, .speed = 0.25}};
        const ModelPlan model = planModel(spec.model, SampleShape{{1, 28, 28}, 10});
        const CostModel costs(spec, model);
        QCOMPARE(secondsOf(costs.forward(Rank{0}, 32)), 2.0 * (784 * 200 + 200 * 200 + 200 * 10) * 32 / 50e9);
        QCOMPARE(costs.forward(Rank{1}, 32).count(), 4 * costs.forward(Rank{0}, 32).count());
    }
};

QTEST_GUILESS_MAIN(TestPredict)
#include "tst_predict.moc"
