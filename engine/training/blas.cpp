#include "engine/training/blas.h"

#include <dlfcn.h>
#include <torch/torch.h>

namespace rondo {

BlasInfo blasInfo() {
    using GetConfig = char* (*)();
    if (auto config = reinterpret_cast<GetConfig>(dlsym(RTLD_DEFAULT, "openblas_get_config")))
        return {true, config()};
    return {false, "reference BLAS (install libopenblas0-pthread for about twenty times the speed)"};
}

void useOneTorchThread() {
    at::set_num_threads(1);
    using SetThreads = void (*)(int);
    // OpenBLAS is a library of LibTorch's, not one of ours: linking it would fix the choice that Debian's
    // alternatives leave to the machine.
    static const auto setBlasThreads =
        reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
    if (setBlasThreads) setBlasThreads(1);
}

}  // namespace rondo
