#include <algorithm>

#include "engine/core/random.h"
#include "engine/data/dataset.h"

namespace rondo {

namespace {

Samples makeTasks(const SequencesData& spec, std::int64_t count, std::uint64_t seed, const char* purpose) {
    Samples samples;
    samples.shape = expectedShape(spec);
    const auto length = static_cast<std::size_t>(spec.length);
    const auto mark = static_cast<std::uint8_t>(spec.symbols);
    std::vector<std::uint8_t> task(length);
    for (std::int64_t i = 0; i < count; ++i) {
        Random random(seedFor(seed, purpose, static_cast<std::uint64_t>(i)));
        for (auto& symbol : task)
            symbol = static_cast<std::uint8_t>(random.below(static_cast<std::uint64_t>(spec.symbols)));
        std::vector<std::uint8_t> answer = task;
        if (spec.task == SequenceTask::Sort) std::sort(answer.begin(), answer.end());
        samples.pixels.insert(samples.pixels.end(), task.begin(), task.end());
        samples.pixels.push_back(mark);
        samples.pixels.insert(samples.pixels.end(), answer.begin(), answer.end() - 1);
        samples.labels.insert(samples.labels.end(), length, kNotCounted);
        samples.labels.insert(samples.labels.end(), answer.begin(), answer.end());
    }
    return samples;
}

}  // namespace

Dataset makeSequences(const SequencesData& spec, std::uint64_t seed) {
    return {makeTasks(spec, spec.train, seed, "sequences"),
            makeTasks(spec, spec.test, seed, "sequences test")};
}

}  // namespace rondo
