// What no rank can have done or measured.
#include <QTest>
#include <set>

#include "engine/run/told_check.h"
#include "tests/support/sample_events.h"

using namespace rondo;

namespace {

constexpr ToldBounds kBounds{Rank{1}, 4, Step{20}};

}  // namespace

class TestToldCheck : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void whatARankMeasures_canBe() {
        RankFigures figures;
        figures.firstStepBegan = Picoseconds{1};
        figures.lastStepEnded = std::chrono::hours(24 * 49);
        figures.sentTo = {{Rank{0}, {1, 2, 3}}, {Rank{3}, {400'000'000'000, 400'100'000'000, 9}}};
        FaultHappened fault;
        fault.stamp.rank = Rank{1};
        figures.faults = {fault};
        // A loss that diverges is something to see.
        StepTold step{Step{20},
                      std::numeric_limits<double>::quiet_NaN(),
                      32,
                      1000,
                      Nanoseconds{5},
                      Nanoseconds{9},
                      StageShare{1, 0.5}};
        for (const RankTold& told :
             {RankTold{step}, RankTold{StepsSkipped{Step{20}, Step{23}}}, RankTold{KilledByPlan{Step{20}}},
              RankTold{StandsBefore{Step{20}}}, RankTold{AtMeeting{20, {}}}, RankTold{RankEnded{figures, {}}},
              RankTold{RankFailed{CommError::Kind::PeerGone, "gone", figures}},
              RankTold{StateTold{0, {21, {}, {}}, figures}}, RankTold{StateTold{}}}) {
            const auto wrong = impossibleIn(told, kBounds);
            QVERIFY2(!wrong, wrong ? wrong->c_str() : "");
        }
    }
    void stepBeforeItsWorld_cannotBe() {
        for (const RankTold& told : {RankTold{StepTold{Step{19}}}, RankTold{StepsSkipped{Step{19}, Step{21}}},
                                     RankTold{KilledByPlan{Step{19}}}, RankTold{StandsBefore{Step{19}}},
                                     RankTold{AtMeeting{19, {}}}})
            QVERIFY2(impossibleIn(told, kBounds), qPrintable(QString::number(told.index())));
    }
    void sumsOverAllLinks_stayNumbers() {
        RankFigures figures;
        for (int to = 0; to < 4; ++to) figures.sentTo[Rank{to}] = {1, 400'000'000'000'000, 1};
        QVERIFY(impossibleIn(RankEnded{figures, {}}, kBounds));
    }
    void onlyARanksOwnMeasurements_areItsToTell() {
        std::set<std::size_t> may;
        for (const Event& event : testing::oneOfEach())
            if (isOfARank(event)) may.insert(event.index());
        QVERIFY((may == std::set<std::size_t>{Event(Span{}).index(), Event(rondo::Message{}).index(),
                                              Event(CompressionMeasured{}).index(),
                                              Event(EventsDropped{}).index(), Event(FaultHappened{}).index(),
                                              Event(RouteChosen{}).index()}));
    }
    void eventsOutsideOfTheRun_cannotBe() {
        using namespace std::chrono_literals;
        Span span;
        span.stamp = {1, Rank{1}, 0, 5s};
        span.begin = 4s;
        QVERIFY(canBe(span, 4, 5s));
        QVERIFY(canBe(span, 4, 0s));  // clocks differ a little
        span.stamp.at = 1h;
        QVERIFY(!canBe(span, 4, 5s));
        span.stamp.at = 5s;
        span.begin = 6s;
        QVERIFY(!canBe(span, 4, 5s));
        span.begin = -1h;
        QVERIFY(!canBe(span, 4, 5s));
        span.begin = 4s;
        span.peer = Rank{4};
        QVERIFY(!canBe(span, 4, 5s));
        rondo::Message message;
        message.stamp = {1, Rank{1}, 0, 5s};
        message.to = Rank{1};
        QVERIFY(canBe(message, 4, 5s));
        message.payloadBytes = -1;
        QVERIFY(!canBe(message, 4, 5s));
        message.payloadBytes = 0;
        message.from = Rank{-1};
        QVERIFY(!canBe(message, 4, 5s));
        message.from = Rank{0};
        message.to = Rank{2};  // another's to tell
        QVERIFY(!canBe(message, 4, 5s));
        FaultHappened fault;
        fault.stamp = {1, Rank{1}, 0, 5s};
        QVERIFY(canBe(fault, 4, 5s));
        fault.factor = -1;
        QVERIFY(!canBe(fault, 4, 5s));
        fault.factor = 1;
        fault.seconds = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(!canBe(fault, 4, 5s));
    }
};

QTEST_GUILESS_MAIN(TestToldCheck)
#include "tst_told_check.moc"
