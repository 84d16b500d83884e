#include <array>

#include "app/cli/bench/bench.h"

namespace rondo::cli {

std::span<const Bench> benches() {
    static constexpr std::array all{
        Bench{"blas", "Matrix products: is the fast BLAS in use, with one thread a worker?"},
        Bench{"allreduce",
              "All-reduce between threads, 2 and 4 ranks, 1 KB to 100 MB, against a plain memory copy"},
        Bench{"backward",
              "Gradients of inputs, then of weights, against both in one backward pass, for four models"},
        Bench{"training",
              "Training on threads against as many workers that never synchronise, and against PyTorch DDP"},
    };
    return all;
}

}  // namespace rondo::cli
