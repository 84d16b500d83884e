// What is offered for a worker or link, and what it is said to lead to.
#include <QtTest>

#include "engine/config/validate.h"
#include "ui/draw/axis.h"
#include "ui/draw/fault_words.h"
#include "ui/setup/fault_choices.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

RunSpec specOf(RunOn runOn, AlgorithmSpec algorithm = AllReduceAlgorithm{}) {
    RunSpec spec;
    spec.runOn = runOn;
    spec.workers = 4;
    spec.algorithm = std::move(algorithm);
    spec.stop.steps = 100;
    return spec;
}

const FaultChoice& ofKind(const std::vector<FaultChoice>& choices, FaultKind kind) {
    for (const FaultChoice& choice : choices)
        if (choice.fault.kind == kind) return choice;
    static const FaultChoice none{};
    QTest::qFail("no such offer", __FILE__, __LINE__);
    return none;
}

}  // namespace

class TestFaultChoices : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void whatIsPossible_isWhatTheRunAccepts_data() {
        QTest::addColumn<bool>("isVirtual");
        QTest::addColumn<bool>("underWay");
        for (const bool isVirtual : {true, false})
            for (const bool underWay : {true, false})
                QTest::addRow("%s, %s", isVirtual ? "virtual" : "threads",
                              underWay ? "under way" : "next run")
                    << isVirtual << underWay;
    }
    void whatIsPossible_isWhatTheRunAccepts() {
        QFETCH(bool, isVirtual);
        QFETCH(bool, underWay);
        const RunSpec spec = specOf(isVirtual ? RunOn::Virtual : RunOn::Threads, ParameterServerAlgorithm{});
        const FaultSituation situation{spec, underWay, {}, 0.01, 20};
        int possible = 0;
        const auto check = [&](const std::vector<FaultChoice>& choices) {
            for (const FaultChoice& choice : choices) {
                QCOMPARE(choice.possible, validate(spec, choice.fault, "fault").empty());
                QVERIFY(!choice.tip.isEmpty());
                possible += choice.possible;
                QCOMPARE(choice.fault.atStep.has_value(), !underWay);
                if (!choice.possible || underWay) continue;
                RunSpec next = spec;
                next.faults = {choice.fault};
                QVERIFY2(validate(next).empty(), qPrintable(choice.text));
            }
        };
        for (int rank = 0; rank < 5; ++rank) check(faultChoices(rank, situation));
        check(faultChoices(LinkId{1, 2}, situation));
        check(faultChoices(LinkId{4, 2}, situation));  // from the server
        check(faultChoices(LinkId{2, 4}, situation));
        QCOMPARE(possible, 4 * 5 - 1 + (isVirtual ? 3 * 4 : 0));
    }

    void inVirtualTime_durationsSuitTheStep() {
        const RunSpec spec = specOf(RunOn::Virtual);
        const FaultChoice slow = ofKind(faultChoices(1, {spec, true, {}, 0.0123456, 0}), FaultKind::Slow);
        QCOMPARE(*slow.fault.forSeconds, 0.12);
        QVERIFY2(slow.text.contains(durationText(0.12)) && slow.text.contains("10 steps"),
                 qPrintable(slow.text));
        const RunSpec real = specOf(RunOn::Threads);
        QCOMPARE(*ofKind(faultChoices(1, {real, true, {}, 0.0123456, 0}), FaultKind::Slow).fault.forSeconds,
                 5.0);
    }

    void worker0_canNotBeKilled_andIsToldWhy() {
        const RunSpec spec = specOf(RunOn::Virtual);
        const FaultChoice kill = ofKind(faultChoices(0, {spec, true, {}, 0.01, 0}), FaultKind::Kill);
        QVERIFY(!kill.possible);
        QVERIFY(kill.tip.contains("books"));
        QVERIFY(ofKind(faultChoices(1, {spec, true, {}, 0.01, 0}), FaultKind::Kill).possible);
    }

    void linksOfThreads_areToldToBeVirtualOnly() {
        const RunSpec spec = specOf(RunOn::Threads);
        for (const FaultChoice& choice : faultChoices(LinkId{1, 2}, {spec, true, {}, 0.01, 0})) {
            QVERIFY(!choice.possible);
            QVERIFY(choice.tip.contains("virtual"));
        }
    }

    void whatTheNextRunDoesNotHave_isNotOffered() {
        const RunSpec spec = specOf(RunOn::Virtual);
        for (const FaultChoice& choice : faultChoices(7, {spec, false, {}, 0.01, 20})) {
            QVERIFY(!choice.possible);
            QVERIFY(choice.tip.contains("4 workers"));
        }
    }

    void whenNothingCanStrike_everythingSaysWhy() {
        const RunSpec spec = specOf(RunOn::Virtual);
        for (const FaultChoice& choice : faultChoices(1, {spec, true, "The run is about to end", 0.01, 0})) {
            QVERIFY(!choice.possible);
            QCOMPARE(choice.tip, QString("The run is about to end"));
        }
    }

    void whatFollows_isWhatTheAlgorithmsHeaderSays_data() {
        QTest::addColumn<int>("algorithm");
        QTest::addColumn<FaultKind>("kind");
        QTest::addColumn<QString>("words");
        const auto row = [](int algorithm, FaultKind kind, const char* words) {
            QTest::addRow("%d %s", algorithm, std::string(nameOf(kind)).c_str())
                << algorithm << kind << QString(words);
        };
        row(0, FaultKind::Slow, "all wait");
        row(0, FaultKind::Kill, "the run ends");
        row(1, FaultKind::Pause, "all wait");
        row(2, FaultKind::Slow, "the others go on");
        row(2, FaultKind::Kill, "go on without it");
        row(3, FaultKind::Slow, "2 steps ahead");
        row(3, FaultKind::Kill, "the run ends");
        row(4, FaultKind::Slow, "dropped");
        row(4, FaultKind::Kill, "made without it");
        row(5, FaultKind::Slow, "its neighbours wait");
        row(5, FaultKind::Kill, "the run ends");
        row(6, FaultKind::Restart, "run again");
    }
    void whatFollows_isWhatTheAlgorithmsHeaderSays() {
        QFETCH(int, algorithm);
        QFETCH(FaultKind, kind);
        QFETCH(QString, words);
        const std::array<AlgorithmSpec, 7> algorithms{
            AllReduceAlgorithm{},
            ParameterServerAlgorithm{},
            ParameterServerAlgorithm{.mode = ServerMode::Async},
            ParameterServerAlgorithm{.mode = ServerMode::Stale, .staleness = 2},
            ParameterServerAlgorithm{.backup = 1},
            GossipAlgorithm{},
            MapReduceAlgorithm{}};
        const RunSpec spec = specOf(RunOn::Virtual, algorithms[static_cast<std::size_t>(algorithm)]);
        const QString said = whatFollows(spec, kind, kind != FaultKind::Kill);
        QVERIFY2(said.contains(words), qPrintable(said));
    }

    void name_saysWhoAndWhat() {
        FaultHappened cut;
        cut.stamp.rank = Rank{2};
        cut.stamp.at = Nanoseconds{1'500'000'000};
        cut.kind = FaultKind::CutLink;
        cut.peer = Rank{4};
        cut.step = 7;
        cut.seconds = 0.25;
        QCOMPARE(faultName(cut, 4), QString("link 2–server 0 cut"));
        const QString tip = faultTip(cut, 4);
        QVERIFY2(
            tip.contains(durationText(1.5)) && tip.contains(durationText(0.25)) && tip.contains("step 7"),
            qPrintable(tip));
        FaultSpec slow;
        slow.worker = 2;
        QCOMPARE(faultName(slow, 4), QString("worker 2 ×4 slower"));
    }
};

QTEST_APPLESS_MAIN(TestFaultChoices)
#include "tst_fault_choices.moc"
