#include "engine/training/core_speed.h"

#include <time.h>
#include <torch/torch.h>

#include <algorithm>

#include "engine/training/blas.h"

namespace rondo {

namespace {

double processorSeconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

double coreGflops(std::chrono::milliseconds budget) {
    constexpr std::int64_t kSize = 256;
    constexpr double kOperations = 2.0 * kSize * kSize * kSize;
    using Clock = std::chrono::steady_clock;
    useOneTorchThread();
    const torch::NoGradGuard noGradients;
    const auto begin = Clock::now();
    const torch::Tensor a = torch::full({kSize, kSize}, 0.5f), b = torch::full({kSize, kSize}, 0.25f);
    torch::Tensor c = torch::empty({kSize, kSize});
    torch::mm_out(c, a, b);  // the first one loads what it needs
    // The best: everything else in the machine can only make a round slower.
    double best = 0;
    do {
        const double before = processorSeconds();
        torch::mm_out(c, a, b);
        const double seconds = processorSeconds() - before;
        if (seconds > 0) best = std::max(best, kOperations / seconds / 1e9);
    } while (Clock::now() - begin < budget);
    return best;
}

}  // namespace rondo
