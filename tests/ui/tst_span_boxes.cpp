#include <QtTest>

#include "engine/core/random.h"
#include "ui/draw/span_boxes.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

std::vector<LaneSpan> evenSpans(int count, std::int64_t every, std::int64_t lasts) {
    std::vector<LaneSpan> spans;
    for (int i = 0; i < count; ++i)
        spans.push_back({i * every, i * every + lasts, i, kNone, i % 3 ? Phase::Forward : Phase::Update});
    return spans;
}

}  // namespace

class tst_span_boxes : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void wideSpans_areDrawnEachInTheirPlace() {
        std::vector<SpanBox> boxes;
        spanBoxes(evenSpans(4, 100, 50), {0, 400e-9}, 400, boxes);
        QCOMPARE(boxes.size(), std::size_t{4});
        for (int i = 0; i < 4; ++i) {
            const SpanBox& box = boxes[static_cast<std::size_t>(i)];
            QVERIFY(!box.merged());
            QCOMPARE(box.first, i);
            QVERIFY(std::abs(box.left - i * 100) < 1e-6 && std::abs(box.right - i * 100 - 50) < 1e-6);
        }
    }

    void narrowSpans_mergeIntoOneBoxThatCountsThem() {
        std::vector<SpanBox> boxes;
        spanBoxes(evenSpans(100'000, 10, 9), {0, 1e-3}, 1000, boxes);
        QCOMPARE(boxes.size(), std::size_t{1});
        QCOMPARE(boxes[0].count, 100'000);
        QCOMPARE(boxes[0].phase, Phase::Forward);  // two thirds of the time
        QVERIFY(boxes[0].left >= 0 && boxes[0].right <= 1000);
    }

    void gap_separatesMergedBoxes() {
        auto spans = evenSpans(1000, 10, 9);
        for (std::size_t i = 500; i < spans.size(); ++i) spans[i].begin += 5000, spans[i].end += 5000;
        std::vector<SpanBox> boxes;
        spanBoxes(spans, {0, 15e-6}, 1000, boxes);
        QCOMPARE(boxes.size(), std::size_t{2});
        QCOMPARE(boxes[0].count + boxes[1].count, 1000);
    }

    void everySpan_isDrawnOrCountedOnce_data() {
        QTest::addColumn<double>("begin");
        QTest::addColumn<double>("end");
        QTest::newRow("all") << 0.0 << 1e-3;
        QTest::newRow("a tenth") << 4e-4 << 5e-4;
        QTest::newRow("a little") << 4e-4 << 4.02e-4;
        QTest::newRow("around") << -1e-3 << 3e-3;
    }
    void everySpan_isDrawnOrCountedOnce() {
        QFETCH(double, begin);
        QFETCH(double, end);
        Random random(3);
        SpanLane lane(0, Lane::Compute);
        std::int64_t now = 0;
        for (int i = 0; now < 1'000'000; ++i) {
            const auto lasts = static_cast<std::int64_t>(random.below(i % 40 == 0 ? 20'000 : 300)) + 1;
            lane.add({now, now + lasts, i});
            now += lasts + static_cast<std::int64_t>(random.below(200));
        }
        const auto spans =
            lane.visible(static_cast<std::int64_t>(begin * 1e9), static_cast<std::int64_t>(end * 1e9));
        std::vector<SpanBox> boxes;
        spanBoxes(spans, {begin, end}, 1366, boxes);
        int drawn = 0;
        double right = 0;
        for (const SpanBox& box : boxes) {
            QVERIFY(box.left >= right - 1e-6);
            QVERIFY(box.right >= box.left && box.right <= 1366);
            right = box.right;
            drawn += box.count;
        }
        // Only a cut rest of a pixel at an edge may be left out.
        QVERIFY(static_cast<int>(spans.size()) - drawn <= 2);
    }

    void nothing_givesNoBox() {
        std::vector<SpanBox> boxes(3);
        spanBoxes({}, {0, 1}, 100, boxes);
        QVERIFY(boxes.empty());
        spanBoxes(evenSpans(3, 10, 5), {0, 1}, 0, boxes);
        QVERIFY(boxes.empty());
    }
};

QTEST_GUILESS_MAIN(tst_span_boxes)
#include "tst_span_boxes.moc"
