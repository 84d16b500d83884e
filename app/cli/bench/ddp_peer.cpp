#include "app/cli/bench/ddp_peer.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace rondo::cli {

namespace {

std::string peerScript() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    for (const auto& folder : {self.parent_path() / "../../resources", self.parent_path() / "../share/rondo",
                               std::filesystem::path(RONDO_SOURCE_RESOURCES)})
        if (std::filesystem::exists(folder / "bench/ddp_gloo.py", error))
            return (folder / "bench/ddp_gloo.py").string();
    return {};
}

}  // namespace

const std::vector<BenchModel>& benchModels() {
    static const std::vector<BenchModel> models{{"mlp", MlpModel{{200, 200}}, 1500}, {"cnn", CnnModel{}, 40}};
    return models;
}

RunSpec specOf(const BenchModel& model, int workers, std::int64_t steps) {
    RunSpec spec;
    spec.name = "bench";
    spec.workers = workers;
    spec.batch = kBenchBatch;
    spec.model = model.spec;
    spec.data = DigitsData{4096, 32};
    spec.optimizer = SgdOptimizer{0.1, 0.9, 0};
    if (workers == 1) spec.algorithm = SingleAlgorithm{};
    spec.stop.steps = steps;
    return spec;
}

std::string ddpScript() {
    const bool python = std::system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") == 0;
    return python ? peerScript() : std::string();
}

std::string ddpWords(const std::string& script) {
    return script.empty() ? "none: python3-torch is not installed"
                          : "PyTorch DDP over Gloo, one thread a process";
}

double ddpRate(const std::string& script, const BenchModel& model, int workers, std::int64_t steps) {
    const std::string command = "/usr/bin/python3 '" + script + "' " + model.name + " " +
                                std::to_string(workers) + " " + std::to_string(kBenchBatch) + " " +
                                std::to_string(steps) + " 2>/dev/null";
    FILE* pipe = popen(command.c_str(), "r");
    double rate = 0;
    if (pipe && std::fscanf(pipe, "%lf", &rate) != 1) rate = 0;
    if (pipe) pclose(pipe);
    return rate;
}

}  // namespace rondo::cli
