#pragma once

#include <optional>
#include <vector>

namespace rondo::ui {

/// Middles for things of one size that would like to be at `wanted`: apart, within [low, high], in the same
/// order and as near as that lets them. Of more than there is room for the first ones get a place.
std::vector<std::optional<double>> spreadApart(const std::vector<double>& wanted, double size, double low,
                                               double high);

}  // namespace rondo::ui
