#include <array>

#include "app/cli/bench/bench.h"

namespace rondo::cli {

std::span<const Bench> benches() {
    static constexpr std::array all{
        Bench{"blas", "Matrix products: is the fast BLAS in use, with one thread a worker?"},
        Bench{
            "allreduce",
            "All-reduce between 2 and 4 ranks: of threads, 1 KB to 100 MB, against a plain memory copy; over "
            "WebSockets, 4 KB to 64 MB, against Gloo's",
            "ws"},
        Bench{"stream", "Messages one way over WebSockets, masked and not, against plain TCP on loopback"},
        Bench{"backward",
              "Gradients of inputs, then of weights, against both in one backward pass, for four models"},
        Bench{"join", "40 workers of this computer until all have joined, against as many empty processes"},
        Bench{"viewers", "A step of a run that 200 viewers watch, against one that nobody watches"},
        Bench{"training",
              "Training on threads against as many workers that never synchronise, and against PyTorch DDP; "
              "on two processes, against PyTorch DDP on as many",
              "processes"},
        Bench{"updates",
              "Weights of 8 clients to one host that takes their mean, over WebSockets, against plain TCP"},
    };
    return all;
}

}  // namespace rondo::cli
