#pragma once

#include <string>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo::cli {

// The training that is measured, and its peer that trains the same: PyTorch DistributedDataParallel over Gloo
// (resources/bench/ddp_gloo.py), in processes of its own.

inline constexpr std::int64_t kBenchBatch = 32;

struct BenchModel {
    const char* name;
    ModelSpec spec;
    std::int64_t steps;  ///< about a second's worth on two cores
};
const std::vector<BenchModel>& benchModels();
RunSpec specOf(const BenchModel& model, int workers, std::int64_t steps);

/// Where the peer is; empty when this computer can't run it.
std::string ddpScript();
std::string ddpWords(const std::string& script);
/// Samples a second of all workers together, once they have warmed up; 0 when it failed.
double ddpRate(const std::string& script, const BenchModel& model, int workers, std::int64_t steps);

}  // namespace rondo::cli
