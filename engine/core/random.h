#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string_view>
#include <utility>

namespace rondo {

/// A small generator with the same numbers on every machine and compiler (the distributions of <random>
/// differ between libraries). splitmix64: Steele, Lea, Flood 2014. One object belongs to one thread.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    /// A generator made with this goes on as this one does.
    std::uint64_t state() const { return state_; }

    std::uint64_t bits() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    /// In [0, 1).
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// Mean 0, standard deviation 1 (Box–Muller; takes two draws).
    double normal() {
        const double u = 1.0 - uniform();
        return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * uniform());
    }
    /// In 0 … n−1, n > 0. The bias (below n/2⁶⁴) is of no concern.
    std::uint64_t below(std::uint64_t n) { return bits() % n; }
    /// Fisher–Yates.
    template <class T>
    void shuffle(std::span<T> items) {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }

  private:
    std::uint64_t state_;
};

/// A seed of its own for one purpose and index of a run, so that drawing more numbers for one thing changes
/// no other.
inline std::uint64_t seedFor(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0) {
    std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
    for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    Random mixer(hash ^ (index * 0xd6e8feb86659fd93u));
    mixer.bits();
    return mixer.bits();
}

}  // namespace rondo
