// What members of a host say, on its way to the coordinator of a run: whatever it is, the host goes on.
#include <QtTest>
#include <limits>

#include "tests/support/crew_of_guests.h"

using namespace rondo;
using namespace rondo::test;
using net::test::Guest;

namespace {

StepTold step(std::int32_t number) {
    StepTold told;
    told.step = Step{number};
    told.samples = 1;
    return told;
}

FaultHappened fault(std::uint32_t run, std::int32_t rank, std::int32_t number) {
    FaultHappened event;
    event.stamp.run = run;
    event.stamp.rank = Rank{rank};
    event.step = number;
    return event;
}

using Tells = std::function<void(Guest&, std::uint32_t world)>;

RankFigures figures(const std::function<void(RankFigures&)>& change) {
    RankFigures figures;
    change(figures);
    return figures;
}

}  // namespace

Q_DECLARE_METATYPE(Tells)

class TestHostCrew : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void whatARankSays_comesToTheCoordinator() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann");
        QVERIFY(ann.untilJoined());
        const cli::HostCrew::Run run(*room.crew, 1);
        const auto world = room.begin({1}, 1, 0);
        tell(ann, world[0].generation, step(0));
        tell(ann, world[0].generation, StateTold{world[0].generation, {}, {}});
        auto news = room.next();
        QVERIFY(news && news->member == 1);
        QCOMPARE(std::get<StepTold>(std::get<RankTold>(news->news)).samples, 1);
        news = room.next();
        QVERIFY(news);
        // Worlds are counted from 0 by the coordinator, whatever they are to members.
        QCOMPARE(std::get<StateTold>(std::get<RankTold>(news->news)).generation, 0u);
    }

    // What one run's rank still has to say is no news of the next run's.
    void lateWordsOfARun_areNotOfTheNext() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann"), bob(room.lobby, "bob");
        QVERIFY(ann.untilJoined() && bob.untilJoined());
        const std::vector<MemberId> members{ann.welcome->member, bob.welcome->member};
        std::uint32_t first = 0;
        {
            const cli::HostCrew::Run run(*room.crew, 1);
            first = room.begin(members, 1, 0)[0].generation;
            tell(ann, first, step(0));
            QVERIFY(room.next());
            // The run is stopped in the middle: nothing is waited for.
            room.crew->order(members[0], EndWorld{0, false, "the run is over"});
        }
        tell(ann, first, step(1));  // between the runs
        const cli::HostCrew::Run run(*room.crew, 2);
        const std::uint32_t second = room.begin(members, 2, 0)[0].generation;
        QVERIFY(second != first);
        tell(ann, first, step(2));
        tell(ann, first, StateTold{first, {}, {}});
        tell(ann, {fault(1, 0, 2)});
        tell(ann, second, step(7));
        const auto news = room.next();
        QVERIFY(news);
        QCOMPARE(std::get<StepTold>(std::get<RankTold>(news->news)).step, Step{7});
        QVERIFY(!room.inbox.take(std::chrono::milliseconds(0)));
        QVERIFY(room.events.events.empty());
        QVERIFY(room.lobby.gone.empty());  // an innocent straggler
    }
    void worldsOfARun_areToldApart_andLateEventsOfOneKeepTheirRank() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann"), bob(room.lobby, "bob");
        QVERIFY(ann.untilJoined() && bob.untilJoined());
        const MemberId a = ann.welcome->member, b = bob.welcome->member;
        const cli::HostCrew::Run run(*room.crew, 1);
        const std::uint32_t first = room.begin({b, a}, 1, 0)[0].generation;
        const std::uint32_t second = room.begin({a}, 1, 1)[0].generation;
        QCOMPARE(second, first + 1);
        tell(ann, {fault(1, 1, 3)});  // of its rank in the world before
        tell(ann, first, step(0));
        tell(ann, second, step(4));
        const auto news = room.next();
        QVERIFY(news);
        QCOMPARE(std::get<StepTold>(std::get<RankTold>(news->news)).step, Step{4});
        QCOMPARE(room.events.events.size(), std::size_t{1});
        tell(bob, second, step(4));  // no rank of this world
        tell(ann, second, step(5));
        const auto after = room.next();
        QVERIFY(after && after->member == a);
    }

    void whoFloods_isLost_andItsWordsCostLittle() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann"), bob(room.lobby, "bob");
        QVERIFY(ann.untilJoined() && bob.untilJoined());
        const MemberId a = ann.welcome->member, b = bob.welcome->member;
        const cli::HostCrew::Run run(*room.crew, 1);
        room.inbox.allow(mostBytesOfRank(1000));
        const std::uint32_t world = room.begin({a, b}, 1, 0)[0].generation;
        // Nobody takes them: a coordinator that evaluates.
        const AtMeeting weights{0, std::vector<float>(250'000)};
        for (int i = 0; i < 100; ++i) tell(ann, world, weights);
        QVERIFY(room.lobby.untilState(a, net::MemberState::Removed));
        QCOMPARE(room.lobby.latest(a).detail,
                 std::string("sent more than the 16 MB that may wait of one member"));
        tell(bob, world, step(0));
        std::size_t bytes = 0;
        bool lost = false, bobs = false;
        while (!lost || !bobs) {
            const auto news = room.next();
            QVERIFY(news);
            lost = lost || std::holds_alternative<MemberLost>(news->news);
            bobs = bobs || news->member == b;
            if (const auto* told = std::get_if<RankTold>(&news->news))
                if (const auto* meeting = std::get_if<AtMeeting>(told)) bytes += 4 * meeting->weights.size();
        }
        QVERIFY2(bytes > 10'000'000 && bytes <= room.inbox.mostBytes(), qPrintable(QString::number(bytes)));
    }
    void messageLongerThanAnyState_isNotEvenRead() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann");
        QVERIFY(ann.untilJoined());
        const cli::HostCrew::Run run(*room.crew, 1);
        room.inbox.allow(mostBytesOfRank(1000));
        const std::uint32_t world = room.begin({1}, 1, 0)[0].generation;
        // As large as the model's state may be, it is taken.
        tell(ann, world, AtMeeting{0, std::vector<float>(8 * 1000 + 4'000'000)});
        const auto news = room.next();
        QVERIFY(news && std::holds_alternative<RankTold>(news->news));
        tell(ann, world, AtMeeting{0, std::vector<float>(5'000'000)});
        QVERIFY(room.lobby.untilState(1, net::MemberState::Lost));
        QCOMPARE(room.lobby.latest(1).detail,
                 "message longer than " + std::to_string(mostBytesOfRank(1000) + net::FrameHeader::kBytes) +
                     " bytes");
    }

    void whatCannotBe_endsItsMemberOnly_data() {
        QTest::addColumn<Tells>("tells");
        QTest::addColumn<QString>("why");
        constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
        const auto told = [](auto message) -> Tells {
            return [message](Guest& guest, std::uint32_t world) { tell(guest, world, message); };
        };
        const auto ended = [&](const std::function<void(RankFigures&)>& change) {
            return told(RankEnded{figures(change), {}});
        };
        QTest::newRow("step=-1") << told(step(-1)) << "a step of no world";
        QTest::newRow("samples") << told(StepTold{.samples = kMost}) << "a number of samples";
        QTest::newRow("bytes=-1") << told(StepTold{.payloadBytes = -1}) << "a number of bytes";
        QTest::newRow("time") << told(StepTold{.ended = Nanoseconds{kMost}}) << "a time outside of the run";
        QTest::newRow("share=nan") << told(StepTold{.share = StageShare{std::nan(""), 0}})
                                   << "a time of no length";
        QTest::newRow("met after -3") << told(AtMeeting{-3, {}}) << "a number of steps";
        QTest::newRow("stands") << told(StandsBefore{Step{-7}}) << "a step of no world";
        QTest::newRow("skipped") << told(StepsSkipped{Step{0}, Step{-2}}) << "a step of no world";
        QTest::newRow("phase=inf") << ended([](RankFigures& f) {
            f.phaseSeconds[2] = std::numeric_limits<double>::infinity();
        }) << "a phase of no length";
        QTest::newRow("link to rank 1") << ended([](RankFigures& f) {
            f.sentTo[Rank{1}] = {1, 1, 1};
        }) << "a rank that isn't there";
        QTest::newRow("link to rank -2") << ended([](RankFigures& f) {
            f.sentTo[Rank{-2}] = {1, 1, 1};
        }) << "a rank that isn't there";
        QTest::newRow("traffic") << ended([](RankFigures& f) {
            f.sentTo[Rank{0}] = {1, kMost, 1};
        }) << "a number of bytes";
        QTest::newRow("another's fault")
            << ended([](RankFigures& f) { f.faults = {fault(1, 3, 0)}; }) << "a fault of another rank";
        QTest::newRow("state") << told(StateTold{0, {-1, {}, {}}, {}}) << "a number of steps";
        const auto bytes = [](std::vector<std::byte> body) -> Tells {
            return [body](Guest& guest, std::uint32_t world) {
                net::FrameHeader header;
                header.kind = net::FrameHeader::Kind::RankMessage;
                header.generation = world;
                header.payloadBytes = body.size();
                guest.member->send(header, body);
            };
        };
        QTest::newRow("noise") << bytes({std::byte{9}, std::byte{9}}) << "can't be read";
        // A state of a million empty names, two bytes each.
        std::vector<std::byte> names{std::byte{7},    std::byte{0},    std::byte{0},
                                     std::byte{0xc0}, std::byte{0x84}, std::byte{0x3d}};
        names.resize(names.size() + 2'000'000);
        QTest::newRow("a million names") << bytes(names) << "more items than a run can have";
        const auto event = [](Event event) -> Tells {
            return [event](Guest& guest, std::uint32_t) { tell(guest, {event}); };
        };
        QTest::newRow("another's event") << event(fault(1, 2, 0)) << "isn't its own";
        QTest::newRow("event of the run") << event(StepCompleted{Stamp{1, Rank{0}}}) << "isn't its own";
        QTest::newRow("end of the run") << event(RunEnded{Stamp{1, Rank{0}}}) << "isn't its own";
    }
    void whatCannotBe_endsItsMemberOnly() {
        QFETCH(Tells, tells);
        QFETCH(QString, why);
        CrewOfGuests room;
        Guest ann(room.lobby, "ann");
        QVERIFY(ann.untilJoined());
        const cli::HostCrew::Run run(*room.crew, 1);
        const std::uint32_t world = room.begin({1}, 1, 0)[0].generation;
        tells(ann, world);
        QVERIFY(room.lobby.untilState(1, net::MemberState::Removed));
        const std::string detail = room.lobby.latest(1).detail;
        QVERIFY2(detail.find(why.toStdString()) != std::string::npos, detail.c_str());
        const auto news = room.next();
        QVERIFY(news && std::holds_alternative<MemberLost>(news->news));
        QVERIFY(room.events.events.empty());
        // The host is there for the next.
        Guest bob(room.lobby, "bob");
        QVERIFY(bob.untilJoined());
    }

    void eventsWithWildValues_areLeftOut() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann");
        QVERIFY(ann.untilJoined());
        const cli::HostCrew::Run run(*room.crew, 1);
        const std::uint32_t world = room.begin({1}, 1, 0)[0].generation;
        const auto span = [](std::int64_t begin, std::int64_t end, std::int32_t peer) {
            Span span;
            span.stamp = {1, Rank{0}, 0, Nanoseconds{end}};
            span.begin = Nanoseconds{begin};
            span.peer = Rank{peer};
            return span;
        };
        Message toAnother;
        toAnother.stamp = {1, Rank{0}};
        toAnother.to = Rank{3};
        tell(ann, {span(0, std::numeric_limits<std::int64_t>::max(), -1), span(5, 4, -1), span(0, 1, 9),
                   toAnother, span(1, 2, 0)});
        tell(ann, world, step(0));
        QVERIFY(room.next());
        QCOMPARE(room.events.events.size(), std::size_t{1});
        QCOMPARE(stampOf(room.events.events[0]).at, Nanoseconds{2});
        QVERIFY(room.lobby.gone.empty());
    }

    void nobodyTrains_nothingIsKept() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann"), bob(room.lobby, "bob");
        QVERIFY(ann.untilJoined() && bob.untilJoined());
        for (int i = 0; i < 100; ++i) tell(ann, 0, step(i));
        ann.member->leave("bye");
        QVERIFY(room.lobby.untilState(ann.welcome->member, net::MemberState::Left));
        QVERIFY(!room.inbox.take(std::chrono::milliseconds(0)));
    }
};

QTEST_GUILESS_MAIN(TestHostCrew)
#include "tst_host_crew.moc"
