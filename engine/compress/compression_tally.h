#pragma once

#include <cstdint>

namespace rondo {

/// What a rank has sent in compressed form.
struct CompressionTally {
    std::int64_t denseBytes = 0;    ///< that the gradients would have taken
    std::int64_t encodedBytes = 0;  ///< that stood for them
    double error = 0;  ///< ‖v − sent‖/‖v‖ of all values v there were to send in the latest step
    bool operator==(const CompressionTally&) const = default;
};

}  // namespace rondo
