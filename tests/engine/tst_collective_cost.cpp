// What theory says of each collective against what is counted and, in virtual time, measured.
#include <QtTest>
#include <cmath>

#include "engine/comm/collectives/all_reduce_by.h"
#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/collectives/collective_links.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/config/run_spec_json.h"

using namespace rondo;

namespace {

constexpr std::array kAll{Collective::Ring, Collective::Naive, Collective::Tree, Collective::HalvingDoubling,
                          Collective::Hierarchical};
std::string wordOf(Collective collective) {
    RunSpec spec;
    spec.algorithm = AllReduceAlgorithm{.collective = collective};
    return toJson(spec).at("algorithm").at("collective").as_string().c_str();
}

struct Measured {
    double seconds = 0;
    std::vector<std::int64_t> sent;
    std::int64_t messages = 0;
    std::vector<DirectedLink> links;
};

Measured measure(Collective collective, int ranks, std::size_t elements, const ClusterSpec& cluster) {
    RunControl control(ranks, true);
    const auto runtime = makeVirtualRuntime(ranks, cluster, 1, control);
    Measured measured;
    runtime->run([&](Rank rank) {
        std::vector<float> values(elements, 1.0f);
        allReduceBy(collective, runtime->communicator(rank, Lane::Compute), values,
                    static_cast<int>(cluster.groups.size));
        measured.seconds = std::max(measured.seconds, secondsOf(runtime->now()));
    });
    for (int rank = 0; rank < ranks; ++rank) {
        const TrafficMeter& meter = runtime->meter(Rank{rank}, Lane::Compute);
        measured.sent.push_back(meter.payloadBytes());
        for (const auto& [to, traffic] : meter.sentTo()) {
            measured.messages += traffic.messages;
            measured.links.emplace_back(Rank{rank}, to);
        }
    }
    return measured;
}

bool near(double a, double b, double relative) {
    return std::abs(a - b) <= relative * std::abs(b);
}

}  // namespace

class TestCollectiveCost : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void bytesAndMessages_areCountedAsPredicted_data() {
        QTest::addColumn<int>("collective");
        QTest::addColumn<int>("ranks");
        for (const Collective collective : kAll)
            for (const int ranks : {1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 16})
                QTest::addRow("%s ranks=%d", wordOf(collective).c_str(), ranks)
                    << static_cast<int>(collective) << ranks;
    }
    void bytesAndMessages_areCountedAsPredicted() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto which = static_cast<Collective>(collective);
        for (const int group : {1, 2, 3, 4, ranks}) {
            if (ranks % group != 0) continue;
            ClusterSpec cluster;
            cluster.groups.size = group;
            for (const std::size_t elements : {0u, 1u, 7u, 1001u}) {
                const Measured measured = measure(which, ranks, elements, cluster);
                for (int rank = 0; rank < ranks; ++rank)
                    QCOMPARE(measured.sent[static_cast<std::size_t>(rank)],
                             bytesSent(which, static_cast<std::int64_t>(elements), Rank{rank}, ranks, group));
                QCOMPARE(measured.messages, messagesOf(which, ranks, group));
                QVERIFY(measured.links == linksOf(which, ranks, group, 1000));
            }
            if (which != Collective::Hierarchical) break;
        }
    }

    void halvingDoubling_sendsTheReferencesBytes() {
        for (const int ranks : {2, 4, 8, 16}) {
            const std::int64_t elements = 1600;
            for (int rank = 0; rank < ranks; ++rank)
                QCOMPARE(bytesSent(Collective::HalvingDoubling, elements, Rank{rank}, ranks, 0),
                         2 * (ranks - 1) * elements * 4 / ranks);
            // 2·log₂N steps of N messages.
            QCOMPARE(messagesOf(Collective::HalvingDoubling, ranks, 0),
                     2 * ranks * std::lround(std::log2(ranks)));
        }
    }

    void virtualSeconds_areTheFormulas_data() {
        QTest::addColumn<int>("collective");
        QTest::addColumn<int>("ranks");
        for (const Collective collective : kAll)
            for (const int ranks : {2, 4, 8, 16})
                QTest::addRow("%s ranks=%d", wordOf(collective).c_str(), ranks)
                    << static_cast<int>(collective) << ranks;
        for (const int ranks : {3, 5, 7})
            QTest::addRow("halving_doubling ranks=%d", ranks)
                << static_cast<int>(Collective::HalvingDoubling) << ranks;
    }
    void virtualSeconds_areTheFormulas() {
        QFETCH(int, collective);
        QFETCH(int, ranks);
        const auto which = static_cast<Collective>(collective);
        for (const std::int64_t group : {0, 2}) {
            ClusterSpec cluster;
            cluster.groups.size = group;
            const NetworkTerms terms = networkTermsOf(cluster, ranks);
            if (!canRun(which, terms) || (group > 0 && (which == Collective::Ring || ranks % 2 != 0)))
                continue;
            for (const std::size_t elements :
                 {16u * 30u, 16u * 30'000u}) {  // all numbers of chunks divide it
                const double theory = secondsOf(which, static_cast<double>(elements) * 4, terms);
                const double seconds = measure(which, ranks, elements, cluster).seconds;
                QVERIFY2(near(seconds, theory, 1e-3),
                         qPrintable(QString("%1 s, expected %2 s").arg(seconds).arg(theory)));
            }
        }
    }

    void oddWorlds_takeNoLongerThanPredicted() {
        const NetworkTerms terms = networkTermsOf({}, 1);
        for (int ranks = 2; ranks <= 16; ++ranks)
            for (const Collective which : kAll) {
                NetworkTerms network = terms;
                network.ranks = ranks;
                if (!canRun(which, network)) continue;
                const double seconds = measure(which, ranks, 720'720, {}).seconds;
                const double most = secondsOf(which, 720'720 * 4, network);
                QVERIFY2(seconds <= most * 1.001, qPrintable(QString("%1 ranks=%2: %3 s, at most %4 s")
                                                                 .arg(wordOf(which).c_str())
                                                                 .arg(ranks)
                                                                 .arg(seconds)
                                                                 .arg(most)));
            }
    }

    void treeBeatsRing_upToTheSizeTheFormulaSays() {
        // 6(α + S/β) = 14(α + S/(8β)) where S = 8αβ / 4.25.
        const ClusterSpec cluster;
        const double alpha = cluster.link.latencyUs * 1e-6, beta = cluster.link.gbitPerS * 1e9 / 8;
        const double crossover = 8 * alpha * beta / 4.25;
        const auto seconds = [&](Collective which, double bytes) {
            return measure(which, 8, static_cast<std::size_t>(bytes / 32) * 8, cluster).seconds;
        };
        for (const double factor : {0.1, 0.9, 0.98})
            QVERIFY(seconds(Collective::Tree, factor * crossover) <
                    seconds(Collective::Ring, factor * crossover));
        for (const double factor : {1.02, 1.1, 10.0})
            QVERIFY(seconds(Collective::Tree, factor * crossover) >
                    seconds(Collective::Ring, factor * crossover));
    }

    void groups_payOffAcrossSlowLinks() {
        ClusterSpec cluster;
        cluster.groups.size = 4;
        const auto seconds = [&](Collective which) { return measure(which, 8, 80'000, cluster).seconds; };
        QVERIFY(seconds(Collective::Hierarchical) < 0.7 * seconds(Collective::Ring));
        QCOMPARE(fastestCollective(320'000, networkTermsOf(cluster, 8)), Collective::Hierarchical);
    }

    void automatic_isTheFastestMeasuredOne_data() {
        QTest::addColumn<int>("ranks");
        QTest::addColumn<int>("elements");
        for (const int ranks : {2, 4, 8, 16})
            for (const int elements : {16 * 16, 16 * 16 * 50, 16 * 16 * 5000})
                QTest::addRow("ranks=%d elements=%d", ranks, elements) << ranks << elements;
    }
    void automatic_isTheFastestMeasuredOne() {
        QFETCH(int, ranks);
        QFETCH(int, elements);
        const NetworkTerms terms = networkTermsOf({}, ranks);
        const Collective chosen = fastestCollective(elements * 4.0, terms);
        const double seconds = measure(chosen, ranks, static_cast<std::size_t>(elements), {}).seconds;
        for (const Collective other :
             {Collective::Ring, Collective::Naive, Collective::Tree, Collective::HalvingDoubling})
            QVERIFY2(seconds <= measure(other, ranks, static_cast<std::size_t>(elements), {}).seconds * 1.001,
                     qPrintable(
                         QString("%1 is slower than %2").arg(wordOf(chosen).c_str(), wordOf(other).c_str())));
    }
};

QTEST_GUILESS_MAIN(TestCollectiveCost)
#include "tst_collective_cost.moc"
