#include <QtTest>
#include <cmath>

#include "ui/draw/message_dots.h"
#include "ui/draw/topology_layout.h"

using namespace rondo;
using namespace rondo::ui;

namespace {

RunSpec specOf(int workers, Collective collective) {
    RunSpec spec;
    spec.workers = workers;
    spec.algorithm = AllReduceAlgorithm{.collective = collective};
    return spec;
}

Message messageOf(int from, int to) {
    Message message;
    message.from = Rank{from};
    message.to = Rank{to};
    return message;
}

/// With links between neighbours of a stage line, both ways, unless others are given.
TopologyLayout ofMesh(const MeshShape& mesh, std::vector<LinkId> links = {}) {
    const int ranks = mesh.data * mesh.pipeline * mesh.tensor;
    if (links.empty())
        for (int rank = 0; rank + mesh.tensor < ranks; ++rank)
            if (rank / mesh.tensor % mesh.pipeline + 1 < mesh.pipeline) {
                links.push_back({rank, rank + mesh.tensor});
                links.push_back({rank + mesh.tensor, rank});
            }
    return TopologyLayout::of(ranks, links, {560, 400}, 16, 0, mesh);
}

void checkCards(const TopologyLayout& layout, int ranks) {
    QVERIFY(layout.inLines);
    QCOMPARE(static_cast<int>(layout.cards.size()), ranks);
    for (std::size_t i = 0; i < layout.cards.size(); ++i) {
        QVERIFY(QRectF(0, 0, 560, 400).contains(layout.cards[i]));
        for (std::size_t j = 0; j < i; ++j) QVERIFY(!layout.cards[i].intersects(layout.cards[j]));
    }
}

}  // namespace

class tst_topology_layout : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void links_areThoseOfTheCollective() {
        QCOMPARE(linksOf(specOf(4, Collective::Ring)), (std::vector<LinkId>{{0, 1}, {1, 2}, {2, 3}, {3, 0}}));
        QCOMPARE(linksOf(specOf(2, Collective::Ring)), (std::vector<LinkId>{{0, 1}, {1, 0}}));
        QCOMPARE(linksOf(specOf(5, Collective::Naive)), linksOf(specOf(5, Collective::Ring)));
        QVERIFY(linksOf(specOf(1, Collective::Ring)).empty());
        QVERIFY(linksOf(specOf(1000, Collective::Ring)).empty());  // a thousand lines would tell nothing
        QCOMPARE(linksOf(specOf(3, Collective::Tree)), (std::vector<LinkId>{{0, 1}, {0, 2}, {1, 0}, {2, 0}}));
        QVERIFY(linksOf(specOf(4, Collective::Hierarchical)).empty());  // no groups are given
        RunSpec served = specOf(2, Collective::Ring);
        served.algorithm = ParameterServerAlgorithm{.servers = 2};
        QCOMPARE(linksOf(served),
                 (std::vector<LinkId>{{0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 0}, {2, 1}, {3, 0}, {3, 1}}));
        RunSpec alone = specOf(4, Collective::Ring);
        alone.algorithm = SingleAlgorithm{};
        QVERIFY(linksOf(alone).empty());
    }

    void cards_lieInsideAndApart_data() {
        QTest::addColumn<int>("workers");
        QTest::addColumn<QSizeF>("size");
        for (const int workers : {1, 2, 3, 4, 8, 16, 64, 1000}) {
            for (const QSizeF size : {QSizeF(560, 400), QSizeF(900, 700), QSizeF(280, 200)}) {
                QTest::addRow("workers=%d size=%gx%g", workers, size.width(), size.height())
                    << workers << size;
            }
        }
    }
    void cards_lieInsideAndApart() {
        QFETCH(int, workers);
        QFETCH(QSizeF, size);
        const auto layout = TopologyLayout::of(workers, linksOf(specOf(workers, Collective::Ring)), size, 16);
        QCOMPARE(static_cast<int>(layout.cards.size()), workers);
        const QRectF all(QPointF(), size);
        for (int i = 0; i < workers; ++i) {
            const QRectF& card = layout.cards[static_cast<std::size_t>(i)];
            QVERIFY(all.contains(card));
            for (int j = i + 1; j < workers && workers <= 64; ++j)
                QVERIFY(!card.intersects(layout.cards[static_cast<std::size_t>(j)]));
        }
        if (workers == 4 && size.width() == 560) QCOMPARE(layout.detail, TopologyLayout::Detail::Full);
        if (workers == 1000) QCOMPARE(layout.detail, TopologyLayout::Detail::Dot);
    }

    void bands_leadFromCardToCardAndOppositeOnesLieApart() {
        const auto layout = TopologyLayout::of(2, linksOf(specOf(2, Collective::Ring)), {560, 400}, 16);
        QCOMPARE(layout.bands.size(), std::size_t{2});
        QVERIFY(layout.bands[0].from.x() < layout.bands[0].to.x());
        QVERIFY(layout.bands[1].from.x() > layout.bands[1].to.x());
        QVERIFY(std::abs(layout.bands[0].from.y() - layout.bands[1].from.y()) > 8);
        const QPointF middle = (layout.bands[1].from + layout.bands[1].to) / 2;
        QCOMPARE(layout.bandAt(middle, 8), std::optional(LinkId{1, 0}));
        QVERIFY(!layout.bandAt(QPointF(5, 5), 8));
    }

    void servers_standWithinTheirWorkers_data() {
        QTest::addColumn<int>("workers");
        QTest::addColumn<int>("servers");
        for (const int workers : {1, 2, 4, 8, 30, 300})
            for (const int servers : {1, 2, 3, 8})
                QTest::addRow("workers=%d servers=%d", workers, servers) << workers << servers;
    }
    void servers_standWithinTheirWorkers() {
        QFETCH(int, workers);
        QFETCH(int, servers);
        const QSizeF size(560, 400);
        const auto layout = TopologyLayout::of(workers, {}, size, 16, servers);
        QCOMPARE(static_cast<int>(layout.cards.size()), workers + servers);
        const QPointF middle(280, 200);
        for (std::size_t i = 0; i < layout.cards.size(); ++i) {
            const QRectF& card = layout.cards[i];
            QVERIFY(QRectF(QPointF(), size).contains(card));
            const bool server = i >= static_cast<std::size_t>(workers);
            if (server) {
                const QPointF way = card.center() - middle;
                QVERIFY(std::hypot(way.x() / 280, way.y() / 200) < 0.45);
                for (std::size_t j = 0; j < i; ++j) QVERIFY(!card.intersects(layout.cards[j]));
            }
        }
    }

    void cardAt_findsWhatIsClicked() {
        const auto layout = TopologyLayout::of(4, {}, {560, 400}, 16);
        for (int i = 0; i < 4; ++i)
            QCOMPARE(layout.cardAt(layout.cards[static_cast<std::size_t>(i)].center()), std::optional(i));
        QVERIFY(!layout.cardAt({280, 200}));
    }

    void arrowKeys_leadAroundTheCircle() {
        const auto layout = TopologyLayout::of(4, {}, {560, 400}, 16);  // 0 top, 1 right, 2 bottom, 3 left
        QCOMPARE(layout.neighbourTowards(0, {1, 0}), 1);
        QCOMPARE(layout.neighbourTowards(0, {0, 1}), 2);
        QCOMPARE(layout.neighbourTowards(1, {-1, 0}), 3);
        QCOMPARE(layout.neighbourTowards(0, {0, -1}), 0);
        QCOMPARE(layout.neighbourTowards(99, {0, -1}), 0);
    }

    void dots_travelOncePerMessage() {
        MessageDots dots;
        const std::vector<Message> two{messageOf(0, 1), messageOf(1, 2)};
        dots.arrived(two, 1000);
        QCOMPARE(dots.at(1000).size(), std::size_t{2});
        QCOMPARE(dots.at(1200).front().progress, 0.5);
        QVERIFY(dots.at(1000 + MessageDots::kTravelMs).empty());
        QVERIFY(dots.idle());
    }

    void crowdedLink_showsSomeOfItsMessagesApart_data() {
        QTest::addColumn<int>("atOnce");
        QTest::addColumn<int>("everyMs");
        QTest::newRow("a ring's step in one batch") << 14 << 1000;
        QTest::newRow("one a frame") << 1 << 16;
        QTest::newRow("a thousand a frame") << 1000 << 16;
    }
    void crowdedLink_showsSomeOfItsMessagesApart() {
        QFETCH(int, atOnce);
        QFETCH(int, everyMs);
        MessageDots dots;
        const std::vector<Message> batch(static_cast<std::size_t>(atOnce), messageOf(0, 1));
        std::size_t most = 0;
        for (int now = 0; now < 4000; now += 8) {
            if (now % everyMs == 0) dots.arrived(batch, now);
            auto shown = dots.at(now);
            most = std::max(most, shown.size());
            if (now % 1000 == 200) QVERIFY(shown.size() >= 3);
            std::sort(shown.begin(), shown.end(),
                      [](const auto& a, const auto& b) { return a.progress < b.progress; });
            for (std::size_t i = 1; i < shown.size() && now > 1000; ++i)
                QVERIFY(shown[i].progress - shown[i - 1].progress > 0.1);
        }
        QVERIFY(most <= static_cast<std::size_t>(MessageDots::kMostPerLink));
        dots.at(10'000);
        QVERIFY(dots.idle());
    }

    void pipeline_standsInALineFromLeftToRight_data() {
        QTest::addColumn<int>("stages");
        QTest::addColumn<bool>("oneRow");
        QTest::newRow("2") << 2 << true;
        QTest::newRow("4") << 4 << true;
        QTest::newRow("8") << 8 << true;
        QTest::newRow("16") << 16 << false;
        QTest::newRow("64") << 64 << false;
    }
    void pipeline_standsInALineFromLeftToRight() {
        QFETCH(int, stages);
        QFETCH(bool, oneRow);
        const auto layout = ofMesh({1, stages, 1});
        checkCards(layout, stages);
        QVERIFY(layout.detail != TopologyLayout::Detail::Dot);
        int up = 0;
        for (std::size_t i = 1; i < layout.cards.size(); ++i) {
            const QPointF way = layout.cards[i].center() - layout.cards[i - 1].center();
            if (oneRow) QVERIFY(way.x() > 0 && way.y() == 0);
            // In rows, back and forth: the next stage is always beside or below this one.
            if (!oneRow) QVERIFY((way.x() == 0) != (way.y() == 0) && way.y() >= 0);
            up += way.x() < 0;
        }
        QCOMPARE(up > 0, !oneRow);
        // Activations and gradients lie beside each other.
        QCOMPARE(layout.bands.size(), static_cast<std::size_t>(2 * (stages - 1)));
        for (const LinkBand& band : layout.bands) QVERIFY(band.bow.isNull());
    }

    void linkFromTheLastStageToTheFirst_goesAroundThoseBetween() {
        const auto layout = ofMesh({1, 4, 1}, {{3, 0}, {0, 3}, {0, 1}, {1, 0}});
        int around = 0;
        for (const LinkBand& band : layout.bands) {
            if (band.bow.isNull()) continue;
            ++around;
            for (const double part : {0.2, 0.4, 0.5, 0.7, 0.9}) {
                const QPointF at = band.at(part);
                QVERIFY(QRectF(0, 0, 560, 400).contains(at));
                for (const QRectF& card : layout.cards) QVERIFY(!card.contains(at));
                QCOMPARE(layout.bandAt(at, 4), std::optional(band.link));
            }
            QCOMPARE(band.at(0), band.from);
            QCOMPARE(band.at(1), band.to);
        }
        QCOMPARE(around, 2);
    }

    void mesh_hasReplicasAsRowsAndStagesAsColumns_data() {
        QTest::addColumn<int>("data");
        QTest::addColumn<int>("pipeline");
        QTest::addColumn<int>("tensor");
        for (const auto& [d, p, t] : {std::tuple(2, 2, 2), std::tuple(2, 4, 2), std::tuple(1, 4, 4),
                                      std::tuple(4, 4, 1), std::tuple(3, 2, 3), std::tuple(8, 8, 8)})
            QTest::addRow("%dx%dx%d", d, p, t) << d << p << t;
    }
    void mesh_hasReplicasAsRowsAndStagesAsColumns() {
        QFETCH(int, data);
        QFETCH(int, pipeline);
        QFETCH(int, tensor);
        const MeshShape mesh{data, pipeline, tensor};
        const auto layout = ofMesh(mesh);
        checkCards(layout, data * pipeline * tensor);
        const auto card = [&](int d, int s, int t) {
            return layout.cards[static_cast<std::size_t>((d * pipeline + s) * tensor + t)];
        };
        for (int d = 0; d < data; ++d)
            for (int s = 0; s < pipeline; ++s)
                for (int t = 0; t < tensor; ++t) {
                    QCOMPARE(card(d, s, t).x(), card(0, s, 0).x());
                    QCOMPARE(card(d, s, t).y(), card(d, 0, t).y());
                    if (s > 0) QVERIFY(card(d, s, t).left() > card(d, s - 1, t).right());
                    // Ranks that share a stage are nearer to each other than to the next replica.
                    if (t > 0 && d > 0)
                        QVERIFY(card(d, s, t).top() - card(d, s, t - 1).bottom() <
                                card(d, s, 0).top() - card(d - 1, s, tensor - 1).bottom());
                }
        QCOMPARE(layout.frames.size(), static_cast<std::size_t>(tensor > 1 ? data * pipeline : 0));
        for (const QRectF& frame : layout.frames) {
            int within = 0;
            for (const QRectF& one : layout.cards) {
                within += frame.contains(one);
                QVERIFY(frame.contains(one) || !frame.intersects(one));
            }
            QCOMPARE(within, tensor);
        }
    }

    void ranksThatShareTheWholeModel_standOnTheCircle() {
        const MeshShape mesh{1, 1, 4};
        const auto on = TopologyLayout::of(4, {}, {560, 400}, 16, 0, mesh);
        const auto circle = TopologyLayout::of(4, {}, {560, 400}, 16);
        QVERIFY(!on.inLines && on.cards == circle.cards);
    }

    void ringOfEight_isNamedOnAProjector() {
        const auto layout = TopologyLayout::of(8, linksOf(specOf(8, Collective::Ring)), {480, 400}, 23);
        QCOMPARE(layout.detail, TopologyLayout::Detail::Badge);
    }
};

QTEST_GUILESS_MAIN(tst_topology_layout)
#include "tst_topology_layout.moc"
