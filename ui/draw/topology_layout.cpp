#include "ui/draw/topology_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include "engine/algorithms/algorithm.h"
#include "ui/draw/mesh_layout.h"

namespace rondo::ui {

namespace {

double lengthOf(QPointF v) {
    return std::hypot(v.x(), v.y());
}
double dot(QPointF a, QPointF b) {
    return a.x() * b.x() + a.y() * b.y();
}

QSizeF cardSize(TopologyLayout::Detail detail, double unit) {
    switch (detail) {
        case TopologyLayout::Detail::Full:
            return {9.2 * unit, 3.9 * unit};
        case TopologyLayout::Detail::Compact:
            return {5.8 * unit, 2.2 * unit};
        case TopologyLayout::Detail::Badge:
            return {3.2 * unit, 1.5 * unit};
        case TopologyLayout::Detail::Dot:
            break;
    }
    return {unit, unit};
}

std::vector<QPointF> onEllipse(int count, QPointF middle, double rx, double ry) {
    std::vector<QPointF> points;
    if (count == 1) return {middle};
    // Two stand side by side, more begin at the top.
    const double start = count == 2 ? std::numbers::pi : -std::numbers::pi / 2;
    for (int i = 0; i < count; ++i) {
        const double angle = start + 2 * std::numbers::pi * i / count;
        points.push_back(middle + QPointF(rx * std::cos(angle), ry * std::sin(angle)));
    }
    return points;
}

/// Neighbours on the circle, and servers and everybody, must leave room for a band and its number between
/// them.
bool fits(const std::vector<QPointF>& middles, std::size_t workers, QSizeF card, double room) {
    const auto apart = [&](std::size_t a, std::size_t b) {
        const QPointF way = middles[a] - middles[b];
        return a == b || std::abs(way.x()) - card.width() >= room ||
               std::abs(way.y()) - card.height() >= room;
    };
    for (std::size_t i = 0; i < workers; ++i)
        if (!apart(i, (i + 1) % workers)) return false;
    for (std::size_t server = workers; server < middles.size(); ++server)
        for (std::size_t other = 0; other < server; ++other)
            if (!apart(server, other)) return false;
    return true;
}

/// Where a line that starts inside a card leaves it.
QPointF edgeTowards(const QRectF& card, QPointF start, QPointF way, bool round) {
    if (round) return start + way / lengthOf(way) * (card.width() / 2);
    const auto until = [](double from, double step, double low, double high) {
        return step == 0 ? 1.0 : ((step > 0 ? high : low) - from) / step;
    };
    return start + way * std::min({until(start.x(), way.x(), card.left(), card.right()),
                                   until(start.y(), way.y(), card.top(), card.bottom()), 1.0});
}

constexpr int kBowPieces = 24;

}  // namespace

QPointF LinkBand::at(double part) const {
    // A parabola: its middle is off the line by the whole bow.
    return from + (to - from) * part + bow * (4 * part * (1 - part));
}

std::vector<QPointF> LinkBand::points() const {
    if (bow.isNull()) return {from, to};
    std::vector<QPointF> points;
    for (int i = 0; i <= kBowPieces; ++i) points.push_back(at(static_cast<double>(i) / kBowPieces));
    return points;
}

std::optional<LinkBand> straightBand(LinkId link, const QRectF& a, const QRectF& b, bool paired, double unit,
                                     bool round) {
    const QPointF way = b.center() - a.center();
    const double length = lengthOf(way);
    if (length == 0) return {};
    const QPointF right = QPointF(-way.y(), way.x()) / length;
    const QPointF aside = paired ? right * std::min(0.55 * unit, a.height() / 4) : QPointF();
    return LinkBand{link, edgeTowards(a, a.center() + aside, way, round),
                    edgeTowards(b, b.center() + aside, -way, round)};
}

std::vector<LinkId> linksOf(const Algorithm& algorithm) {
    std::vector<LinkId> links;
    for (const auto& [from, to] : algorithm.links(kMostLinks)) links.push_back({from.value, to.value});
    return links;
}

std::vector<LinkId> linksOf(const RunSpec& spec) {
    return linksOf(*makeAlgorithm(spec));
}

TopologyLayout TopologyLayout::of(int workers, const std::vector<LinkId>& links, QSizeF size, double unit,
                                  int servers, const MeshShape& mesh) {
    TopologyLayout layout;
    if (workers < 1 || size.isEmpty()) return layout;
    if (mesh.cutsModel() && mesh.pipeline * mesh.data > 1 &&
        mesh.data * mesh.pipeline * mesh.tensor == workers) {
        MeshPlaces places = MeshPlaces::of(mesh, size, unit);
        layout.bands = places.bands(mesh, links, unit);
        layout.cards = std::move(places.cards);
        layout.frames = std::move(places.frames);
        layout.detail = places.detail;
        layout.inLines = true;
        return layout;
    }
    const QPointF middle(size.width() / 2, size.height() / 2);
    const double margin = unit;
    std::vector<QPointF> middles;
    QSizeF card;
    for (const Detail detail : {Detail::Full, Detail::Compact, Detail::Badge, Detail::Dot}) {
        layout.detail = detail;
        card = cardSize(detail, unit);
        const double rx = std::max(0.0, (size.width() - card.width()) / 2 - margin);
        const double ry = std::max(0.0, (size.height() - card.height()) / 2 - margin);
        middles = onEllipse(workers, middle, rx, ry);
        // A single worker would stand where the servers do.
        if (workers == 1 && servers > 0) middles[0].rx() -= rx;
        for (const QPointF& at : onEllipse(servers, middle, 0.42 * rx, 0.42 * ry)) middles.push_back(at);
        const bool inside =
            card.width() + 2 * margin <= size.width() && card.height() + 2 * margin <= size.height();
        if (inside && fits(middles, static_cast<std::size_t>(workers), card,
                           detail == Detail::Full ? 1.2 * unit : 0.5 * unit))
            break;
    }
    if (layout.detail == Detail::Dot && workers > 1) {
        const auto onCircle = static_cast<std::size_t>(workers);
        double apart = lengthOf(middles[0] - middles[onCircle - 1]);
        for (std::size_t i = 1; i < onCircle; ++i)
            apart = std::min(apart, lengthOf(middles[i] - middles[i - 1]));
        const double side = std::clamp(apart * 0.65, 0.5, 1.1 * unit);
        card = {side, side};
    }
    for (const QPointF& at : middles) {
        layout.cards.emplace_back(at.x() - card.width() / 2, at.y() - card.height() / 2, card.width(),
                                  card.height());
    }

    const std::set<LinkId> known(links.begin(), links.end());
    const bool round = layout.detail == Detail::Dot;
    for (const LinkId& link : known) {
        const int ranks = workers + servers;
        if (link.from < 0 || link.to < 0 || link.from >= ranks || link.to >= ranks || link.from == link.to)
            continue;
        const QRectF& a = layout.cards[static_cast<std::size_t>(link.from)];
        const QRectF& b = layout.cards[static_cast<std::size_t>(link.to)];
        if (const auto band = straightBand(link, a, b, known.contains({link.to, link.from}), unit, round))
            layout.bands.push_back(*band);
    }
    return layout;
}

std::optional<int> TopologyLayout::cardAt(QPointF point) const {
    const double reach = detail == Detail::Dot ? 3 : 0;
    for (std::size_t i = 0; i < cards.size(); ++i) {
        if (cards[i].adjusted(-reach, -reach, reach, reach).contains(point)) return static_cast<int>(i);
    }
    return {};
}

std::optional<LinkId> TopologyLayout::bandAt(QPointF point, double reach) const {
    std::optional<LinkId> nearest;
    double least = reach;
    for (const LinkBand& band : bands) {
        const std::vector<QPointF> points = band.points();
        double distance = std::numeric_limits<double>::infinity();
        for (std::size_t i = 1; i < points.size(); ++i) {
            const QPointF way = points[i] - points[i - 1];
            const double square = dot(way, way);
            const double along =
                square > 0 ? std::clamp(dot(point - points[i - 1], way) / square, 0.0, 1.0) : 0.0;
            distance = std::min(distance, lengthOf(point - (points[i - 1] + way * along)));
        }
        if (distance <= least) {
            least = distance;
            nearest = band.link;
        }
    }
    return nearest;
}

int TopologyLayout::neighbourTowards(int rank, QPointF direction) const {
    if (rank < 0 || static_cast<std::size_t>(rank) >= cards.size()) return cards.empty() ? rank : 0;
    const QPointF here = cards[static_cast<std::size_t>(rank)].center();
    int best = rank;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < cards.size(); ++i) {
        const QPointF way = cards[i].center() - here;
        const double ahead = dot(way, direction);
        if (ahead <= 0.5) continue;
        // Sideways counts double: the key means a direction first.
        const double cost = ahead + 2 * lengthOf(way - direction * ahead);
        if (cost < least) {
            least = cost;
            best = static_cast<int>(i);
        }
    }
    return best;
}

}  // namespace rondo::ui
