#include "app/cli/bench/bench.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace rondo::cli {

Measurement measurementOf(const Bench& bench, const std::string& over) {
    const std::string_view name = bench.name;
    if (name == "blas") return {benchBlas, benchBlasText};
    if (name == "allreduce" && over == "ws") return {benchAllReduceOverWs, benchAllReduceOverWsText};
    if (name == "stream") return {benchStream, benchStreamText};
    if (name == "allreduce") return {benchAllReduce, benchAllReduceText};
    if (name == "training" && over == "processes")
        return {benchTrainingOverProcesses, benchTrainingOverProcessesText};
    if (name == "updates") return {benchUpdates, benchUpdatesText};
    if (name == "training") return {benchTraining, benchTrainingText};
    if (name == "backward") return {benchBackward, benchBackwardText};
    if (name == "join") return {benchJoin, benchJoinText};
    if (name == "viewers") return {benchViewers, benchViewersText};
    throw std::logic_error("bench " + std::string(name) + " has no measurement");
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

}  // namespace rondo::cli
