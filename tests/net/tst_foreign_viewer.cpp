#include <QtTest>

#include "engine/events/recording.h"
#include "tests/support/lobby.h"
#include "tests/support/sample_events.h"

using namespace rondo;
using namespace rondo::net;
using namespace rondo::net::test;

namespace {

/// A client that shares no line with ours: tests/support/foreign_viewer.py.
struct Foreigner {
    Foreigner(const Lobby& lobby, const std::string& code, const QString& file = {}) {
        QStringList arguments{RONDO_ROOT "/tests/support/foreign_viewer.py",
                              QString::fromStdString(lobby.place.url), QString::fromStdString(code)};
        if (!file.isEmpty()) arguments << file;
        process.start("/usr/bin/python3", arguments);
    }
    ~Foreigner() {
        process.kill();
        process.waitForFinished();
    }
    bool ends() { return process.waitForFinished(60'000); }
    QString said() { return QString::fromUtf8(process.readAllStandardOutput()); }
    QString complained() { return QString::fromUtf8(process.readAllStandardError()); }
    QProcess process;
};

/// As the client prints it: type and stamp, and the name of a member.
QString lineOf(const Event& event) {
    const Stamp& stamp = stampOf(event);
    QString line = QString("event %1 %2 %3 %4 %5")
                       .arg(event.index())
                       .arg(stamp.run)
                       .arg(stamp.rank.value)
                       .arg(stamp.sequence)
                       .arg(stamp.at.count());
    if (const auto* member = std::get_if<MemberChanged>(&event))
        line += ' ' + QString::fromStdString(member->name);
    return line;
}

EventMessage messageOf(std::span<const Event> events) {
    BlockWriter writer;
    for (const Event& event : events) writer.add(event);
    return eventMessage(writer.takeBlock());
}

}  // namespace

class TestForeignViewer : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() {
        QProcess python;
        python.start("/usr/bin/python3", {"-c", "import websockets"});
        if (!python.waitForFinished() || python.exitCode() != 0) QSKIP("python3-websockets isn't installed");
    }
    void whoHasOnlyTheDocuments_readsEveryEvent_data() {
        QTest::addColumn<bool>("secure");
        QTest::newRow("ws") << false;
        QTest::newRow("wss") << true;
    }
    void whoHasOnlyTheDocuments_readsEveryEvent() {
        QFETCH(bool, secure);
        HostOptions options = quickHost();
        options.secure = secure;
        Lobby lobby(options);
        QTemporaryDir directory;
        const QString file = directory.filePath("seen.rondo");
        Foreigner viewer(lobby, shown(lobby.place.code), file);
        QVERIFY2(lobby.notes.until([&] { return lobby.viewers.size() == 1; }),
                 qPrintable(viewer.complained()));

        const std::vector<Event> events = rondo::testing::oneOfEach();  // the run's end is the last
        const auto half = static_cast<std::ptrdiff_t>(events.size() / 2);
        const std::span all(events);
        lobby.host->sendEvents(lobby.viewers[0], messageOf(all.first(half)));
        auto blocks = std::make_shared<EventBlocks>();
        blocks->whole = messageOf(all.subspan(half));
        blocks->kept = blocks->whole;  // whether its credit has come by now or not
        lobby.host->publishEvents(blocks);

        QVERIFY(viewer.ends());
        QVERIFY2(viewer.process.exitCode() == 0, qPrintable(viewer.complained()));
        QStringList expected{"joined as python"};
        for (const Event& event : events) expected << lineOf(event);
        QCOMPARE(viewer.said().trimmed().split('\n'), expected);

        const auto recording = readRecording(file.toStdString());
        QVERIFY2(recording.ok(), recording.ok() ? "" : recording.error().c_str());
        QVERIFY(!recording->cut);
        QVERIFY(recording->events == events);
    }
    void wrongCode_isToldSo() {
        Lobby lobby;
        Foreigner viewer(lobby, "AAA-AAA");
        QVERIFY(viewer.ends());
        QCOMPARE(viewer.process.exitCode(), 1);
        QVERIFY2(viewer.complained().contains("refused 4001: "), qPrintable(viewer.complained()));
        QVERIFY(viewer.said().isEmpty());
    }
    void certificateOfSomebodyElse_isNoticed() {
        HostOptions options = quickHost();
        options.secure = true;
        Lobby lobby(options);
        std::string code = shown(lobby.place.code);
        code.back() = code.back() == 'A' ? 'B' : 'A';
        Foreigner viewer(lobby, code);
        QVERIFY(viewer.ends());
        QVERIFY2(viewer.complained().contains("another certificate"), qPrintable(viewer.complained()));
    }
};

QTEST_GUILESS_MAIN(TestForeignViewer)
#include "tst_foreign_viewer.moc"
