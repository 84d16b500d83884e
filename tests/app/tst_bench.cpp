// rondo-cli bench: what is measured, not how fast this computer is.
#include <QtTest>
#include <set>
#include <tuple>

#include "tests/support/cli.h"

using namespace rondo::test;

class TestBench : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void allReduceBench_measuresEachCollectiveBesideACopy() {
        const Outcome outcome = call({"bench", "allreduce", "--json"});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        std::set<std::tuple<int, qint64, QString>> measured;
        for (const QJsonValue& entry : outcome.json()["results"].toArray()) {
            const int ranks = entry["ranks"].toInt();
            const double bytes = entry["bytes"].toDouble(), bus = entry["bus_gb_per_s"].toDouble(),
                         copy = entry["memcpy_gb_per_s"].toDouble(), latency = entry["latency_us"].toDouble();
            QVERIFY(latency > 0 && copy > 0 && entry["least_latency_us"].toDouble() <= latency);
            QVERIFY(qAbs(bus / (2.0 * (ranks - 1) / ranks * bytes / 1e3 / latency) - 1) < 1e-9);
            QVERIFY(qAbs(entry["ratio_to_memcpy"].toDouble() / (bus / copy) - 1) < 1e-9);
            measured.emplace(ranks, entry["bytes"].toInteger(), entry["collective"].toString());
        }
        std::set<std::tuple<int, qint64, QString>> expected;
        for (const qint64 bytes : {1'000, 16'000, 256'000, 4'000'000, 32'000'000, 100'000'000}) {
            for (const int ranks : {2, 4})
                for (const char* way : {"ring", "naive", "tree", "halving_doubling"})
                    expected.emplace(ranks, bytes, way);
            expected.emplace(4, bytes, "hierarchical");
        }
        QVERIFY(measured == expected);
    }

    void streamBench_holdsBothDirectionsAgainstTcp() {
        const Outcome outcome = call({"bench", "stream", "--json"});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QList<qint64> sizes;
        for (const QJsonValue& entry : outcome.json()["results"].toArray()) {
            sizes << entry["bytes"].toInteger();
            for (const char* way : {"unmasked", "masked"}) {
                const double speed = entry[QString("%1_gb_per_s").arg(way)].toDouble(),
                             ratio = entry[QString("%1_to_tcp").arg(way)].toDouble();
                // Medians of speeds and of their ratios: not the same, but not far from each other.
                const double medians = speed / entry["tcp_gb_per_s"].toDouble();
                QVERIFY2(ratio > 0.3 * medians && ratio < 3 * medians && ratio > 0, qPrintable(outcome.out));
            }
        }
        QCOMPARE(sizes, (QList<qint64>{64'000, 1'000'000, 8'000'000}));
    }

    void updatesBench_countsWhatOneHostAddsUp() {
        const Outcome outcome = call({"bench", "updates", "--json"});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));  // a wrong mean is an error
        QList<qint64> sizes;
        for (const QJsonValue& entry : outcome.json()["results"].toArray()) {
            const double bytes = entry["bytes"].toDouble(), rate = entry["updates_per_second"].toDouble(),
                         back = entry["with_model_back_updates_per_second"].toDouble();
            sizes << entry["bytes"].toInteger();
            QCOMPARE(entry["clients"].toInt(), 8);
            QVERIFY(rate > 0 && back > 0 && entry["ratio_to_tcp"].toDouble() > 0);
            QVERIFY(qAbs(entry["gb_per_s"].toDouble() / (rate * bytes / 1e9) - 1) < 1e-9);
            QVERIFY(qAbs(entry["with_model_back_gb_per_s"].toDouble() / (2 * back * bytes / 1e9) - 1) < 1e-9);
        }
        QCOMPARE(sizes, (QList<qint64>{400'000, 8'000'000}));
    }

    void benchOver_knowsWhatEachCanBeMeasuredOver() {
        for (const QStringList& wrong : {QStringList{"bench", "training", "--over", "ws"},
                                         QStringList{"bench", "allreduce", "--over", "processes"},
                                         QStringList{"bench", "updates", "--over", "ws"}})
            QCOMPARE(call(wrong).code, 2);
    }

    void backwardBench_holdsTheHalvesAgainstOnePass() {
        const Outcome outcome = call({"bench", "backward", "--json"});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QStringList models;
        for (const QJsonValue& entry : outcome.json()["results"].toArray()) {
            models << entry["model"].toString();
            const double whole = entry["backward_ms"].toDouble(),
                         input = entry["backward_input_ms"].toDouble(),
                         weight = entry["backward_weight_ms"].toDouble(), ratio = entry["ratio"].toDouble();
            QVERIFY(whole > 0 && input > 0 && weight > 0 && entry["rounds"].toInt() >= 9);
            // Medians of times and of their ratios: not the same, but not far from each other.
            QVERIFY2(ratio > 0.5 * (input + weight) / whole && ratio < 2 * (input + weight) / whole,
                     qPrintable(outcome.out));
        }
        QCOMPARE(models, (QStringList{"mlp", "cnn", "transformer", "resnet20"}));
    }

    void blasBench_findsTheFastOne() {
        const auto result = call({"bench", "blas", "--json"});
        QCOMPARE(result.code, 0);
        QVERIFY2(result.json()["openblas"].toBool(), qPrintable(result.out));
        QCOMPARE(result.json()["threads"].toInt(), 1);
    }
};

QTEST_GUILESS_MAIN(TestBench)
#include "tst_bench.moc"
