// Which settings can go on at a checkpoint.
#include <QtTest>

#include "engine/run/resume.h"
#include "tests/support/made_checkpoint.h"

using namespace rondo;
using namespace rondo::test;

namespace {

/// A checkpoint of data parallelism with 33 parameters, and the settings it was made with.
Checkpoint plainCheckpoint() {
    Checkpoint made = madeCheckpoint();
    made.spec.compression = NoCompression{};
    return made;
}

std::string problemsAfter(const Checkpoint& checkpoint, auto change) {
    RunSpec spec = checkpoint.spec;
    change(spec);
    return textOf(resumeProblems(checkpoint, spec, 33));
}

}  // namespace

class TestResume : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sameSettings_goOn() {
        QCOMPARE(resumeProblems(plainCheckpoint(), plainCheckpoint().spec, 33), Problems{});
        QCOMPARE(resumeProblems(madeCheckpoint(), madeCheckpoint().spec, 33), Problems{});
    }

    void whatIsNotTheRunItself_mayChange() {
        QCOMPARE(problemsAfter(plainCheckpoint(),
                               [](RunSpec& spec) {
                                   spec.name = "Again";
                                   spec.runOn = RunOn::Virtual;
                                   spec.workers = 7;
                                   spec.batch = 5;
                                   spec.optimizer = SgdOptimizer{0.01, 0.5, 0};
                                   spec.algorithm = AllReduceAlgorithm{.collective = Collective::Tree};
                                   spec.cluster.link.gbitPerS = 9;
                                   spec.stop.epochs = 50;
                                   spec.evaluateEvery = 3;
                               }),
                 "");
    }

    void whatTheStateIsOf_mustBeTheSame_data() {
        QTest::addColumn<QString>("problem");
        QTest::newRow("model") << "model: ";
        QTest::newRow("data") << "data: ";
        QTest::newRow("seed") << "seed: 2, expected 1 as in the checkpoint";
        QTest::newRow("split") << "split: ";
        QTest::newRow("optimizer") << "optimizer.kind: \"adam\", expected \"sgd\" as in the checkpoint";
        QTest::newRow("compression") << "compression.kind: \"half\", expected \"none\" as in the checkpoint";
        QTest::newRow("algorithm")
            << "algorithm.kind: \"parameter_server\", expected \"all_reduce\" as in the checkpoint";
    }
    void whatTheStateIsOf_mustBeTheSame() {
        QFETCH(QString, problem);
        const std::string what = QTest::currentDataTag();
        const std::string said = problemsAfter(plainCheckpoint(), [&](RunSpec& spec) {
            if (what == "model") spec.model = MlpModel{{31}};
            if (what == "data") spec.data = DigitsData{100, 10};
            if (what == "seed") spec.seed = 2;
            if (what == "split") spec.split = SameSplit{};
            if (what == "optimizer") spec.optimizer = AdamOptimizer{};
            if (what == "compression") spec.compression = HalfCompression{};
            if (what == "algorithm") spec.algorithm = ParameterServerAlgorithm{};
        });
        QVERIFY2(said.find(problem.toStdString()) != std::string::npos,
                 qPrintable(QString::fromStdString(said)));
    }

    void servers_keepTheirShards() {
        Checkpoint made = plainCheckpoint();
        made.spec.algorithm = ParameterServerAlgorithm{.servers = 2};
        const auto said = problemsAfter(made, [](RunSpec& spec) {
            spec.algorithm = ParameterServerAlgorithm{.servers = 3};
            spec.workers = 9;
        });
        QCOMPARE(said, "algorithm.servers: 3, expected 2 as in the checkpoint");
    }

    void weightsOfOneWorkerEach_needThatWorker_data() {
        QTest::addColumn<bool>("gossip");
        QTest::newRow("gossip") << true;
        QTest::newRow("pipeline") << false;
    }
    void weightsOfOneWorkerEach_needThatWorker() {
        QFETCH(bool, gossip);
        Checkpoint made = plainCheckpoint();
        if (gossip)
            made.spec.algorithm = GossipAlgorithm{};
        else
            made.spec.algorithm = PipelineAlgorithm{};
        const auto said = problemsAfter(made, [](RunSpec& spec) { spec.workers = 4; });
        QCOMPARE(said, "workers: 4, expected 3 as in the checkpoint");
        QCOMPARE(problemsAfter(made, [](RunSpec&) {}), "");
    }

    void stages_keepTheirParts() {
        Checkpoint made = plainCheckpoint();
        made.spec.algorithm = PipelineAlgorithm{};
        const auto said = problemsAfter(made, [](RunSpec& spec) {
            PipelineAlgorithm other;
            other.stages.microBatches = 9;
            spec.algorithm = other;
        });
        QVERIFY(said.starts_with("algorithm: "));
    }

    void bucketsOfWhatWasLeftOut_stay() {
        const auto said = problemsAfter(
            madeCheckpoint(), [](RunSpec& spec) { spec.algorithm = AllReduceAlgorithm{.bucketMb = 3}; });
        QVERIFY(said.starts_with("algorithm: "));
        QCOMPARE(problemsAfter(madeCheckpoint(),
                               [](RunSpec& spec) { spec.compression = TopKCompression{.density = 0.5}; }),
                 "");
        Checkpoint low = madeCheckpoint();
        low.spec.compression = PowerSgdCompression{.rank = 2};
        QVERIFY(problemsAfter(low, [](RunSpec& spec) {
                    spec.compression = PowerSgdCompression{.rank = 4};
                }).starts_with("compression: "));
    }

    void weightsOfAnotherNumber_areRefused() {
        QCOMPARE(textOf(resumeProblems(plainCheckpoint(), plainCheckpoint().spec, 34)),
                 "model: 34 parameters, the checkpoint has 33");
        Checkpoint none = plainCheckpoint();
        none.states = together({}, 0);
        QCOMPARE(textOf(resumeProblems(none, none.spec, 34)), "model: 34 parameters, the checkpoint has 0");
    }
};

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
