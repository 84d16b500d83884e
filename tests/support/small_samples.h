#pragma once

#include <vector>

#include "engine/data/dataset.h"

namespace rondo::test {

/// A few samples of each sort: images with writers, points, sequences.
inline std::vector<Samples> smallSamples() {
    return {makeDigits({6, 2}, 3, 1).train, makeMoons({20, 2, 0.05}, 1).train,
            makeSequences({SequenceTask::Sort, 4, 7, 10, 2}, 3).train};
}

}  // namespace rondo::test
