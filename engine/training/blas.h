#pragma once

#include <string>

namespace rondo {

/// Which BLAS LibTorch runs on, found in the process itself.
struct BlasInfo {
    bool openblas = false;  ///< false: the reference BLAS, about twenty times slower
    std::string description;
};
BlasInfo blasInfo();

/// One thread for LibTorch and for OpenBLAS on the calling thread and process. LibTorch's own call leaves
/// OpenBLAS at all cores, and two threads per worker make small models several times slower. Call once before
/// the first tensor and once on each worker thread. Needs no environment variable.
void useOneTorchThread();

}  // namespace rondo
