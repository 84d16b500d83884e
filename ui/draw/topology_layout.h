#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <optional>
#include <vector>

#include "engine/config/run_spec.h"
#include "ui/store/link_id.h"

namespace rondo {
class Algorithm;
}

namespace rondo::ui {

/// The directed links an algorithm uses. Up to `kMostLinks`; more can't be told apart on a screen and give
/// none.
std::vector<LinkId> linksOf(const Algorithm& algorithm);
std::vector<LinkId> linksOf(const RunSpec& spec);
inline constexpr std::size_t kMostLinks = 600;

/// A link's band on the screen: from the edge of one card to the edge of the other, aside of the centre line
/// so that the two directions don't cover each other.
struct LinkBand {
    LinkId link;
    QPointF from, to;
    QPointF bow{};  ///< how far its middle lies off the straight line

    QPointF at(double part) const;        ///< 0 at `from`, 1 at `to`
    std::vector<QPointF> points() const;  ///< two, or of a bow enough for a smooth line
};
/// Between two cards; empty where one lies on the other. `round`: cards are dots.
std::optional<LinkBand> straightBand(LinkId link, const QRectF& a, const QRectF& b, bool paired, double unit,
                                     bool round);

/// Places of cards and links in a picture of a given size. Rank 0 stands at the top (of two: at the
/// left), workers go clockwise; servers, the ranks after them, stand within. A model in parts stands as
/// mesh_layout.h says; ranks that share every layer of it, one whole, on the circle.
struct TopologyLayout {
    enum class Detail {
        Full,
        Compact,
        Badge,
        Dot
    };  ///< what fits in a card: everything; name and phase; number and phase; a coloured dot
    std::vector<QRectF> cards;  ///< by rank
    std::vector<LinkBand> bands;
    std::vector<QRectF> frames;  ///< around cards that belong together
    Detail detail = Detail::Full;
    bool inLines = false;  ///< not on a circle

    /// `unit` is the height of a line of text; cards grow and shrink with it.
    static TopologyLayout of(int workers, const std::vector<LinkId>& links, QSizeF size, double unit,
                             int servers = 0, const MeshShape& mesh = {});
    std::optional<int> cardAt(QPointF point) const;
    /// The nearest band not farther than `reach` pixels.
    std::optional<LinkId> bandAt(QPointF point, double reach) const;
    /// The card one comes to from `rank` in a direction (unit vector); `rank` itself when there is none.
    int neighbourTowards(int rank, QPointF direction) const;
};

}  // namespace rondo::ui
