// The room of a window: `rondo-cli engine`, spoken to as the window does, and machines that join it.
#include <signal.h>

#include <QtTest>
#include <map>

#include "engine/config/run_spec_json.h"
#include "engine/control/control.h"
#include "engine/events/recording.h"
#include "tests/support/cli.h"

using namespace rondo;
using namespace rondo::test;

namespace {

using State = MemberChanged::State;

/// The training process of a window.
class Engine {
  public:
    Engine() { process_.start(kCli, {"engine"}); }
    ~Engine() {
        process_.kill();
        process_.waitForFinished();
    }
    void say(const ControlCommand& command) {
        process_.write((toLine(command) + "\n").c_str());
        process_.waitForBytesWritten();
    }
    /// Whether it has come to that, in a very long time.
    bool until(const std::function<bool()>& so) {
        QElapsedTimer clock;
        clock.start();
        while (!so() && clock.elapsed() < 60'000) {
            if (process_.bytesAvailable() == 0) process_.waitForReadyRead(500);
            take();
        }
        return so();
    }
    /// What is told of the room from here on.
    RoomChanged news(const ControlCommand& command) {
        const std::size_t before = room.size();
        say(command);
        return until([&] { return room.size() > before; }) ? room.back() : RoomChanged{};
    }
    RunEnded run(const RunSpec& spec, const QString& file = {}) {
        const std::size_t before = ends.size();
        say(StartRun{toText(spec), file.toStdString()});
        return until([&] { return ends.size() > before; }) ? ends.back() : RunEnded{};
    }
    State stateOf(const std::string& name) {
        for (const auto& [id, member] : members)
            if (member.name == name) return member.state;
        return State::Removed;
    }
    std::uint32_t numberOf(const std::string& name) {
        for (const auto& [id, member] : members)
            if (member.name == name) return id;
        return 0;
    }
    bool untilReady(const std::string& name) {
        return until([&] { return stateOf(name) == State::Ready; });
    }
    void kill() {
        ::kill(static_cast<pid_t>(process_.processId()), SIGKILL);
        process_.waitForFinished();
    }
    int leave() {
        say(Quit{});
        return process_.waitForFinished(60'000) ? process_.exitCode() : -1;
    }

    std::vector<RoomChanged> room;
    std::map<std::uint32_t, MemberChanged> members;
    std::vector<RunEnded> ends;
    std::vector<WorldChanged> worlds;
    int steps = 0;

  private:
    void take() {
        const QByteArray bytes = process_.readAllStandardOutput();
        std::vector<Event> events;
        reader_.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())}, events);
        for (const Event& event : events) {
            if (const auto* e = std::get_if<RoomChanged>(&event)) room.push_back(*e);
            if (const auto* e = std::get_if<MemberChanged>(&event)) members[e->member] = *e;
            if (const auto* e = std::get_if<RunEnded>(&event)) ends.push_back(*e);
            if (const auto* e = std::get_if<WorldChanged>(&event)) worlds.push_back(*e);
            if (std::holds_alternative<StepCompleted>(event)) ++steps;
        }
    }
    QProcess process_;
    BlockReader reader_;
};

/// A machine of the room.
struct Machine : QProcess {
    Machine(const RoomChanged& room, const QString& name) {
        QStringList line = QString::fromStdString(room.joinLine).split(' ');
        line.removeFirst();  // the program's name
        start(kCli, line + QStringList{"--name", name});
    }
    ~Machine() override {
        kill();
        waitForFinished();
    }
    int code() { return waitForFinished(60'000) && exitStatus() == NormalExit ? exitCode() : -1; }
};

RunSpec small(int workers, int steps) {
    RunSpec spec;
    spec.runOn = RunOn::Lab;
    spec.workers = workers;
    spec.data = DigitsData{.train = 600, .test = 100};
    spec.model = MlpModel{.hidden = {20}};
    spec.stop.steps = steps;
    spec.evaluateEvery = 5;
    return spec;
}

QJsonObject reportOf(const RunEnded& end) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(end.report)).object();
}

const OpenRoom kHere{.listen = "127.0.0.1:0"};

}  // namespace

class TestEngineRoom : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void membersJoin_areRenamed_train_areSentAway_andGoHomeAtTheEnd() {
        Engine engine;
        const RoomChanged room = engine.news(kHere);
        QVERIFY2(room.open, room.detail.c_str());
        QVERIFY(QString::fromStdString(room.url).startsWith("ws://127.0.0.1:"));
        QCOMPARE(room.code.size(), std::size_t{7});
        QVERIFY(room.joinLine.find(room.code) != std::string::npos);
        Machine first(room, "desk-1"), second(room, "desk-2");
        QVERIFY(engine.untilReady("desk-1"));
        QVERIFY(engine.untilReady("desk-2"));

        const std::uint32_t one = engine.numberOf("desk-1");
        engine.say(RenameMember{one, "Ada"});
        QVERIFY(engine.until([&] { return engine.members[one].name == "Ada"; }));

        const QTemporaryDir folder;
        const RunEnded end = engine.run(small(2, 12), folder.filePath("lab.rondo"));
        QCOMPARE(end.state, RunState::Finished);
        QCOMPARE(reportOf(end)["steps"].toInt(), 12);
        const Outcome replayed = call({"replay", folder.filePath("lab.rondo"), "--json"});
        QCOMPARE(replayed.json()["steps"].toInt(), 12);
        // They are there for the next one, as the ones they were.
        QVERIFY(engine.untilReady("Ada"));
        QCOMPARE(engine.run(small(2, 3)).state, RunState::Finished);
        QCOMPARE(engine.numberOf("Ada"), one);

        engine.say(RemoveMember{one, "wrong desk"});
        QVERIFY(engine.until([&] { return engine.members[one].state == State::Removed; }));
        QCOMPARE(engine.members[one].detail, std::string("wrong desk"));
        QVERIFY(first.code() > 0);
        QVERIFY(first.readAllStandardError().contains("wrong desk"));

        QVERIFY(!engine.news(CloseRoom{}).open);
        QCOMPARE(second.code(), 0);
        QCOMPARE(engine.leave(), 0);
    }

    void runInALab_saysWhatIsMissing() {
        Engine engine;
        const QString none = reportOf(engine.run(small(2, 3)))["error"].toString();
        QVERIFY2(none.contains("no room is open"), qPrintable(none));
        const RoomChanged room = engine.news(kHere);
        Machine only(room, "desk-1");
        QVERIFY(engine.untilReady("desk-1"));
        const RunEnded end = engine.run(small(3, 3));
        QCOMPARE(end.state, RunState::Failed);
        const QString few = reportOf(end)["error"].toString();
        QVERIFY2(few.startsWith("workers: 3, but only 1 machine"), qPrintable(few));
        // The room is none the worse for it.
        QCOMPARE(engine.run(small(1, 3)).state, RunState::Finished);
    }

    void closingTheRoom_endsTheRunOverItFirst() {
        Engine engine;
        const RoomChanged room = engine.news(kHere);
        Machine first(room, "desk-1"), second(room, "desk-2");
        QVERIFY(engine.untilReady("desk-1") && engine.untilReady("desk-2"));
        engine.say(StartRun{toText(small(2, 1'000'000)), {}});
        QVERIFY(engine.until([&] { return engine.steps > 3; }));
        engine.say(CloseRoom{});
        QVERIFY(engine.until([&] { return engine.room.size() == 2; }));
        QCOMPARE(engine.ends.size(), std::size_t{1});
        QCOMPARE(engine.ends.back().state, RunState::Stopped);
        QVERIFY(reportOf(engine.ends.back())["steps"].toInt() > 3);
        QCOMPARE(first.code(), 0);
        QCOMPARE(second.code(), 0);
    }

    void killedMember_theOthersGoOn_andWhoJoinsComesIn() {
        Engine engine;
        const RoomChanged room = engine.news(kHere);
        Machine first(room, "desk-1"), second(room, "desk-2");
        QVERIFY(engine.untilReady("desk-1") && engine.untilReady("desk-2"));
        engine.say(StartRun{toText(small(2, 1'000'000)), {}});
        QVERIFY(engine.until([&] { return engine.steps > 3; }));
        ::kill(static_cast<pid_t>(second.processId()), SIGKILL);
        QVERIFY(engine.until([&] { return engine.stateOf("desk-2") == State::Lost; }));
        QVERIFY(engine.until([&] { return engine.worlds.size() == 2; }));
        QCOMPARE(engine.worlds.back().workers, 1);
        QVERIFY(engine.worlds.back().why.find("desk-2") != std::string::npos);
        Machine third(room, "desk-3");
        QVERIFY(engine.until([&] { return engine.worlds.size() == 3; }));
        QCOMPARE(engine.worlds.back().workers, 2);
        engine.say(StopRun{});
        QVERIFY(engine.until([&] { return !engine.ends.empty(); }));
        QCOMPARE(engine.ends.back().state, RunState::Stopped);
    }

    void hostStartedAgain_withTheSameCode_membersComeBackUnderTheirNames() {
        RoomChanged room;
        std::unique_ptr<Machine> machine;
        {
            Engine lost;
            room = lost.news(kHere);
            machine = std::make_unique<Machine>(room, "desk-1");
            QVERIFY(lost.untilReady("desk-1"));
            lost.say(RenameMember{lost.numberOf("desk-1"), "Ada"});
            // So that the machine knows as well.
            QByteArray said;
            QTRY_VERIFY_WITH_TIMEOUT((said += machine->readAllStandardError()).contains("Ada"), 60'000);
            lost.kill();
        }
        Engine engine;
        const std::string port = room.url.substr(room.url.rfind(':'));
        const RoomChanged again = engine.news(OpenRoom{"127.0.0.1" + port, false, room.code});
        QVERIFY2(again.open, again.detail.c_str());
        QCOMPARE(again.joinLine, room.joinLine);
        QVERIFY(engine.untilReady("Ada"));
    }

    void roomThatCantBeOpened_saysWhy_data() {
        QTest::addColumn<QString>("listen");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("why");
        QTest::newRow("port") << "127.0.0.1:99999"
                              << ""
                              << "no port";
        QTest::newRow("address") << "192.0.2.1:0"
                                 << ""
                                 << "no address of this machine";
        QTest::newRow("code") << "127.0.0.1:0"
                              << "K7M"
                              << "too short";
        QTest::newRow("characters") << "127.0.0.1:0"
                                    << "K7MQ0X"
                                    << "has a 0";
    }
    void roomThatCantBeOpened_saysWhy() {
        QFETCH(QString, listen);
        QFETCH(QString, code);
        QFETCH(QString, why);
        Engine engine;
        const RoomChanged news = engine.news(OpenRoom{listen.toStdString(), false, code.toStdString()});
        QVERIFY(!news.open);
        QVERIFY2(QString::fromStdString(news.detail).contains(why), news.detail.c_str());
    }

    void takenPort_isNamed_andAnotherWorks() {
        Engine one, other;
        const RoomChanged room = one.news(kHere);
        const std::string port = room.url.substr(room.url.rfind(':') + 1);
        const RoomChanged refused = other.news(OpenRoom{"127.0.0.1:" + port});
        QVERIFY(!refused.open);
        QVERIFY2(refused.detail.find("port " + port + " is taken") != std::string::npos,
                 refused.detail.c_str());
        QVERIFY(other.news(kHere).open);
    }

    void encryptedRoom_isJoinedByItsLongCode() {
        Engine engine;
        const RoomChanged room = engine.news(OpenRoom{.listen = "127.0.0.1:0", .secure = true});
        QVERIFY2(room.open, room.detail.c_str());
        QVERIFY(QString::fromStdString(room.url).startsWith("wss://"));
        QCOMPARE(room.fingerprint.size(), std::size_t{64});
        Machine machine(room, "desk-1");
        QVERIFY(engine.untilReady("desk-1"));
    }

    void workersStartedForARun_areNoMembersOfTheRoom() {
        Engine engine;
        QVERIFY(engine.news(kHere).open);
        RunSpec spec = small(2, 3);
        spec.runOn = RunOn::Processes;
        QCOMPARE(engine.run(spec).state, RunState::Finished);
        QVERIFY(engine.members.empty());
    }

    void runOfAnyKind_isWatchedFromTheRoom_whichItNeverTellsAbout() {
        Engine engine;
        const RoomChanged room = engine.news(kHere);
        const QTemporaryDir folder;
        const QString file = folder.filePath("seen.rondo");
        QProcess viewer;
        viewer.start(kCli, {"watch", "--join", QString::fromStdString(room.url), "--code",
                            QString::fromStdString(room.code), "--record", file});
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(file).size() > 0, 60'000);
        RunSpec spec = small(2, 6);
        spec.runOn = RunOn::Virtual;
        QCOMPARE(engine.run(spec).state, RunState::Finished);
        QVERIFY(!engine.news(CloseRoom{}).open);
        QVERIFY(viewer.waitForFinished(60'000));
        const auto seen = readRecording(file.toStdString());
        QVERIFY2(seen.ok(), seen.ok() ? "" : seen.error().c_str());
        const auto has = [&](auto probe) {
            return std::any_of(seen->events.begin(), seen->events.end(), probe);
        };
        QVERIFY(has([](const Event& event) { return std::holds_alternative<RunEnded>(event); }));
        QVERIFY(!has([](const Event& event) { return std::holds_alternative<RoomChanged>(event); }));
    }
};

QTEST_GUILESS_MAIN(TestEngineRoom)
#include "tst_engine_room.moc"
