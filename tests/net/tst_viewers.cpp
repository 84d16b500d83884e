#include <QtTest>
#include <algorithm>

#include "engine/core/random.h"
#include "engine/events/recording.h"
#include "tests/support/lobby.h"
#include "tests/support/made_events.h"

using namespace rondo;
using namespace rondo::net;
using namespace rondo::net::test;
using namespace std::chrono_literals;

namespace {

MemberOptions viewerOf(Lobby& lobby) {
    MemberOptions options;
    options.url = *readUrl(lobby.place.url);
    options.code = lobby.place.code;
    options.role = Role::Viewer;
    options.name = "viewer";
    return options;
}

/// A viewer that reads the stream.
struct Watcher {
    explicit Watcher(Lobby& lobby, std::int64_t credit = 1 << 20) {
        MemberOptions options = viewerOf(lobby);
        options.credit = credit;
        MemberHandlers handlers;
        handlers.joined = [this](const Welcome&) { notes.note([&] { joined = true; }); };
        handlers.binaryMessage = [this](const FrameHeader& header, std::span<const std::byte> body) {
            notes.note([&] {
                if (header.kind != FrameHeader::Kind::Events) damage = "another kind";
                if (const auto problem =
                        reader.feed({reinterpret_cast<const char*>(body.data()), body.size()}, events))
                    damage = problem->text();
                if (!reader.atBoundary()) damage = "a message that doesn't end with a block";
            });
        };
        handlers.closed = [this](const MemberEnd& how) { notes.note([&] { end = how; }); };
        member = std::make_unique<Member>(lobby.io, options, handlers);
    }
    bool untilJoined() {
        return notes.until([&] { return joined; });
    }
    /// Until an event of this type with this step has come.
    bool untilStep(int step) {
        return notes.until([&] {
            return std::any_of(events.begin(), events.end(), [&](const Event& event) {
                const auto* done = std::get_if<StepCompleted>(&event);
                return done && done->step == step;
            });
        });
    }
    bool untilEndOfRun() {
        return notes.until(
            [&] { return !events.empty() && std::holds_alternative<RunEnded>(events.back()); });
    }
    std::uint64_t steps() const {
        return static_cast<std::uint64_t>(std::count_if(events.begin(), events.end(), [](const Event& event) {
            return std::holds_alternative<StepCompleted>(event);
        }));
    }
    std::uint64_t toldAsLost() const {
        std::uint64_t sum = 0;
        for (const Event& event : events)
            if (const auto* gap = std::get_if<EventsDropped>(&event)) sum += gap->count;
        return sum;
    }

    Notes notes;
    bool joined = false;
    std::vector<Event> events;
    BlockReader reader;
    std::string damage;
    std::optional<MemberEnd> end;
    std::unique_ptr<Member> member;
};

HostOptions quickViewers() {
    HostOptions options = quickHost();
    options.feedInterval = 1ms;
    return options;
}

void publishAll(Host& host, std::vector<Event> events) {
    for (Event& event : events) host.viewers().publish(std::move(event));
}

}  // namespace

class TestViewers : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void viewer_getsTheRunAsItWas() {
        Lobby lobby(quickViewers());
        Watcher watcher(lobby);
        QVERIFY(watcher.untilJoined());
        const std::vector<Event> run = rondo::test::madeRun(500);
        publishAll(*lobby.host, run);
        QVERIFY(watcher.untilEndOfRun());
        QVERIFY2(watcher.damage.empty(), watcher.damage.c_str());
        QVERIFY(watcher.events == run);
        QCOMPARE(lobby.host->figures().viewers, std::size_t{1});
    }

    void whoComesLate_getsWhatIsKnown() {
        Lobby lobby(quickViewers());
        publishAll(*lobby.host, rondo::test::madeRun(3));  // a run before
        std::vector<Event> run = rondo::test::madeRun(20, false);
        Evaluated evaluated;
        evaluated.step = 10;
        evaluated.trainLoss = evaluated.testLoss = evaluated.testAccuracy = 0.5;
        run.push_back(evaluated);
        MemberChanged member;
        member.member = 7;
        member.state = MemberChanged::State::Joining;
        run.push_back(member);
        member.state = MemberChanged::State::Ready;
        run.push_back(member);
        publishAll(*lobby.host, run);

        Watcher watcher(lobby);
        QVERIFY(watcher.notes.until([&] { return watcher.events.size() >= 4; }));
        const std::vector<Event> expected{member, run[0], run[1],
                                          evaluated};  // one state of the member, the latest
        QVERIFY(watcher.events == expected);

        RunEnded end;
        lobby.host->viewers().publish(end);
        QVERIFY(watcher.untilEndOfRun());
        QCOMPARE(watcher.events.size(), std::size_t{5});
    }

    void viewerWithoutCredit_losesSamplesAndIsToldHowMany() {
        Lobby lobby(quickViewers());
        Watcher slow(lobby, 0), quick(lobby);
        QVERIFY(slow.untilJoined() && quick.untilJoined());
        // The magic and the start, then nothing any more.
        slow.member->send(Credit{1});
        QVERIFY(slow.notes.until([&] { return slow.reader.consumed() > 0; }));
        std::vector<Event> run = rondo::test::madeRun(2000, false);
        const std::vector<Event> all = run;
        publishAll(*lobby.host, run);
        QVERIFY(quick.untilStep(1999));
        QVERIFY(quick.events == all);  // nobody waits for the slow one
        QVERIFY(slow.notes.look([&] { return slow.events.empty(); }));

        slow.member->send(Credit{1 << 20});
        QVERIFY(slow.notes.until([&] { return slow.events.size() == 2; }));  // transitions have waited
        StepCompleted last;
        last.step = 5000;
        lobby.host->viewers().publish(last);
        QVERIFY(slow.untilStep(5000));
        QVERIFY2(slow.damage.empty(), slow.damage.c_str());
        QVERIFY(std::holds_alternative<RunStarted>(slow.events[0]));
        QVERIFY(std::holds_alternative<RunStateChanged>(slow.events[1]));
        QCOMPARE(slow.toldAsLost(), std::uint64_t{2000});
        QCOMPARE(slow.steps(), std::uint64_t{1});
    }

    void whatAViewerGetsAndLoses_isAllThatWasPublished() {
        Lobby lobby(quickViewers());
        // It gives little credit now and then: some samples fit, others don't.
        Watcher some(lobby, 400);
        QVERIFY(some.untilJoined());
        constexpr int kSteps = 3000;
        for (int i = 0; i < kSteps; ++i) {
            StepCompleted step;
            step.step = i;
            lobby.host->viewers().publish(step);
            if (i % 300 == 0) lobby.host->figures();  // lets the io thread have its turn
        }
        RunEnded end;
        lobby.host->viewers().publish(end);
        QVERIFY(some.untilEndOfRun());
        some.member->send(Credit{1 << 20});
        StepCompleted last;
        last.step = kSteps;
        lobby.host->viewers().publish(last);
        QVERIFY(some.untilStep(kSteps));
        QCOMPARE(some.steps() + some.toldAsLost(), std::uint64_t{kSteps + 1});
    }

    void viewerThatDoesNotRead_costsBoundedMemoryAndSlowsNobody() {
        HostOptions options = quickViewers();
        options.silence = 10s;
        Lobby lobby(options);
        IoThread frozen;
        Notes notes;
        bool joined = false, goOn = false;
        MemberOptions own = viewerOf(lobby);
        own.credit = 1 << 30;  // generous, and then it looks away
        MemberHandlers handlers;
        // Not before its credit has arrived, which what comes first is the answer to.
        handlers.binaryMessage = [&](const FrameHeader&, std::span<const std::byte>) {
            notes.note([&] { joined = true; });
            notes.until([&] { return goOn; });
        };
        Member hung(frozen, own, handlers);
        QVERIFY(notes.until([&] { return joined; }));
        Watcher quick(lobby, 8 << 20);
        QVERIFY(quick.untilJoined());
        std::size_t most = 0;
        for (int round = 0; round < 100; ++round) {
            Notice notice;
            notice.text = std::string(100'000, static_cast<char>('a' + round % 26));
            lobby.host->viewers().publish(notice);
            // Hard to pack.
            std::vector<Event> spans;
            Random random(static_cast<std::uint64_t>(round));
            for (int i = 0; i < 15'000; ++i) {
                Span span;
                span.begin = Nanoseconds{static_cast<std::int64_t>(random.bits() >> 2)};
                span.stamp.at = Nanoseconds{static_cast<std::int64_t>(random.bits() >> 2)};
                spans.push_back(span);
            }
            lobby.host->viewers().publish(std::span(spans));
            most = std::max(most, lobby.host->figures().waitingBytes);
        }
        lobby.host->viewers().publish(Event{RunEnded{}});
        QVERIFY(quick.untilEndOfRun());
        QVERIFY2(quick.damage.empty(), quick.damage.c_str());
        qInfo("at most %zu kB waited for both", most / 1000);
        QVERIFY(most > options.viewer.outbox / 2);  // it was put to the test
        QVERIFY(most < options.viewer.outbox + options.viewer.waiting + (std::size_t{16} << 20));
        notes.note([&] { goOn = true; });
    }

    void viewerWithoutCreditForTransitions_isLetGo() {
        HostOptions options = quickViewers();
        options.viewer.waiting = 200'000;
        Lobby lobby(options);
        Watcher never(lobby, 0);
        QVERIFY(never.untilJoined());
        Random random(1);
        for (int i = 0; i < 100 && never.notes.look([&] { return !never.end; }); ++i) {
            Notice notice;
            for (int c = 0; c < 20'000; ++c) notice.text += static_cast<char>('0' + random.below(75));
            lobby.host->viewers().publish(notice);
            lobby.host->figures();
        }
        QVERIFY(never.notes.until([&] { return never.end.has_value(); }));
        QCOMPARE(static_cast<int>(never.end->code), static_cast<int>(CloseCode::Overflow));
        QVERIFY(never.end->mayRetry);
    }

    void foreignClient_watchesByTheProtocolAlone() {
        Lobby lobby(quickViewers());
        const std::vector<Event> run = rondo::test::madeRun(200);
        publishAll(*lobby.host, {run.begin(), run.begin() + 2});
        QTemporaryDir directory;
        const QString file = directory.filePath("seen.rondo");
        QProcess python;
        python.setProcessChannelMode(QProcess::MergedChannels);
        python.start("/usr/bin/python3",
                     {RONDO_ROOT "/tests/net/foreign_viewer.py", QString::fromStdString(lobby.place.url),
                      QString::fromStdString(shown(lobby.place.code)), file});
        while (!python.canReadLine())
            QVERIFY2(python.waitForReadyRead(60'000), qPrintable(python.errorString()));
        QCOMPARE(python.readLine(), QByteArray("joined\n"));
        QVERIFY(lobby.untilLogged("python watches"));
        publishAll(*lobby.host, {run.begin() + 2, run.end()});
        Watcher ours(lobby);
        QVERIFY(ours.untilEndOfRun());
        lobby.host.reset();
        QVERIFY2(python.waitForFinished(60'000), python.readAll());
        QVERIFY2(python.exitCode() == 0, python.readAll());
        const auto seen = readRecording(file.toStdString());
        QVERIFY2(seen.ok(), seen ? "" : seen.error().c_str());
        QVERIFY(!seen->cut);
        QVERIFY(seen->events == run);
    }

    void foreignClientWithAWrongCode_isRefused() {
        Lobby lobby(quickViewers());
        QProcess python;
        python.start("/usr/bin/python3", {RONDO_ROOT "/tests/net/foreign_viewer.py",
                                          QString::fromStdString(lobby.place.url), "AAA-AAA", "/dev/null"});
        QVERIFY2(python.waitForFinished(60'000), qPrintable(python.errorString()));
        QCOMPARE(python.readAllStandardOutput(), QByteArray("wrong code\n"));
        QCOMPARE(python.exitCode(), 3);
    }

    void twoHundredViewers_allGetEverything() {
        Lobby lobby(quickViewers());
        std::vector<std::unique_ptr<Watcher>> room;
        for (int i = 0; i < 200; ++i) room.push_back(std::make_unique<Watcher>(lobby));
        for (const auto& watcher : room) QVERIFY(watcher->untilJoined());
        const std::vector<Event> run = rondo::test::madeRun(5000);
        QElapsedTimer timer;
        timer.start();
        publishAll(*lobby.host, run);
        const double publishing = static_cast<double>(timer.nsecsElapsed()) / static_cast<double>(run.size());
        for (const auto& watcher : room) QVERIFY(watcher->untilEndOfRun());
        qInfo("%zu events to 200 viewers: %.0f ns an event for who publishes, all there after %lld ms",
              run.size(), publishing, timer.elapsed());
        for (const auto& watcher : room) {
            QVERIFY2(watcher->damage.empty(), watcher->damage.c_str());
            QCOMPARE(watcher->steps() + watcher->toldAsLost(), std::uint64_t{5000});
        }
    }
};

QTEST_GUILESS_MAIN(TestViewers)
#include "tst_viewers.moc"
