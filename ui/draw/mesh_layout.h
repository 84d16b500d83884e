#pragma once

#include <span>
#include <vector>

#include "ui/draw/topology_layout.h"

namespace rondo::ui {

/// Places of the ranks of a model in parts: stages stand in a line from left to right, replicas below each
/// other, ranks that share a stage close together one below the other. A line of stages too long for the
/// picture goes on in the next row, back and forth, so that neighbours stay neighbours.
struct MeshPlaces {
    std::vector<QRectF> cards;   ///< by rank
    std::vector<QRectF> frames;  ///< around the ranks that share a stage, where there are several
    TopologyLayout::Detail detail = TopologyLayout::Detail::Full;
    int rows = 1;  ///< that the line of stages takes

    static MeshPlaces of(const MeshShape& mesh, QSizeF size, double unit);
    /// Links are ranks of the mesh. Those from one end of a line to the other go around it.
    std::vector<LinkBand> bands(const MeshShape& mesh, std::span<const LinkId> links, double unit) const;
};

}  // namespace rondo::ui
