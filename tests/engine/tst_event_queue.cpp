#include <QTest>
#include <algorithm>
#include <atomic>
#include <thread>

#include "engine/events/event_queue.h"
#include "tests/support/sample_events.h"

using namespace rondo;
using rondo::testing::span;
using rondo::testing::stamp;

class TestEventQueue : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void samplesBeyondCapacity_areCountedAtThePlaceOfTheGap() {
        EventQueue queue(2);
        for (std::uint64_t i = 0; i < 5; ++i) queue.publish(span(0, i));
        queue.publish(RunEnded{stamp(-1, 0, 1), RunState::Finished, "{}"});
        std::vector<Event> batch;
        queue.drain(batch);
        QCOMPARE(batch.size(), std::size_t{4});
        const auto* dropped = std::get_if<EventsDropped>(&batch[2]);
        QVERIFY(dropped);
        QCOMPARE(dropped->count, std::uint64_t{3});
        QCOMPARE(dropped->stamp.sequence, std::uint64_t{4});
        QVERIFY(std::holds_alternative<RunEnded>(batch[3]));
        QCOMPARE(queue.dropped(), std::uint64_t{3});
        queue.publish(span(0, 9));
        queue.drain(batch);
        QCOMPARE(batch.size(), std::size_t{1});
        QVERIFY(batch[0] == Event(span(0, 9)));
    }
    void messages_leaveHalfOfTheRoomToOthers() {
        EventQueue queue(8);
        for (int i = 0; i < 100; ++i) queue.publish(Message{});
        for (std::uint64_t i = 0; i < 3; ++i) queue.publish(span(0, i));
        std::vector<Event> batch;
        queue.drain(batch);
        const auto count = [&](auto is) { return std::count_if(batch.begin(), batch.end(), is); };
        QCOMPARE(count([](const Event& e) { return std::holds_alternative<Message>(e); }), 4);
        QCOMPARE(count([](const Event& e) { return std::holds_alternative<Span>(e); }), 3);
        QCOMPARE(queue.dropped(), std::uint64_t{96});
    }
    void droppedDropNotice_countsWhatItStoodFor() {
        EventQueue queue(0);
        queue.publish(EventsDropped{stamp(0, 0, 0), 40});
        queue.publish(span(0, 1));
        std::vector<Event> batch;
        queue.drain(batch);
        QCOMPARE(std::get<EventsDropped>(batch.at(0)).count, std::uint64_t{41});
    }
    void transitions_areNeverDropped() {
        EventQueue queue(1);
        for (std::uint64_t i = 0; i < 1000; ++i) queue.publish(Notice{stamp(0, i, 0), {}, 0, "n"});
        QCOMPARE(queue.waiting(), std::size_t{1000});
        QCOMPARE(queue.dropped(), std::uint64_t{0});
    }
    void evaluations_survivePressureButNotAReaderWhoStandsStill() {
        EventQueue queue(1);
        queue.publish(span(0, 0));
        Evaluated evaluated;
        for (int i = 0; i < 1000; ++i) queue.publish(evaluated);
        QCOMPARE(queue.dropped(), std::uint64_t{0});
        DecisionBoundary boundary;
        for (int i = 0; i < 1000; ++i) queue.publish(boundary);
        QCOMPARE(queue.dropped(), std::uint64_t{488});
        std::vector<Event> batch;
        queue.drain(batch);
        queue.publish(boundary);
        QCOMPARE(queue.dropped(), std::uint64_t{488});
    }
    void gauge_latestWins() {
        EventQueue queue(8);
        for (int i = 0; i < 5; ++i) queue.publish(Throughput{stamp(-1, 0, i), double(i)});
        queue.publish(span(0, 0));
        std::vector<Event> batch;
        queue.drain(batch);
        QCOMPARE(batch.size(), std::size_t{2});
        QCOMPARE(std::get<Throughput>(batch[0]).samplesPerSecond, 4.0);
    }
    void wake_happensOncePerEmptyToNonEmpty() {
        int wakes = 0;
        EventQueue queue(8, [&] { ++wakes; });
        for (std::uint64_t i = 0; i < 5; ++i) queue.publish(span(0, i));
        QCOMPARE(wakes, 1);
        queue.publish(std::span<Event>{});
        std::vector<Event> batch;
        queue.drain(batch);
        QCOMPARE(wakes, 1);
        queue.publish(span(0, 5));
        QCOMPARE(wakes, 2);
    }
    void closedQueue_isReadToItsEndAndTakesNoMore() {
        EventQueue queue(8);
        queue.publish(span(0, 0));
        queue.close();
        queue.publish(span(0, 1));
        QVERIFY(queue.wait(std::chrono::milliseconds(0)));
        std::vector<Event> batch;
        queue.drain(batch);
        QCOMPARE(batch.size(), std::size_t{1});
        QVERIFY(!queue.wait(std::chrono::minutes(5)));
    }
    void eventsOfManyProducers_areKeptOrCounted() {
        constexpr std::uint64_t kEach = 20000;
        EventQueue queue(500);
        std::atomic<int> running = 4;
        std::vector<std::jthread> producers;
        for (int rank = 0; rank < 4; ++rank) {
            producers.emplace_back([&, rank] {
                for (std::uint64_t i = 0; i < kEach; ++i) queue.publish(span(rank, i));
                if (--running == 0) queue.close();
            });
        }
        std::vector<Event> batch;
        std::vector<std::uint64_t> next(4, 0);
        std::uint64_t seen = 0;
        while (queue.wait(std::chrono::minutes(1))) {
            queue.drain(batch);
            for (const Event& event : batch) {
                if (const auto* lost = std::get_if<EventsDropped>(&event)) {
                    seen += lost->count;
                    continue;
                }
                const Stamp& s = stampOf(event);
                QVERIFY(s.sequence >= next[s.rank.index()]);
                next[s.rank.index()] = s.sequence + 1;
                ++seen;
            }
        }
        QCOMPARE(seen, 4 * kEach);
    }
};

QTEST_GUILESS_MAIN(TestEventQueue)
#include "tst_event_queue.moc"
