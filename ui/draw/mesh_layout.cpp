#include "ui/draw/mesh_layout.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "engine/algorithms/pipeline/stage_plan.h"

namespace rondo::ui {

namespace {

using Detail = TopologyLayout::Detail;

/// In lines of text.
struct Measures {
    QSizeF card;
    double columns = 0, rows = 0, shared = 0;  ///< least room between stages, replicas, ranks of a stage
};
constexpr double kMostBetweenColumns = 9, kMostBetweenRows = 5;

Measures measuresOf(Detail detail, bool oneRow) {
    switch (detail) {
        case Detail::Full:
            return {{8.6, 5.0}, 2.6, 2.2, 1.0};
        case Detail::Compact:
            return {{5.8, 3.7}, 1.6, 1.6, 0.9};
        case Detail::Badge:
            // There is height for the layers' names as long as nothing stands below.
            return {{3.2, oneRow ? 2.7 : 1.5}, 0.8, 1.0, 0.6};
        case Detail::Dot:
            break;
    }
    return {{1, 1}, 0, 0, 0};
}

/// Cells of a picture of which each holds the ranks of a stage.
struct Grid {
    int columns = 1, rows = 1;
    QSizeF card;
    double acrossStep = 0, downStep = 0, sharedStep = 0;

    QSizeF cell(int shared) const { return {card.width(), card.height() + (shared - 1) * sharedStep}; }
};

std::optional<Grid> gridOf(const MeshShape& mesh, int rowsOfALine, Detail detail, QSizeF room, double unit) {
    const Measures m = measuresOf(detail, rowsOfALine == 1 && mesh.data == 1);
    Grid grid;
    grid.columns = (mesh.pipeline + rowsOfALine - 1) / rowsOfALine;
    grid.rows = mesh.data * ((mesh.pipeline + grid.columns - 1) / grid.columns);
    grid.card = m.card * unit;
    grid.sharedStep = grid.card.height() + m.shared * unit;
    const QSizeF cell = grid.cell(mesh.tensor);
    const auto stepOf = [unit](double all, double one, int count, double least, double most) {
        return count > 1 ? one + std::clamp((all - count * one) / (count - 1), least * unit, most * unit)
                         : one;
    };
    grid.acrossStep = stepOf(room.width(), cell.width(), grid.columns, m.columns, kMostBetweenColumns);
    grid.downStep = stepOf(room.height(), cell.height(), grid.rows, m.rows, kMostBetweenRows);
    if ((grid.columns - 1) * grid.acrossStep + cell.width() > room.width() ||
        (grid.rows - 1) * grid.downStep + cell.height() > room.height())
        return {};
    return grid;
}

/// What always fits.
Grid dotsOf(const MeshShape& mesh, int rowsOfALine, QSizeF room, double unit) {
    Grid grid;
    grid.columns = (mesh.pipeline + rowsOfALine - 1) / rowsOfALine;
    grid.rows = mesh.data * ((mesh.pipeline + grid.columns - 1) / grid.columns);
    grid.acrossStep = room.width() / grid.columns;
    grid.downStep = room.height() / grid.rows;
    grid.sharedStep = grid.downStep / (mesh.tensor + 0.5);
    const double apart = std::min({grid.acrossStep, mesh.tensor > 1 ? grid.sharedStep : grid.downStep});
    const double side = std::clamp(apart * 0.65, 0.5, 1.1 * unit);
    grid.card = {side, side};
    return grid;
}

/// So many that dots stand about as far apart sideways as up and down.
int rowsOfDots(const MeshShape& mesh, QSizeF room) {
    if (mesh.data * mesh.tensor > 1) return 1;
    const double even = std::sqrt(mesh.pipeline * room.height() / std::max(1.0, room.width()));
    return std::clamp(static_cast<int>(std::lround(even)), 1, mesh.pipeline);
}

/// From the middle of one side of a card to that of another, around what is between them.
LinkBand around(LinkId link, const QRectF& a, const QRectF& b, QPointF side, double far) {
    const auto edge = [&](const QRectF& card) {
        return card.center() + QPointF(side.x() * card.width() / 2, side.y() * card.height() / 2);
    };
    return {link, edge(a), edge(b), side * far};
}

}  // namespace

MeshPlaces MeshPlaces::of(const MeshShape& mesh, QSizeF size, double unit) {
    MeshPlaces places;
    const QSizeF room(std::max(1.0, size.width() - 2 * unit), std::max(1.0, size.height() - 2 * unit));
    const bool folds = mesh.data * mesh.tensor == 1;
    std::optional<Grid> grid;
    const auto take = [&](Detail detail, int rows) {
        if (!grid && (grid = gridOf(mesh, rows, detail, room, unit))) {
            places.detail = detail;
            places.rows = rows;
        }
    };
    // One line as long as a card can be read in it; only then several.
    for (const Detail detail : {Detail::Full, Detail::Compact, Detail::Badge}) take(detail, 1);
    for (const Detail detail : {Detail::Full, Detail::Compact, Detail::Badge})
        for (int rows = 2; folds && rows <= mesh.pipeline; ++rows) take(detail, rows);
    if (!grid) {
        places.detail = Detail::Dot;
        places.rows = rowsOfDots(mesh, room);
        grid = dotsOf(mesh, places.rows, room, unit);
    }

    const QSizeF cell = grid->cell(mesh.tensor);
    const QPointF first(size.width() / 2 - (grid->columns - 1) * grid->acrossStep / 2 - cell.width() / 2,
                        size.height() / 2 - (grid->rows - 1) * grid->downStep / 2 - cell.height() / 2);
    const int ranks = mesh.data * mesh.pipeline * mesh.tensor;
    for (int rank = 0; rank < ranks; ++rank) {
        const MeshPlace place = placeOf(mesh, Rank{rank});
        const int line = place.stage / grid->columns, along = place.stage % grid->columns;
        const int column = line % 2 == 0 ? along : grid->columns - 1 - along;
        const QPointF at =
            first + QPointF(column * grid->acrossStep, (place.data * places.rows + line) * grid->downStep);
        places.cards.emplace_back(at + QPointF(0, place.tensor * grid->sharedStep), grid->card);
        if (mesh.tensor > 1 && place.tensor == 0) {
            const double edge = 0.4 * std::min(unit, grid->sharedStep - grid->card.height());
            places.frames.push_back(QRectF(at, cell).adjusted(-edge, -edge, edge, edge));
        }
    }
    return places;
}

std::vector<LinkBand> MeshPlaces::bands(const MeshShape& mesh, std::span<const LinkId> links,
                                        double unit) const {
    const std::set<LinkId> known(links.begin(), links.end());
    const double far = detail == Detail::Dot ? 0.8 * unit : 1.8 * unit;
    std::vector<LinkBand> bands;
    for (const LinkId& link : known) {
        const int ranks = static_cast<int>(cards.size());
        if (link.from < 0 || link.to < 0 || link.from >= ranks || link.to >= ranks || link.from == link.to)
            continue;
        const QRectF& a = cards[static_cast<std::size_t>(link.from)];
        const QRectF& b = cards[static_cast<std::size_t>(link.to)];
        const MeshPlace from = placeOf(mesh, Rank{link.from}), to = placeOf(mesh, Rank{link.to});
        const bool wrapsStages = rows == 1 && std::abs(from.stage - to.stage) > 1;
        const bool wrapsShared = std::abs(from.tensor - to.tensor) > 1;
        const bool wrapsReplicas = std::abs(from.data - to.data) > 1;
        if (wrapsStages) {
            bands.push_back(around(link, a, b, {0, from.stage > to.stage ? -1.0 : 1.0}, far));
        } else if (wrapsShared) {
            bands.push_back(around(link, a, b, {-1, 0}, far * 0.6));
        } else if (wrapsReplicas) {
            bands.push_back(around(link, a, b, {1, 0}, far * 0.6));
        } else {
            const bool paired = known.contains({link.to, link.from});
            // Those of several ranks of a stage to their like in the next replica are no one line.
            const double share = (from.tensor - (mesh.tensor - 1) / 2.0) / mesh.tensor;
            const QPointF port(from.data == to.data ? 0 : share * a.width() * 0.8, 0);
            if (auto band = straightBand(link, a.translated(port), b.translated(port), paired, unit,
                                         detail == Detail::Dot))
                bands.push_back(*band);
        }
    }
    return bands;
}

}  // namespace rondo::ui
