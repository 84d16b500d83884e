#include "engine/model/stage_cut.h"

#include <algorithm>
#include <limits>
#include <string>

namespace rondo {

namespace {

constexpr double kNoWay = std::numeric_limits<double>::infinity();
/// Sums of the same layers in another order differ by rounding: that is no difference.
constexpr double kSame = 1 + 1e-12;

Result<std::vector<int>> byHand(int layers, int parts, std::span<const std::int64_t> cutAt) {
    const auto problem = [](std::string what) { return Problem{"algorithm.cut_at", std::move(what)}; };
    if (cutAt.size() != static_cast<std::size_t>(parts - 1))
        return problem(std::to_string(cutAt.size()) + (cutAt.size() == 1 ? " place" : " places") +
                       " to cut at, expected " + std::to_string(parts - 1) + " for " + std::to_string(parts) +
                       " parts");
    std::vector<int> begins{0};
    for (const std::int64_t at : cutAt) {
        if (at < 1 || at >= layers)
            return problem(std::to_string(at) + ", expected 1 to " + std::to_string(layers - 1) +
                           ": the model's layers are 0 to " + std::to_string(layers - 1));
        if (at <= begins.back())
            return problem(std::to_string(at) + " after " + std::to_string(begins.back()) +
                           ", expected each place further on than the one before");
        begins.push_back(static_cast<int>(at));
    }
    return begins;
}

class EvenCut {
  public:
    EvenCut(std::span<const double> weights, int parts)
        : layers_(static_cast<int>(weights.size())), parts_(parts), sums_(weights.size() + 1) {
        for (std::size_t i = 0; i < weights.size(); ++i) sums_[i + 1] = sums_[i] + weights[i];
    }

    std::vector<int> begins() {
        const Table largest =
            fill([](double part) { return part; }, [](double a, double b) { return std::max(a, b); }, kNoWay);
        const double limit = at(largest, 0, 0) * kSame;
        const auto square = [](double part) { return part * part; };
        const Table squares = fill(
            square, [](double a, double b) { return a + b; }, limit);
        std::vector<int> begins{0};
        for (int part = 0; part + 1 < parts_; ++part) {
            const int begin = begins.back();
            // Of all that are as good, the one that leaves this part longest.
            for (int end = layers_ - (parts_ - part - 1); end > begin; --end) {
                const double own = sumOf(begin, end);
                if (own > limit ||
                    square(own) + at(squares, part + 1, end) > at(squares, part, begin) * kSame)
                    continue;
                begins.push_back(end);
                break;
            }
        }
        return begins;
    }

  private:
    /// [part][layer]: the best that `part` and all after it can do from `layer` on.
    using Table = std::vector<std::vector<double>>;
    static double at(const Table& table, int part, int layer) {
        return table[static_cast<std::size_t>(part)][static_cast<std::size_t>(layer)];
    }
    double sumOf(int begin, int end) const {
        return sums_[static_cast<std::size_t>(end)] - sums_[static_cast<std::size_t>(begin)];
    }

    template <class Cost, class Join>
    Table fill(Cost cost, Join join, double limit) const {
        Table table(static_cast<std::size_t>(parts_),
                    std::vector<double>(static_cast<std::size_t>(layers_) + 1, kNoWay));
        for (int part = parts_ - 1; part >= 0; --part)
            for (int begin = part; begin < layers_; ++begin) {
                double& best = table[static_cast<std::size_t>(part)][static_cast<std::size_t>(begin)];
                if (part == parts_ - 1) {
                    if (sumOf(begin, layers_) <= limit) best = cost(sumOf(begin, layers_));
                    continue;
                }
                for (int end = begin + 1; end < layers_ && sumOf(begin, end) <= limit; ++end)
                    best = std::min(best, join(cost(sumOf(begin, end)), at(table, part + 1, end)));
            }
        return table;
    }

    const int layers_, parts_;
    std::vector<double> sums_;
};

}  // namespace

Result<std::vector<int>> cutLayers(std::span<const double> weights, int parts, CutBy by,
                                   std::span<const std::int64_t> cutAt, std::string_view partsSetting) {
    const int layers = static_cast<int>(weights.size());
    if (parts < 1) return Problem{std::string(partsSetting), std::to_string(parts) + ", expected 1 or more"};
    if (parts > layers)
        return Problem{std::string(partsSetting),
                       std::to_string(parts) + " parts of the model, expected at most " +
                           std::to_string(layers) + ": it has " + std::to_string(layers) +
                           (layers == 1 ? " layer" : " layers") + ", and a part has at least one"};
    if (by == CutBy::Hand) return byHand(layers, parts, cutAt);
    return EvenCut(weights, parts).begins();
}

}  // namespace rondo
