// Training with compressed gradients: the same in both modes, of the bytes and seconds of theory, and what
// error feedback is for.
#include <QtTest>

#include "engine/algorithms/predict.h"
#include "engine/config/validate.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

struct Named {
    const char* name;
    CompressionSpec spec;
};
const std::vector<Named> kAll{
    {"half", HalfCompression{}},
    {"top_k", TopKCompression{.density = 0.05}},
    {"dgc", DgcCompression{.density = 0.05, .clip = 5}},
    {"quantize", QuantizeCompression{}},
    {"quantize 4", QuantizeCompression{.bits = 4}},
    {"sign", SignCompression{}},
    {"power_sgd", PowerSgdCompression{}},
    {"random_mask", RandomMaskCompression{.density = 0.3}},
};
void addKinds() {
    QTest::addColumn<int>("which");
    for (std::size_t i = 0; i < kAll.size(); ++i) QTest::addRow("%s", kAll[i].name) << static_cast<int>(i);
}

RunSpec compressedSpec(RunOn runOn, CompressionSpec compression,
                       AlgorithmSpec algorithm = AllReduceAlgorithm{}) {
    RunSpec spec = smallSpec(runOn, 4, 8);
    spec.data = DigitsData{320, 100};  // every rank has as many samples in every batch
    spec.optimizer = SgdOptimizer{0.05, 0.5, 0};
    spec.algorithm = std::move(algorithm);
    spec.compression = std::move(compression);
    return spec;
}
RunSpec compressedSpec(RunOn runOn, int which) {
    return compressedSpec(runOn, kAll[static_cast<std::size_t>(which)].spec);
}

void compareBytes(const RunSpec& spec, const Report& report) {
    const Prediction predicted = predict(spec);
    std::vector<std::int64_t> sent(predicted.sentPerStep.size());
    std::int64_t messages = 0;
    for (const LinkReport& link : report.links) {
        sent[link.from.index()] += link.traffic.payloadBytes;
        messages += link.traffic.messages;
    }
    for (std::size_t rank = 0; rank < sent.size(); ++rank)
        QCOMPARE(sent[rank], predicted.sentPerStep[rank] * report.steps);
    QCOMPARE(messages, predicted.messagesPerStep * report.steps);
}

bool hasProblem(const RunSpec& spec, const std::string& where, const std::string& word) {
    for (const Problem& problem : validate(spec))
        if (problem.where == where && problem.what.find(word) != std::string::npos) return true;
    return false;
}

}  // namespace

class TestCompression : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyKind_trainsToTheSameBitsInBothModes_data() { addKinds(); }
    void everyKind_trainsToTheSameBitsInBothModes() {
        QFETCH(int, which);
        for (const bool overlap : {false, true}) {
            RunSpec spec = compressedSpec(RunOn::Threads, which);
            spec.algorithm = AllReduceAlgorithm{.overlap = overlap};
            const auto threads = train(spec);
            spec.runOn = RunOn::Virtual;
            const auto modelled = train(spec);
            QCOMPARE(threads.report.status, RunState::Finished);
            QCOMPARE(threads.report.weightsSha256, modelled.report.weightsSha256);
            QCOMPARE(*threads.report.compression->error, *modelled.report.compression->error);
            QVERIFY(*threads.report.updateL2 > 0.1);
            QVERIFY(*threads.report.history.back().trainLoss < *threads.report.history.front().trainLoss);
        }
    }

    void nearlyExactKinds_trainAsIfUncompressed() {
        const auto plain = train(compressedSpec(RunOn::Virtual, NoCompression{}));
        QVERIFY(!plain.report.compression);
        const auto distance = [&](CompressionSpec spec) {
            const auto other = train(compressedSpec(RunOn::Virtual, std::move(spec)));
            double squares = 0;
            for (std::size_t i = 0; i < plain.weights.size(); ++i)
                squares += std::pow(plain.weights[i] - other.weights[i], 2);
            return std::sqrt(squares) / *plain.report.updateL2;
        };
        QVERIFY(distance(TopKCompression{.density = 1}) < 1e-4);
        QVERIFY(distance(RandomMaskCompression{.density = 1}) < 1e-4);
        QVERIFY(distance(PowerSgdCompression{.rank = 256}) < 1e-4);
        QVERIFY(distance(HalfCompression{}) < 1e-2);
        QVERIFY(distance(QuantizeCompression{.bits = 16}) < 1e-2);
        // The ruler can tell.
        QVERIFY(distance(QuantizeCompression{.bits = 2}) > 0.05);
    }

    void bytesAndSeconds_areTheFormulas_data() { addKinds(); }
    void bytesAndSeconds_areTheFormulas() {
        QFETCH(int, which);
        for (const bool overlap : {false, true}) {
            RunSpec spec = compressedSpec(RunOn::Virtual, which);
            spec.algorithm = AllReduceAlgorithm{.overlap = overlap};
            spec.stop = {.steps = 5};
            const Report report = train(spec).report;
            compareBytes(spec, report);
            compareClosely(report.seconds, *predict(spec).seconds, 1e-3, "seconds");
        }
    }

    void dgc_sendsThePredictedBytesToTwoPercent() {
        RunSpec spec = compressedSpec(RunOn::Virtual, DgcCompression{});
        spec.model = MlpModel{{200, 200}};  // the gradients of blank borders make runs longer than 16 bits
        spec.stop = {.steps = 10};
        const Report report = train(spec).report;
        const Prediction predicted = predict(spec);
        std::int64_t sent = 0;
        for (const LinkReport& link : report.links) sent += link.traffic.payloadBytes;
        compareClosely(static_cast<double>(sent), static_cast<double>(predicted.payloadPerStep() * 10), 0.02,
                       "bytes");
        compareClosely(*predicted.compressionRatio, 666.7, 0.01, "ratio");
    }

    void dgc_warmsUpEpochByEpoch() {
        RunSpec spec = compressedSpec(RunOn::Virtual, DgcCompression{.density = 0.001, .warmupEpochs = 4});
        spec.stop = {.epochs = 5};
        spec.evaluateEvery = 10;  // an epoch
        const Report report = train(spec).report;
        QCOMPARE(report.steps, 50);
        const double values = static_cast<double>(report.parameters);
        double before = 0;
        const double densities[] = {0.25, 0.0625, 0.015625, 0.004, 0.001};
        std::size_t epoch = 0;
        for (const HistoryEntry& entry : report.history) {
            if (entry.step == 0) continue;
            const double bytes = static_cast<double>(entry.payloadBytes) - before;
            before = static_cast<double>(entry.payloadBytes);
            compareClosely(bytes, 10 * 4 * 3 * 6 * densities[epoch] * values, 0.02, "bytes of an epoch");
            ++epoch;
        }
        QCOMPARE(epoch, std::size_t{5});
    }

    void dgcsWarmUp_isPredicted_data() {
        QTest::addColumn<int>("epochs");
        QTest::addColumn<int>("steps");
        for (const int epochs : {1, 4, 6})
            for (const int steps : {5, 25, 60})
                QTest::addRow("epochs=%d steps=%d", epochs, steps) << epochs << steps;
    }
    void dgcsWarmUp_isPredicted() {
        QFETCH(int, epochs);
        QFETCH(int, steps);
        RunSpec spec =
            compressedSpec(RunOn::Virtual, DgcCompression{.density = 0.01, .warmupEpochs = epochs});
        spec.data = DigitsData{310, 100};  // the last of an epoch's ten batches is a smaller one
        spec.stop = {.steps = steps};
        const Report report = train(spec).report;
        const Prediction predicted = predict(spec);
        std::int64_t sent = 0;
        for (const LinkReport& link : report.links) sent += link.traffic.payloadBytes;
        compareClosely(static_cast<double>(sent), static_cast<double>(predicted.payloadPerStep() * steps),
                       1e-3, "bytes");
        compareClosely(report.seconds, *predicted.seconds, 2e-3, "seconds");
        compareClosely(report.samplesPerSecond, *predicted.samplesPerSecond, 2e-3, "samples_per_second");
        compareClosely(static_cast<double>(report.compression->denseBytes) /
                           static_cast<double>(report.compression->encodedBytes),
                       *predicted.compressionRatio, 1e-3, "ratio");
        spec.runOn = RunOn::Threads;
        QCOMPARE(predict(spec).payloadPerStep(), predicted.payloadPerStep());
    }

    void report_tellsRatioAndError_data() { addKinds(); }
    void report_tellsRatioAndError() {
        QFETCH(int, which);
        const RunSpec spec = compressedSpec(RunOn::Virtual, which);
        const Report report = train(spec).report;
        QVERIFY(report.compression);
        QCOMPARE(report.compression->denseBytes, report.steps * 4 * report.parameters * 4);
        const double ratio = static_cast<double>(report.compression->denseBytes) /
                             static_cast<double>(report.compression->encodedBytes);
        compareClosely(ratio, *predict(spec).compressionRatio, 0.01, "ratio");
        QVERIFY(*report.compression->error > 0 && *report.compression->error < 2);
        const auto json = toJson(report).at("compression").as_object();
        QCOMPARE(json.at("ratio").as_double(), ratio);
        QCOMPARE(json.at("error").as_double(), *report.compression->error);
    }

    void servers_takeCompressedPushes_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("servers");
        for (const int which : {0, 1, 2, 3, 5, 7})  // all but power_sgd
            for (const int servers : {1, 3})
                QTest::addRow("%s servers=%d", kAll[static_cast<std::size_t>(which)].name, servers)
                    << which << servers;
    }
    void servers_takeCompressedPushes() {
        QFETCH(int, which);
        QFETCH(int, servers);
        RunSpec spec = compressedSpec(RunOn::Virtual, which);
        spec.algorithm = ParameterServerAlgorithm{.servers = servers};
        const auto modelled = train(spec);
        spec.runOn = RunOn::Threads;
        const auto threads = train(spec);
        QCOMPARE(threads.report.status, RunState::Finished);
        QCOMPARE(threads.report.weightsSha256, modelled.report.weightsSha256);
        compareBytes(spec, modelled.report);
        compareBytes(spec, threads.report);
        QCOMPARE(modelled.report.compression->denseBytes,
                 modelled.report.steps * 4 * modelled.report.parameters * 4);

        spec.algorithm = ParameterServerAlgorithm{.mode = ServerMode::Async, .servers = servers};
        spec.optimizer = SgdOptimizer{0.05, 0, 0};
        for (const RunOn runOn : {RunOn::Virtual, RunOn::Threads}) {
            spec.runOn = runOn;
            const Report report = train(spec).report;
            QCOMPARE(report.status, RunState::Finished);
            compareBytes(spec, report);
            QVERIFY(*report.updateL2 > 0.05);
        }
    }

    void serversSeconds_arePredicted() {
        for (const CompressionSpec& compression :
             {CompressionSpec(HalfCompression{}), CompressionSpec(TopKCompression{}),
              CompressionSpec(QuantizeCompression{})}) {
            RunSpec spec = compressedSpec(RunOn::Virtual, compression, ParameterServerAlgorithm{});
            spec.stop = {.steps = 5};
            compareClosely(train(spec).report.seconds, *predict(spec).seconds, 1e-3, "seconds");
        }
    }

    void moreServersThanParameters_isNoHarm_data() { addKinds(); }
    void moreServersThanParameters_isNoHarm() {
        QFETCH(int, which);
        RunSpec spec = compressedSpec(RunOn::Virtual, which);
        if (std::holds_alternative<PowerSgdCompression>(spec.compression)) return;
        spec.data = MoonsData{320, 100};
        spec.model = LogisticModel{};  // six parameters
        spec.algorithm = ParameterServerAlgorithm{.servers = 8};
        const Report report = train(spec).report;
        QVERIFY2(report.status == RunState::Finished, report.error.c_str());
        compareBytes(spec, report);
    }

    void modelledWeights_takeTheFormulasBytesAndTime() {
        for (const CompressionSpec& compression :
             {CompressionSpec(TopKCompression{}), CompressionSpec(PowerSgdCompression{}),
              CompressionSpec(QuantizeCompression{})}) {
            RunSpec spec = compressedSpec(RunOn::Virtual, compression, AllReduceAlgorithm{.overlap = false});
            spec.workers = 16;
            spec.data = DigitsData{2560, 10};
            spec.weights = {.modelled = true, .megabytes = 20};
            spec.stop = {.steps = 3};
            const Report report = train(spec).report;
            QCOMPARE(report.status, RunState::Finished);
            compareBytes(spec, report);
            compareClosely(report.seconds, *predict(spec).seconds, 1e-3, "seconds");
            QCOMPARE(report.compression->denseBytes, 3 * 16 * 20'000'000LL);
            QVERIFY(!report.compression->error);
            // A modelled layer has a shape too: there is something that two thin matrices can stand for.
            QVERIFY(*predict(spec).compressionRatio > 3.9);
            QVERIFY(toJson(report).at("compression").at("error").is_null());
        }
    }

    void errorFeedback_isWhatTopKNeeds() {
        const auto loss = [](bool feedback) {
            RunSpec spec =
                compressedSpec(RunOn::Virtual, TopKCompression{.density = 0.001, .errorFeedback = feedback});
            spec.stop = {.epochs = 15};
            return *train(spec).report.testLoss;
        };
        const double with = loss(true), without = loss(false);
        QVERIFY2(with < 0.9 * without, qPrintable(QString("%1 against %2").arg(with).arg(without)));
    }

    void momentumOfDgc_isCounted() {
        // The optimiser goes without it: all there is comes from the velocities that wait.
        const auto update = [](double momentum) {
            RunSpec spec = compressedSpec(RunOn::Virtual, DgcCompression{.density = 0.01});
            spec.optimizer = SgdOptimizer{0.01, momentum, 0};
            return *train(spec).report.updateL2;
        };
        QVERIFY(update(0.9) > 2 * update(0));
    }

    void whatCannotBeCompressed_isRefused() {
        QVERIFY(validate(compressedSpec(RunOn::Virtual, TopKCompression{})).empty());
        for (const AlgorithmSpec& algorithm :
             {AlgorithmSpec(GossipAlgorithm{}), AlgorithmSpec(MapReduceAlgorithm{})})
            QVERIFY(hasProblem(compressedSpec(RunOn::Virtual, TopKCompression{}, algorithm), "compression",
                               "all_reduce"));
        const AlgorithmSpec server = ParameterServerAlgorithm{};
        QVERIFY(hasProblem(compressedSpec(RunOn::Virtual, PowerSgdCompression{}, server), "compression.kind",
                           "power_sgd"));
        QVERIFY(validate(compressedSpec(RunOn::Virtual, SignCompression{}, server)).empty());
        for (const Collective collective : {Collective::Tree, Collective::Naive, Collective::HalvingDoubling})
            QVERIFY(hasProblem(compressedSpec(RunOn::Virtual, HalfCompression{},
                                              AllReduceAlgorithm{.collective = collective}),
                               "algorithm.collective", "ring"));
        RunSpec adam = compressedSpec(RunOn::Virtual, DgcCompression{});
        QVERIFY(validate(adam).empty());
        adam.optimizer = AdamOptimizer{};
        QVERIFY(hasProblem(adam, "optimizer.kind", "sgd"));
    }

    void warmUp_isCountedWithModelledWeightsToo() {
        for (const AlgorithmSpec& algorithm :
             {AlgorithmSpec(AllReduceAlgorithm{}), AlgorithmSpec(ParameterServerAlgorithm{})}) {
            RunSpec spec =
                compressedSpec(RunOn::Virtual, DgcCompression{.density = 0.01, .warmupEpochs = 2}, algorithm);
            spec.weights.modelled = true;
            spec.stop = {.epochs = 4};
            const Report report = train(spec).report;
            std::vector<std::int64_t> sent(report.phases.size());
            for (const LinkReport& link : report.links) sent[link.from.index()] += link.traffic.payloadBytes;
            const Prediction predicted = predict(spec);
            for (std::size_t rank = 0; rank < sent.size(); ++rank)  // a mean over the steps, rounded
                QVERIFY(std::abs(sent[rank] - predicted.sentPerStep[rank] * report.steps) <= report.steps);
            const auto& compression = *report.compression;
            const double ratio =
                static_cast<double>(compression.denseBytes) / static_cast<double>(compression.encodedBytes);
            QVERIFY(std::abs(ratio / *predicted.compressionRatio - 1) < 1e-3);
        }
    }

    void error_isTheMeanOfTheStepsThatWereMade() {
        RunSpec spec =
            compressedSpec(RunOn::Virtual, TopKCompression{.density = 1e-9, .errorFeedback = false},
                           ParameterServerAlgorithm{.mode = ServerMode::Async});
        spec.stop = {.steps = 10};
        const double whole = *train(spec).report.compression->error;
        QVERIFY(whole > 0.8);  // one value of thousands is sent
        FaultSpec kill;
        kill.kind = FaultKind::Kill;
        kill.worker = 3;
        kill.atStep = 0;
        spec.faults = {kill};
        QVERIFY(std::abs(*train(spec).report.compression->error - whole) < 0.1);
    }
};

QTEST_GUILESS_MAIN(TestCompression)
#include "tst_compression.moc"
