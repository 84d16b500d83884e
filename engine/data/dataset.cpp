#include "engine/data/dataset.h"

#include "engine/events/event.h"

namespace rondo {

Dataset loadDataset(const DataSpec& spec, std::uint64_t seed, int threads, const std::stop_token& stop) {
    return std::visit(Overloaded{
                          [&](const DigitsData& digits) { return makeDigits(digits, seed, threads, stop); },
                          [&](const SpiralsData& spirals) { return makeSpirals(spirals, seed); },
                          [&](const MoonsData& moons) { return makeMoons(moons, seed); },
                          [&](const IdxData& idx) { return readIdx(idx); },
                          [&](const SequencesData& sequences) { return makeSequences(sequences, seed); },
                          [&](const TextData& text) { return readText(text, seed); },
                      },
                      spec);
}

}  // namespace rondo
