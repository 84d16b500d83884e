#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/run_spec.h"
#include "engine/core/ids.h"

namespace rondo {

/// From, to.
using DirectedLink = std::pair<Rank, Rank>;

/// The links an all-reduce sends over, ordered and each once; of more than `most` none, since nobody could
/// tell them apart. `Auto` must have been resolved.
std::vector<DirectedLink> linksOf(Collective collective, int ranks, int groupSize, std::size_t most);

/// Seconds of one all-reduce on an idle network, in N, S, α and β (p: the power of two below N; g: ranks of a
/// group, with α' and β' between groups): "2(N−1)(α + S/(Nβ))".
std::string_view formulaOf(Collective collective);

}  // namespace rondo
