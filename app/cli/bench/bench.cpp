#include "app/cli/bench/bench.h"

#include <algorithm>
#include <array>

namespace rondo::cli {

std::span<const Bench> benches() {
    static constexpr std::array all{
        Bench{"blas", "Matrix products: is the fast BLAS in use, with one thread a worker?", benchBlas,
              benchBlasText},
        Bench{"allreduce",
              "All-reduce between threads, 2 and 4 ranks, 1 KB to 100 MB, against a plain memory copy",
              benchAllReduce, benchAllReduceText},
        Bench{"training",
              "Training on threads against as many workers that never synchronise, and against PyTorch DDP",
              benchTraining, benchTrainingText},
    };
    return all;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

}  // namespace rondo::cli
