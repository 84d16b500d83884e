#include <torch/torch.h>

#include <chrono>

#include "app/cli/bench/bench.h"
#include "engine/training/blas.h"

namespace rondo::cli {

namespace {

constexpr int kSize = 768;

double gflopsOf(const auto& multiply) {
    std::vector<double> rates;
    multiply();
    for (int round = 0; round < 5; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        multiply();
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        rates.push_back(2.0 * kSize * kSize * kSize / seconds / 1e9);
    }
    return median(rates);
}

}  // namespace

boost::json::object benchBlas() {
    useOneTorchThread();
    const BlasInfo info = blasInfo();
    const torch::Tensor a = torch::randn({kSize, kSize}), b = torch::randn({kSize, kSize});
    torch::Tensor c = torch::empty({kSize, kSize});
    const double fast = gflopsOf([&] { torch::mm_out(c, a, b); });
    // The limit to compare with: the same product as three plain loops, which is what a reference BLAS comes
    // to.
    std::vector<float> plain(static_cast<std::size_t>(kSize) * kSize);
    const float *x = a.data_ptr<float>(), *y = b.data_ptr<float>();
    const double loops = gflopsOf([&] {
        std::fill(plain.begin(), plain.end(), 0.0f);
        for (int i = 0; i < kSize; ++i)
            for (int k = 0; k < kSize; ++k)
                for (int j = 0; j < kSize; ++j)
                    plain[static_cast<std::size_t>(i * kSize + j)] += x[i * kSize + k] * y[k * kSize + j];
    });
    return {{"openblas", info.openblas},
            {"description", info.description},
            {"threads", torch::get_num_threads()},
            {"matrix", kSize},
            {"gflops", fast},
            {"plain_loops_gflops", loops},
            {"ratio_to_plain_loops", fast / loops}};
}

std::string benchBlasText(const boost::json::object& r) {
    char text[400];
    std::snprintf(text, sizeof text,
                  "%s\n%d x %d product on one thread: %.1f GFLOP/s, %.1f times three plain loops (%.1f)%s",
                  r.at("description").as_string().c_str(), kSize, kSize, r.at("gflops").to_number<double>(),
                  r.at("ratio_to_plain_loops").to_number<double>(),
                  r.at("plain_loops_gflops").to_number<double>(),
                  r.at("openblas").as_bool()
                      ? ""
                      : "\nWARNING: the slow reference BLAS is in use; install libopenblas0-pthread");
    return text;
}

}  // namespace rondo::cli
