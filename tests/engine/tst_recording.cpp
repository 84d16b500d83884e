#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "engine/core/random.h"
#include "engine/events/recording.h"
#include "tests/support/sample_events.h"

using namespace rondo;
using rondo::testing::oneOfEach;
using rondo::testing::span;

namespace {

std::string streamOf(int blocks) {
    std::string stream = BlockWriter::header();
    BlockWriter writer;
    for (int b = 0; b < blocks; ++b) {
        for (std::uint64_t i = 0; i < 10; ++i) writer.add(span(b, i));
        stream += writer.takeBlock();
    }
    return stream;
}

struct Reading {
    std::vector<Event> events;
    std::optional<Problem> problem;
    bool atBoundary = false;
};
Reading readAll(const std::string& stream) {
    BlockReader reader;
    Reading reading;
    reading.problem = reader.feed(std::span<const char>(stream), reading.events);
    reading.atBoundary = reader.atBoundary();
    return reading;
}

}  // namespace

class TestRecording : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }
    std::string fileWith(const std::string& bytes) const {
        QFile file(folder_.filePath("given.rondo"));
        if (!file.open(QIODevice::WriteOnly)) qFatal("no temporary file");
        file.write(bytes.data(), qint64(bytes.size()));
        return file.fileName().toStdString();
    }

  private Q_SLOTS:
    void stream_comesBackWhateverThePieces_data() {
        QTest::addColumn<int>("piece");
        for (const int piece : {1, 3, 12, 1000, 1 << 20}) QTest::addRow("piece=%d", piece) << piece;
    }
    void stream_comesBackWhateverThePieces() {
        QFETCH(int, piece);
        BlockWriter writer;
        QVERIFY(writer.takeBlock().empty());
        for (const Event& event : oneOfEach()) writer.add(event);
        QVERIFY(writer.pendingBytes() > 70000);
        std::string stream = BlockWriter::header() + writer.takeBlock();
        QCOMPARE(writer.pendingBytes(), std::size_t{0});
        writer.add(span(1, 1));
        stream += writer.takeBlock();

        BlockReader reader;
        std::vector<Event> events;
        for (std::size_t i = 0; i < stream.size(); i += std::size_t(piece)) {
            QVERIFY(!reader.feed(
                std::span<const char>(stream).subspan(i, std::min(std::size_t(piece), stream.size() - i)),
                events));
        }
        auto expected = oneOfEach();
        expected.emplace_back(span(1, 1));
        QVERIFY(events == expected);
        QVERIFY(reader.atBoundary());
        QCOMPARE(reader.consumed(), stream.size());
    }
    void cutFile_opensUpToTheCut() {
        const std::string stream = streamOf(3);
        const std::size_t border = streamOf(2).size();
        for (std::size_t cut = border + 1; cut < stream.size(); ++cut) {
            const auto recording = readRecording(fileWith(stream.substr(0, cut)));
            QVERIFY(recording.ok());
            QCOMPARE(recording->events.size(), std::size_t{20});
            QVERIFY(recording->cut);
            QVERIFY(recording->cut->what.find("byte " + std::to_string(border)) != std::string::npos);
        }
        QVERIFY(!readRecording(fileWith(stream))->cut);
    }
    void moreEventsThanMayBeKept_areReadUpToTheLimit() {
        const auto recording = readRecording(fileWith(streamOf(3)), 25);
        QVERIFY(recording.ok());
        QCOMPARE(recording->events.size(), std::size_t{25});
        QVERIFY2(recording->cut->what.find("more than 25 events") != std::string::npos,
                 recording->cut->what.c_str());
        QVERIFY(!readRecording(fileWith(streamOf(3)), 30)->cut);
    }
    void unreadableFile_isRefused() {
        QVERIFY(readRecording(path("nowhere.rondo")).error().find("opened") != std::string::npos);
        QVERIFY(readRecording(fileWith("")).error().find("is empty") != std::string::npos);
        QVERIFY(readRecording(fileWith("RON")).error().find("within its header") != std::string::npos);
        QVERIFY(readRecording(fileWith("{\"name\": 1}")).error().find("not a recording") !=
                std::string::npos);
        QVERIFY(readRecording(fileWith(std::string("RONDO\0\3\0", 8))).error().find("version 3") !=
                std::string::npos);
    }
    void damagedBlock_isNamedByItsByte_data() {
        QTest::addColumn<int>("offset");  // within the second block
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QTest::newRow("packed=4GB") << 0 << QByteArray("\xff\xff\xff\xff") << "4294967295 bytes long packed";
        QTest::newRow("unpacked=4GB")
            << 4 << QByteArray("\xff\xff\xff\xff") << "4294967295 bytes long unpacked";
        QTest::newRow("unpacked=1") << 4 << QByteArray("\1\0\0\0", 4) << "doesn't unpack to the 1 bytes";
        QTest::newRow("checksum") << 8 << QByteArray("\0\0\0\0", 4) << "checksum";
        QTest::newRow("body") << 20 << QByteArray("\x55\xaa") << "checksum";
    }
    void damagedBlock_isNamedByItsByte() {
        QFETCH(int, offset);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        std::string stream = streamOf(3);
        const std::size_t border = streamOf(1).size();
        stream.replace(border + std::size_t(offset), std::size_t(bytes.size()), bytes.toStdString());
        const Reading reading = readAll(stream);
        QCOMPARE(reading.events.size(), std::size_t{10});
        QVERIFY(reading.problem);
        QVERIFY2(reading.problem->what.find(says.toStdString()) != std::string::npos,
                 reading.problem->text().c_str());
        QVERIFY(reading.problem->where.find(
                    "byte " + std::to_string(border + (says.contains("long unp") ? 4 : 0))) == 0);
        QVERIFY(!reading.atBoundary);
        QVERIFY(readRecording(fileWith(stream))->cut);
    }
    void giantEvent_isReplacedByANotice() {
        std::string text(20u << 20, ' ');
        BlockWriter writer;
        writer.add(span(0, 1));
        writer.add(RunEnded{{}, RunState::Failed, std::move(text)});
        writer.add(span(0, 2));
        const Reading reading = readAll(BlockWriter::header() + writer.takeBlock());
        QVERIFY(!reading.problem);
        QCOMPARE(reading.events.size(), std::size_t{4});
        QVERIFY(std::get<RunEnded>(reading.events[1]).report.empty());
        QVERIFY(std::get<Notice>(reading.events[2]).text.find("too big") != std::string::npos);
    }
    void manyMegabytes_becomeSeveralBlocksAReaderAccepts() {
        Random random(3);
        BlockWriter writer;
        std::vector<Event> given;
        for (int i = 0; i < 12; ++i) {
            DataPreview preview;
            preview.pixels.resize(1u << 20);
            for (auto& pixel : preview.pixels) pixel = static_cast<std::uint8_t>(random.bits());
            writer.add(preview);
            given.emplace_back(std::move(preview));
        }
        const Reading reading = readAll(BlockWriter::header() + writer.takeBlock());
        QVERIFY(!reading.problem);
        QVERIFY(reading.events == given);
    }
    void recorder_keepsAllEventsInOrder() {
        const std::string file = path("run.rondo");
        auto recorder = Recorder::create(file);
        QVERIFY(recorder.ok());
        std::vector<Event> given;
        for (std::uint64_t i = 0; i < 30000; ++i) given.emplace_back(span(int(i % 4), i));
        for (const Event& event : oneOfEach()) given.push_back(event);
        for (const Event& event : given) (*recorder)->publish(event);
        (*recorder)->finish();
        (*recorder)->publish(span(0, 0));
        QVERIFY((*recorder)->error().empty());
        const auto recording = readRecording(file);
        QVERIFY(recording.ok() && !recording->cut);
        QVERIFY(recording->events == given);
    }
    void endOfRun_isOnDiskWithoutFinish() {
        const std::string file = path("killed.rondo");
        auto recorder = Recorder::create(file);
        (*recorder)->publish(RunEnded{{}, RunState::Finished, "{}"});
        QTRY_COMPARE_WITH_TIMEOUT(readRecording(file).ok() ? readRecording(file)->events.size() : 0,
                                  std::size_t{1}, 5000);
    }
    void fullDisk_isToldAndEndsOnlyTheRecording() {
        if (!QFile::exists("/dev/full")) QSKIP("no /dev/full on this system");
        auto recorder = Recorder::create("/dev/full");
        QVERIFY(recorder.ok());
        (*recorder)->publish(span(0, 0));
        (*recorder)->finish();
        QVERIFY((*recorder)->error().find("No space left") != std::string::npos);
    }
    void impossibleFile_isRefused() {
        QVERIFY(Recorder::create(path("no/such/folder.rondo")).error().find("can't be written") !=
                std::string::npos);
    }
    void packing50000Spans_isQuick() {
        QBENCHMARK {
            BlockWriter writer;
            for (std::uint64_t i = 0; i < 50000; ++i) {
                writer.add(span(int(i % 4), i / 4, std::int64_t(i) * 20011));
                if (writer.pendingBytes() >= (256u << 10)) writer.takeBlock();
            }
            QVERIFY(!writer.takeBlock().empty());
        }
    }
};

QTEST_GUILESS_MAIN(TestRecording)
#include "tst_recording.moc"
