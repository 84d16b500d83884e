#pragma once

#include <chrono>

namespace rondo {

/// What one core multiplies, in GFLOP/s: a product of two matrices like those of the models here, on the
/// calling thread. In time of the processor, so that forty workers that start at once on one machine don't
/// take each other for slow. Takes about `budget`, and one product more.
double coreGflops(std::chrono::milliseconds budget = std::chrono::milliseconds(25));

}  // namespace rondo
