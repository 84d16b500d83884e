#include <QTest>

#include "engine/control/control.h"

using namespace rondo;

class TestControl : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyCommand_comesBackEqual() {
        const std::vector<ControlCommand> commands = {StartRun{"{\n \"name\": \"a \\\" b\"}", ""},
                                                      StartRun{"{}", "/tmp/ä b.rondo"},
                                                      PauseRun{},
                                                      ResumeRun{},
                                                      StepRun{},
                                                      StopRun{},
                                                      SetSpeed{0},
                                                      SetSpeed{0.001},
                                                      StartRun{"{}", "a", "b", "c", 100},
                                                      WriteCheckpoint{"/tmp/a"},
                                                      OpenRoom{},
                                                      OpenRoom{"127.0.0.1:0", true, "K7MQ2X"},
                                                      CloseRoom{},
                                                      RenameMember{1, "Platz 7"},
                                                      RemoveMember{4294967295u, "it is late"},
                                                      Quit{}};
        for (const ControlCommand& command : commands) {
            const std::string line = toLine(command);
            QVERIFY(line.find('\n') == std::string::npos);
            const auto back = parseCommand(line);
            QVERIFY2(back.ok(), line.c_str());
            QVERIFY2(*back == command, line.c_str());
        }
    }
    void linesAreThoseOfTheHeader() {
        QVERIFY(toLine(PauseRun{}) == R"({"do":"pause"})");
        QVERIFY(*parseCommand(R"({"do":"speed","factor":2})") == ControlCommand(SetSpeed{2}));
        QVERIFY(*parseCommand(R"({"do":"start","spec":"x"})") == ControlCommand(StartRun{"x", ""}));
    }
    void junk_isRefused_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("says");
        QTest::newRow("empty") << QByteArray() << "not JSON";
        QTest::newRow("words") << QByteArray("stop it") << "not JSON";
        QTest::newRow("not UTF-8") << QByteArray("{\"do\":\"\xff\xfe\"}") << "not JSON";
        QTest::newRow("two values") << QByteArray("{\"do\":\"stop\"}{}") << "not JSON";
        QTest::newRow("deep") << QByteArray("{\"do\":") + QByteArray(100000, '[') << "not JSON";
        QTest::newRow("array") << QByteArray("[]") << "expected a JSON object";
        QTest::newRow("no do") << QByteArray("{}") << "\"do\" is missing";
        QTest::newRow("do=1") << QByteArray("{\"do\":1}") << "\"do\" is missing";
        QTest::newRow("do=fly") << QByteArray("{\"do\":\"fly\"}") << "\"fly\", expected start";
        QTest::newRow("key") << QByteArray("{\"do\":\"stop\",\"now\":true}") << "unknown key \"now\"";
        QTest::newRow("no spec") << QByteArray("{\"do\":\"start\"}") << "needs \"spec\"";
        QTest::newRow("record=1") << QByteArray("{\"do\":\"start\",\"spec\":\"\",\"record\":1}")
                                  << "\"record\" must be a text";
        QTest::newRow("every=-1") << QByteArray("{\"do\":\"start\",\"spec\":\"\",\"every\":-1}")
                                  << "whole number of steps";
        QTest::newRow("no file") << QByteArray("{\"do\":\"checkpoint\"}") << "needs \"file\"";
        QTest::newRow("secure=1") << QByteArray("{\"do\":\"open_room\",\"secure\":1}") << "true or false";
        QTest::newRow("member=0") << QByteArray("{\"do\":\"remove\",\"member\":0,\"why\":\"\"}")
                                  << "number of a member";
        QTest::newRow("member=2^32") << QByteArray("{\"do\":\"rename\",\"member\":4294967296,\"name\":\"a\"}")
                                     << "number of a member";
        QTest::newRow("factor=-1") << QByteArray("{\"do\":\"speed\",\"factor\":-1}") << "0 or more";
        QTest::newRow("factor=1e999") << QByteArray("{\"do\":\"speed\",\"factor\":1e999}") << "control line";
        QTest::newRow("factor=word") << QByteArray("{\"do\":\"speed\",\"factor\":\"1\"}") << "a number";
        QTest::newRow("5 MiB") << QByteArray(5 << 20, ' ') << "longer than 4194304 bytes";
    }
    void junk_isRefused() {
        QFETCH(QByteArray, line);
        QFETCH(QString, says);
        const auto command = parseCommand(std::string_view(line.constData(), std::size_t(line.size())));
        QVERIFY(!command.ok());
        QVERIFY2(command.error().find(says.toStdString()) != std::string::npos, command.error().c_str());
    }
};

QTEST_GUILESS_MAIN(TestControl)
#include "tst_control.moc"
