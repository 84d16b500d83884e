// Machines whose clocks differ, on one timeline.
#include <QtTest>

#include "engine/events/recording.h"
#include "tests/support/programs.h"

using namespace rondo;
using namespace rondo::test;

class TestClocks : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void machineAheadByAnHour_isOnTheTimelineOfTheOthers() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("a sanitizer must be the first library of a program");
#endif
        constexpr std::chrono::seconds kAhead{3600};
        const QTemporaryDir folder;
        const QString recording = folder.filePath("run.rondo"), report = folder.filePath("report.json");
        HostProgram host({"--set", "workers=2", "--set", "stop={\"steps\":30}", "--set", "data.train=600",
                          "--set", "evaluate_every=10"},
                         {"--quiet", "--record", recording, "--report", report});
        // As a machine that doesn't know that it is the host's own computer: it waits until its clock has
        // been compared.
        QStringList joining = host.joining("desk-2");
        joining[2].replace("127.0.0.1", "[::ffff:127.0.0.1]");
        QProcessEnvironment ahead = QProcessEnvironment::systemEnvironment();
        ahead.insert("LD_PRELOAD", RONDO_SHIFTED_CLOCK);
        ahead.insert("RONDO_SHIFTED_SECONDS", QString::number(kAhead.count()));
        Program first(host.joining("desk-1")), second(joining, {}, ahead);
        QCOMPARE(host.code(), 0);
        QCOMPARE(first.code(), 0);
        QCOMPARE(second.code(), 0);

        const auto read = readRecording(recording.toStdString());
        QVERIFY(read && !read->cut);
        Nanoseconds end{0}, uncertainty{0};
        for (const Event& event : read->events)
            if (const auto* over = std::get_if<RunEnded>(&event)) end = over->stamp.at;
        QVERIFY(end.count() > 0);
        int spans[2] = {0, 0}, messages[2] = {0, 0};
        bool measured = false;
        for (const Event& event : read->events) {
            const auto* member = std::get_if<MemberChanged>(&event);
            if (!member || member->name != "desk-2" || member->clockUncertainty.count() == 0) continue;
            measured = true;
            uncertainty = std::max(uncertainty, member->clockUncertainty);
            QVERIFY(std::chrono::abs(member->clockOffset - kAhead) <= member->clockUncertainty);
        }
        QVERIFY(measured);
        // What can be off is what the estimate may be.
        const Nanoseconds least = -uncertainty, most = end + uncertainty;
        for (const Event& event : read->events) {
            if (const auto* span = std::get_if<Span>(&event)) {
                QVERIFY(span->begin >= least && span->stamp.at >= span->begin && span->stamp.at <= most);
                ++spans[span->stamp.rank.index()];
            }
            if (const auto* message = std::get_if<Message>(&event)) {
                QVERIFY(message->begin >= least && message->stamp.at >= message->begin);
                QVERIFY(message->stamp.at <= most);
                ++messages[message->to.index()];
            }
        }
        for (int rank : {0, 1}) QVERIFY(spans[rank] > 0 && messages[rank] > 0);
    }
};

QTEST_GUILESS_MAIN(TestClocks)
#include "tst_clocks.moc"
