#include <numbers>

#include "engine/data/dataset.h"
#include "engine/data/portable_math.h"

namespace rondo {

namespace {

struct Point {
    double x, y;
};

/// `count` samples, classes in turn; `draw` makes the point of one sample from a generator of its own.
template <class Draw>
Samples makePoints(std::int64_t count, std::int64_t classes, std::uint64_t seed, const char* purpose,
                   Draw draw) {
    Samples samples;
    samples.shape = {{2}, classes};
    for (std::int64_t i = 0; i < count; ++i) {
        Random random(seedFor(seed, purpose, static_cast<std::uint64_t>(i)));
        const std::int64_t label = i % classes;
        const Point point = draw(label, random);
        samples.values.push_back(static_cast<float>(point.x));
        samples.values.push_back(static_cast<float>(point.y));
        samples.labels.push_back(static_cast<std::uint8_t>(label));
    }
    return samples;
}

}  // namespace

Dataset makeSpirals(const SpiralsData& spec, std::uint64_t seed) {
    const auto draw = [&spec](std::int64_t arm, Random& random) {
        const double along = random.uniform();
        const double radius = 0.1 + 0.85 * along;
        // One whole turn: two arms then pass each other 0.4 apart, four times the default noise.
        const double angle =
            2 * std::numbers::pi * (along + static_cast<double>(arm) / static_cast<double>(spec.arms));
        const double x = radius * cosine(angle) + spec.noise * bell(random);
        const double y = radius * sine(angle) + spec.noise * bell(random);
        return Point{x, y};
    };
    return {makePoints(spec.train, spec.arms, seed, "spirals", draw),
            makePoints(spec.test, spec.arms, seed, "spirals test", draw)};
}

Dataset makeMoons(const MoonsData& spec, std::uint64_t seed) {
    const auto draw = [&spec](std::int64_t moon, Random& random) {
        const double angle = std::numbers::pi * random.uniform();
        double x = cosine(angle), y = sine(angle);
        if (moon == 1) x = 1 - x, y = 0.5 - y;
        x += spec.noise * bell(random);
        y += spec.noise * bell(random);
        return Point{(x - 0.5) / 1.5, (y - 0.25) / 1.5};  // both moons centred, 1.5 radii to ±1
    };
    return {makePoints(spec.train, 2, seed, "moons", draw),
            makePoints(spec.test, 2, seed, "moons test", draw)};
}

}  // namespace rondo
