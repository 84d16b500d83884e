#include <QtTest>
#include <cmath>

#include "engine/algorithms/predict.h"
#include "engine/config/run_spec_json.h"
#include "ui/widgets/consensus_view.h"

using namespace rondo;
using namespace rondo::ui;

class tst_consensus_view : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void eigenvalue_isSaidInWords_data() {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("words");
        QTest::newRow("ring of eight") << 0.80474 << "disagreement shrinks by λ₂ = 0.805 a round";
        QTest::newRow("in parts") << 1.0 << "a graph in parts: never agrees";
        QTest::newRow("in parts, rounded") << 1 - 1e-15 << "a graph in parts: never agrees";
        QTest::newRow("barely connected") << 0.9999 << "disagreement shrinks by λ₂ = 1.000 a round";
        QTest::newRow("full graph") << 1e-17 << "λ₂ = 0: one round agrees";
        QTest::newRow("no number") << std::nan("") << "";
    }
    void eigenvalue_isSaidInWords() {
        QFETCH(double, value);
        QFETCH(QString, words);
        QCOMPARE(ConsensusView::words(value), words);
        QVERIFY(ConsensusView::words({}).isEmpty());
    }

    void graphInTwoParts_isToldAsOneThatNeverAgrees() {
        RunSpec spec;
        spec.workers = 4;
        spec.algorithm = GossipAlgorithm{.graph = GraphKind::Edges, .edges = {{0, 1}, {2, 3}}};
        spec.stop.steps = 1;
        QCOMPARE(ConsensusView::words(predict(spec).secondEigenvalue),
                 QString("a graph in parts: never agrees"));
        spec.algorithm = GossipAlgorithm{};
        QVERIFY(ConsensusView::words(predict(spec).secondEigenvalue).startsWith("disagreement shrinks"));
    }

    void onlyGossip_isConcerned() {
        RunSpec spec;
        QVERIFY(!ConsensusView::concerns(spec));
        spec.algorithm = GossipAlgorithm{};
        QVERIFY(ConsensusView::concerns(spec));
    }

    void curve_fallsOnALogarithmicAxis() {
        // A tenth every ten steps: a straight line.
        const auto inks = inksOf({1, 0.1, 0.01, 0.001});
        QVERIFY(inks.size() > 100);
        const auto at = [&](double share) {
            return inks[static_cast<qsizetype>(share * (inks.size() - 1))].y();
        };
        const double begin = at(0.05), middle = at(0.5), end = at(0.95);
        QVERIFY(end > begin + 40);
        QVERIFY(std::abs(middle - (begin + end) / 2) < 4);
    }

    void measuredDistances_areShownAtTheCursor() {
        RunStore store;
        Focus focus;
        store.apply(runOf({1, 0.1, 0.01}));
        ConsensusView view(store, focus);
        view.resize(480, 220);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const QImage without = view.grab().toImage();
        QTest::mouseMove(&view, {300, 100});
        QVERIFY(focus.cursor());
        QVERIFY(*focus.cursor() == 1.0 || *focus.cursor() == 2.0 || *focus.cursor() == 3.0);
        QVERIFY(view.grab().toImage() != without);
    }

    void oddDistances_areDrawnWithoutHarm_data() {
        QTest::addColumn<QVector<double>>("distances");
        QTest::newRow("one") << QVector<double>{0.5};
        QTest::newRow("full agreement") << QVector<double>{0, 0, 0};
        QTest::newRow("agreement at last") << QVector<double>{1, 0.1, 0};
        QTest::newRow("lost") << QVector<double>{1, std::nan(""), 0.5};
        QTest::newRow("infinite") << QVector<double>{1, std::numeric_limits<double>::infinity()};
        QTest::newRow("never changes") << QVector<double>(2000, 0.25);
        QTest::newRow("tiny") << QVector<double>{1e-300, 1e-308};
    }
    void oddDistances_areDrawnWithoutHarm() {
        QFETCH(QVector<double>, distances);
        RunStore store;
        Focus focus;
        ConsensusView view(store, focus);
        view.resize(480, 220);
        const QImage empty = view.grab().toImage();
        store.apply(runOf({distances.begin(), distances.end()}));
        QVERIFY(view.grab().toImage() != empty);
        view.resize(1, 1);
        view.grab();
    }

    void otherAlgorithms_haveNothingToShowAndSayWhy() {
        RunStore gossip, ring;
        Focus focus;
        gossip.apply(runOf({}));
        RunStarted started;
        started.spec = toText(RunSpec{.stop = {.steps = 5}});
        const std::vector<Event> batch{started};
        ring.apply(batch);
        ConsensusView one(gossip, focus), other(ring, focus);
        for (ConsensusView* view : {&one, &other}) view->resize(480, 220);
        QVERIFY(one.grab().toImage() != other.grab().toImage());
    }

  private:
    static std::vector<Event> runOf(const std::vector<double>& distances) {
        RunSpec spec;
        spec.algorithm = GossipAlgorithm{};
        spec.stop.steps = 10 * static_cast<std::int64_t>(std::max<std::size_t>(1, distances.size()));
        RunStarted started;
        started.spec = toText(spec);
        started.workers = 4;
        std::vector<Event> events{started};
        int step = 0;
        for (const double distance : distances) {
            ConsensusMeasured one;
            one.step = step += 10;
            one.stamp.at = Nanoseconds{step * 100'000'000LL};
            one.distance = distance;
            events.push_back(one);
        }
        return events;
    }
    /// Where the curve is, from left to right: the first pixel of its colour in a column.
    static QVector<QPoint> inksOf(const std::vector<double>& distances) {
        RunStore store;
        Focus focus;
        store.apply(runOf(distances));
        ConsensusView view(store, focus);
        view.resize(480, 220);
        const QImage image = view.grab().toImage();
        const QColor ink = Theme::light().forward;
        QVector<QPoint> found;
        for (int x = 0; x < image.width(); ++x) {
            for (int y = 0; y < image.height(); ++y) {
                const QColor colour = image.pixelColor(x, y);
                if (std::abs(colour.red() - ink.red()) + std::abs(colour.green() - ink.green()) +
                        std::abs(colour.blue() - ink.blue()) >
                    60)
                    continue;
                found << QPoint(x, y);
                break;
            }
        }
        return found;
    }
};

QTEST_MAIN(tst_consensus_view)
#include "tst_consensus_view.moc"
