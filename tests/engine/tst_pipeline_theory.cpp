// Closed forms against published figures and against the player, which knows none of them.
#include <QtTest>
#include <cmath>
#include <random>
#include <set>

#include "engine/algorithms/pipeline/pipeline_theory.h"
#include "engine/algorithms/pipeline/schedule_stream.h"

using namespace rondo;

namespace {

constexpr std::array kAll{ScheduleKind::Vanilla,     ScheduleKind::GPipe,       ScheduleKind::OneFOneB,
                          ScheduleKind::PipeDream,   ScheduleKind::ZbH1,        ScheduleKind::ZbH2,
                          ScheduleKind::Interleaved, ScheduleKind::PipeDream2bw};

double percent(double share) {
    return std::round(share * 1000) / 10;
}
bool same(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}
std::int64_t countMessages(const PipelineSchedule& made) {
    std::int64_t messages = 0;
    for (int stage = 0; stage < made.stageCount(); ++stage)
        for (const PipelineOp& op : made.stages[static_cast<std::size_t>(stage)]) {
            const int part = made.partOf(op, stage);
            const bool up = op.pass == Pass::Forward && part + 1 < made.partCount();
            const bool down = (op.pass == Pass::Backward || op.pass == Pass::BackwardInput) && part > 0;
            messages += made.stageCount() > 1 && (up || down);
        }
    return messages;
}

}  // namespace

class TestPipelineTheory : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void publishedFigures_comeOut() {
        const auto bubble = [](ScheduleKind kind, int p, int m) {
            return percent(*pipelineTheory({kind, p, m}).bubbleOfTotal);
        };
        for (const ScheduleKind kind : {ScheduleKind::GPipe, ScheduleKind::OneFOneB}) {
            QCOMPARE(bubble(kind, 4, 4), 42.9);
            QCOMPARE(bubble(kind, 4, 8), 27.3);
            QCOMPARE(bubble(kind, 4, 16), 15.8);
            QCOMPARE(bubble(kind, 4, 32), 8.6);
            QCOMPARE(bubble(kind, 8, 32), 17.9);
            QCOMPARE(*pipelineTheory({kind, 8, 32}).bubbleOfIdeal, 7.0 / 32);
        }
        QCOMPARE(*pipelineTheory({ScheduleKind::Interleaved, 8, 32, 4}).bubbleOfIdeal, 7.0 / (4 * 32));
        QCOMPARE(1 - *pipelineTheory({ScheduleKind::Vanilla, 5, 3}).bubbleOfTotal, 0.2);
        const auto speedUp = [](int k) {
            return std::round(*pipelineTheory({ScheduleKind::GPipe, k, 32}).speedUp * 100) / 100;
        };
        QCOMPARE(speedUp(2), 1.94);
        QCOMPARE(speedUp(4), 3.66);
        QCOMPARE(speedUp(8), 6.56);
        const auto cost = [](ScheduleKind kind, int p, int m) { return *pipelineTheory({kind, p, m}).cost; };
        QCOMPARE(cost(ScheduleKind::GPipe, 4, 8), 33.0);
        QCOMPARE(cost(ScheduleKind::OneFOneB, 4, 8), 33.0);
        QCOMPARE(cost(ScheduleKind::ZbH1, 4, 8), 27.0);
        QCOMPARE(cost(ScheduleKind::ZbH2, 4, 8), 24.0);
        QCOMPARE(cost(ScheduleKind::GPipe, 8, 32), 117.0);
        QCOMPARE(cost(ScheduleKind::OneFOneB, 8, 32), 117.0);
        QCOMPARE(cost(ScheduleKind::ZbH1, 8, 32), 103.0);
        QCOMPARE(cost(ScheduleKind::ZbH2, 8, 32), 96.0);
        const auto versions = [](ScheduleKind kind) {
            return pipelineTheory({kind, 4, 8, 1, {}, false, 3}).weightVersions;
        };
        QCOMPARE(versions(ScheduleKind::PipeDream), (std::vector<int>{4, 3, 2, 1}));
        QCOMPARE(versions(ScheduleKind::PipeDream2bw), (std::vector<int>{2, 2, 2, 2}));
        QCOMPARE(versions(ScheduleKind::ZbH2), (std::vector<int>{1, 1, 1, 1}));
    }

    // Interleaving pays for its smaller bubble with about v times the messages.
    void messages_areCountedFromTheSchedule() {
        for (const ScheduleKind kind : kAll)
            for (const int p : {1, 2, 4})
                for (const int v : {1, 2, 3}) {
                    if (kind != ScheduleKind::Interleaved && v > 1) continue;
                    QCOMPARE(pipelineTheory({kind, p, 2 * p, v}).messages,
                             countMessages(*makeSchedule(kind, p, 2 * p, v)));
                    for (int frozen = 0; frozen < p * v; ++frozen)
                        QCOMPARE(messagesPerStep(p, v, 2 * p, frozen),
                                 countMessages(*makeSchedule(kind, p, 2 * p, v, frozen)));
                }
        QCOMPARE(messagesPerStep(4, 1, 8), 48);
        QCOMPARE(messagesPerStep(4, 2, 8), 112);
        QCOMPARE(bytesPerStep(3, 2, {100, 7}), 2 * 2 * 107);
        QCOMPARE(bytesPerStep(3, 2, {100, 7}, 1), 2 * 100 + 2 * 2 * 7);
        QCOMPARE(bytesPerStep(1, 2, {100, 7}), 0);
    }

    void everyForm_isWhatThePlayerSays_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("recompute");
        for (const ScheduleKind kind : kAll)
            for (const bool recompute : {false, true})
                QTest::addRow("%s%s", nameOf(kind).data(), recompute ? " with recompute" : "")
                    << static_cast<int>(kind) << recompute;
    }
    void everyForm_isWhatThePlayerSays() {
        QFETCH(int, kind);
        QFETCH(bool, recompute);
        std::mt19937 random(5);
        std::uniform_real_distribution<double> any(0.2, 2);
        int forms = 0;
        for (int round = 0; round < 400; ++round) {
            PipelineShape shape{static_cast<ScheduleKind>(kind)};
            shape.stages = 1 + static_cast<int>(random() % 8);
            shape.microBatches = 1 + static_cast<int>(random() % (4 * shape.stages));
            if (shape.kind == ScheduleKind::Interleaved) {
                shape.chunks = 1 + static_cast<int>(random() % 4);
                shape.microBatches = shape.stages * (1 + static_cast<int>(random() % 4));
            }
            if (shape.kind == ScheduleKind::PipeDream2bw)
                shape.microBatches = std::max(shape.microBatches, shape.stages - 1);
            shape.batches = 1 + static_cast<int>(random() % 4);
            shape.times = {any(random), any(random), any(random), 0};
            shape.recompute = recompute;

            auto made = *makeSchedule(shape.kind, shape.stages, shape.microBatches, shape.chunks);
            made.recompute = recompute;
            const PipelineTheory theory = pipelineTheory(shape);
            const bool continuous = made.weights != WeightUse::Latest;
            const auto order = continuous ? repeated(made, shape.batches) : made;
            QVERIFY(theory.peakInputs == order.peakInputs());
            const auto peaks = order.peakActivations();
            for (std::size_t s = 0; s < peaks.size(); ++s) QVERIFY(same(theory.peakActivations[s], peaks[s]));
            if (!theory.cost) continue;
            ++forms;
            const PlayedSchedule played = *playSchedule(order, shape.times);
            QVERIFY(same(*theory.cost, played.cost));
            QVERIFY(same(*theory.bubbleOfTotal, played.bubbleRate));
            QVERIFY(same(*theory.bubbleOfIdeal, (played.cost - played.busy.front()) / played.busy.front()));
            QVERIFY(same(*theory.speedUp, shape.stages * played.busy.front() / played.cost));
        }
        QVERIFY(forms > 40);
    }

    // Where the zero-bubble forms end: the player says something else there, so nothing is claimed.
    void outsideTheirDomain_noFormIsClaimed() {
        QVERIFY(!pipelineTheory({ScheduleKind::ZbH1, 4, 3}).cost);
        QVERIFY(!pipelineTheory({ScheduleKind::ZbH2, 4, 6}).cost);
        QVERIFY(!pipelineTheory({ScheduleKind::ZbH1, 4, 8, 1, {1, 1, 1.1, 0}}).cost);
        QVERIFY(!pipelineTheory({ScheduleKind::ZbH2, 4, 8, 1, {1, 0.9, 1, 0}}).cost);
        QVERIFY(playSchedule(*makeSchedule(ScheduleKind::ZbH1, 4, 3), PassTimes{})->cost > 3 * 3 + 3);
        QVERIFY(playSchedule(*makeSchedule(ScheduleKind::ZbH2, 4, 6), PassTimes{})->cost > 6 * 3);
    }

    void everyLine_hasWordsAndASource() {
        for (const ScheduleKind kind : kAll) {
            std::set<std::string> names;
            for (const ClosedForm& line : pipelineTheory({kind, 4, 8}).lines) {
                QVERIFY(!line.formula.empty() && !line.source.empty());
                QVERIFY2(names.insert(line.name).second, line.name.c_str());
            }
            QVERIFY(names.contains("bubble of total time") && names.contains("activations at most"));
        }
    }
};

QTEST_APPLESS_MAIN(TestPipelineTheory)
#include "tst_pipeline_theory.moc"
