#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <random>
#include <set>

#include "tests/support/made_events.h"
#include "tests/support/ring_run.h"
#include "ui/bridge/player.h"
#include "ui/bridge/recordings.h"

using namespace rondo;
using namespace rondo::ui;

class TestRecordings final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sortedByTime_isStableAndKeepsStartAndEnd_data() {
        QTest::addColumn<int>("count");
        for (const int count : {0, 1, 2, 3, 100, 5000}) QTest::addRow("events=%d", count) << count;
    }
    void sortedByTime_isStableAndKeepsStartAndEnd() {
        QFETCH(int, count);
        std::mt19937 random(7);
        std::vector<Event> events;
        for (int i = 0; i < count; ++i) {
            StepCompleted step;
            step.stamp.at = Nanoseconds{random() % 50};
            step.step = i;
            events.push_back(step);
        }
        const auto at = [](const Event& event) { return stampOf(event).at; };
        std::vector<Event> expected = events;
        std::stable_sort(expected.begin(), expected.end(),
                         [&](const Event& a, const Event& b) { return at(a) < at(b); });
        RunEnded end;
        end.stamp.at = Nanoseconds{-5};
        RunStarted start;
        start.stamp.at = Nanoseconds{1000};
        events.insert(events.begin() + count / 2, {end, start});
        sortByTime(events);
        QCOMPARE(events.size(), expected.size() + 2);
        QVERIFY(std::holds_alternative<RunStarted>(events.front()));
        QVERIFY(std::holds_alternative<RunEnded>(events.back()));
        for (std::size_t i = 0; i < expected.size(); ++i)
            QCOMPARE(std::get<StepCompleted>(events[i + 1]).step, std::get<StepCompleted>(expected[i]).step);
    }

    void nextLoad_replacesTheOneUnderWay() {
        RecordingLoader loader;
        QSignalSpy loaded(&loader, &RecordingLoader::loaded);
        loader.load(write("a.rondo", test::streamOf(test::madeRun(3000))));
        const QString wanted = write("b.rondo", test::streamOf(test::madeRun(5)));
        loader.load(wanted);
        QTRY_COMPARE(loaded.count(), 1);
        QCOMPARE(loaded[0][0].toString(), wanted);
    }

    void loaderThatGoesAway_takesItsThreadsAlong() {
        const QString file = write("a.rondo", test::streamOf(test::madeRun(3000)));
        RecordingLoader loader;
        for (int i = 0; i < 5; ++i) loader.load(file);
    }

    void tooManyEvents_areCutAndThatIsTold() {
        RecordingLoader loader(10);
        QSignalSpy loaded(&loader, &RecordingLoader::loaded);
        loader.load(write("long.rondo", test::streamOf(test::madeRun(20))));
        QTRY_COMPARE(loaded.count(), 1);
        const auto recording = loaded[0][1].value<std::shared_ptr<Recording>>();
        QCOMPARE(recording->events.size(), std::size_t(10));
        QVERIFY(recording->cut && recording->cut->text().find("more than 10 events") != std::string::npos);
    }

    void longRecording_waitsInThePlayerNotInThePump() {
        RunStore store;
        EventPump pump(store);
        Player player(pump);
        std::size_t most = 0;
        connect(&store, &RunStore::changed, this, [&] { most = std::max(most, pump.waiting()); });
        const int steps = 3 * static_cast<int>(EventPump::kMostPerFrame);
        player.load(test::madeRun(steps));
        player.showAll();
        QVERIFY(player.atEnd());
        most = pump.waiting();
        QTRY_COMPARE(store.steps().size(), std::size_t(steps));
        QVERIFY(store.ended());
        QVERIFY(most <= EventPump::kMostPerFrame);
        QCOMPARE(store.steps().back().step, steps - 1);
    }

    void slowReplay_saysWhatIsUnderWay() {
        RunStore store;
        EventPump pump(store);
        Player player(pump);
        auto events = test::RingRun{.steps = 2}.all();
        sortByTime(events);
        std::set<Phase> shown;
        bool truthful = true;
        connect(&store, &RunStore::changed, this, [&] {
            const auto now = static_cast<std::int64_t>(store.duration() * 1e9);
            for (const Lane lane : {Lane::Compute, Lane::Communication}) {
                if (const Span* span = store.underWay(0, lane))
                    truthful &= span->begin.count() <= now && now <= span->stamp.at.count();
            }
            if (store.underWay(0, Lane::Compute)) shown.insert(*store.currentPhase(0));
        });
        player.load(events);
        player.setSpeed(0.02);
        player.play();
        QTRY_VERIFY(store.ended());
        QVERIFY(truthful);
        // Who waits while messages travel synchronises.
        for (const Phase phase : {Phase::Forward, Phase::BackwardInput, Phase::Synchronise})
            QVERIFY(shown.contains(phase));
        QVERIFY(!store.underWay(0, Lane::Compute));
    }

    void rewindAmidALongRecording_showsItsStart() {
        RunStore store;
        EventPump pump(store);
        Player player(pump);
        QSignalSpy batches(&store, &RunStore::changed);
        player.load(test::madeRun(3 * static_cast<int>(EventPump::kMostPerFrame)));
        player.showAll();
        QVERIFY(batches.wait());
        QVERIFY(!store.steps().empty() && !store.ended());
        player.rewind();
        QTRY_VERIFY(store.hasRun() && store.steps().empty());
        QCOMPARE(pump.waiting(), std::size_t(0));
    }

  private:
    QString write(const QString& name, const std::string& bytes) {
        QFile file(folder_.filePath(name));
        if (file.open(QIODevice::WriteOnly)) file.write(bytes.data(), static_cast<qint64>(bytes.size()));
        return file.fileName();
    }
    QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestRecordings)
#include "tst_recordings.moc"
