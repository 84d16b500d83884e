#pragma once

#include <functional>

namespace rondo {

/// Does the same for each rank on a thread of its own; rethrows the first failure when all have ended.
void onEveryRank(int ranks, const std::function<void(int)>& body);

}  // namespace rondo
