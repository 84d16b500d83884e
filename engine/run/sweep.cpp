#include "engine/run/sweep.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/config/run_spec_json.h"

namespace rondo {

namespace {

const std::string kOption = "--sweep";

/// Commas inside brackets, braces and quotes separate nothing.
std::vector<std::string> splitAtCommas(std::string_view text) {
    std::vector<std::string> parts(1);
    int depth = 0;
    bool quoted = false, escaped = false;
    for (const char c : text) {
        if (quoted) {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            quoted = c == '"';
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            if (c == ',' && depth <= 0) {
                parts.emplace_back();
                continue;
            }
        }
        parts.back() += c;
    }
    return parts;
}

struct Range {
    std::int64_t first = 0, last = 0;
    std::uint64_t more() const {
        return static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
    }
};

std::optional<std::int64_t> wholeNumber(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<Range> rangeOf(std::string_view text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos) return std::nullopt;
    const auto first = wholeNumber(text.substr(0, dots)), last = wholeNumber(text.substr(dots + 2));
    return first && last ? std::optional(Range{*first, *last}) : std::nullopt;
}

Problem tooMany() {
    return {kOption, "more than " + std::to_string(kMostSweepRuns) +
                         " runs, expected fewer values or one key after the other"};
}

}  // namespace

Result<Sweep::Axis> Sweep::parseAxis(const std::string& text) {
    const auto wrong = [&](const std::string& what) { return Problem{kOption, text + ": " + what}; };
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return wrong("expected key=value,value,… such as workers=2,4,8 or seed=1..5");
    Axis axis{text.substr(0, equals), {}};
    for (const std::string& part : splitAtCommas(std::string_view(text).substr(equals + 1))) {
        if (part.empty()) return wrong("a value is empty, expected some between the commas");
        const auto range = rangeOf(part);
        if (!range) {
            axis.values.push_back(part);
            continue;
        }
        if (range->first > range->last) return wrong(part + ", expected the smaller number first");
        if (range->more() >= kMostSweepRuns) return tooMany();
        for (std::int64_t value = range->first; value <= range->last; ++value)
            axis.values.push_back(std::to_string(value));
    }
    if (axis.values.size() > kMostSweepRuns) return tooMany();
    std::vector<std::string> sorted = axis.values;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) return wrong(*twice + " is given twice");
    return axis;
}

Result<Sweep> Sweep::parse(std::span<const std::string> axes) {
    Sweep sweep;
    std::size_t runs = 1;
    for (const std::string& text : axes) {
        auto axis = parseAxis(text);
        if (!axis) return axis.problems();
        for (const Axis& other : sweep.axes_)
            if (other.key == axis->key) return Problem{kOption, axis->key + " is given twice"};
        runs *= axis->values.size();  // of two factors below 10,001 each
        if (runs > kMostSweepRuns) return tooMany();
        sweep.axes_.push_back(*std::move(axis));
    }
    return sweep;
}

std::size_t Sweep::runs() const {
    std::size_t runs = 1;
    for (const Axis& axis : axes_) runs *= axis.values.size();
    return runs;
}

std::vector<std::string> Sweep::keys() const {
    std::vector<std::string> keys;
    for (const Axis& axis : axes_) keys.push_back(axis.key);
    return keys;
}

std::vector<std::string> Sweep::valuesOf(std::size_t run) const {
    std::vector<std::string> values(axes_.size());
    for (std::size_t i = axes_.size(); i-- > 0;) {
        values[i] = axes_[i].values[run % axes_[i].values.size()];
        run /= axes_[i].values.size();
    }
    return values;
}

std::string Sweep::nameOf(std::size_t run) const {
    const auto values = valuesOf(run);
    std::string name;
    for (std::size_t i = 0; i < axes_.size(); ++i)
        name += (i > 0 ? " " : "") + axes_[i].key + "=" + values[i];
    return name;
}

Result<std::vector<RunSpec>> Sweep::specsFrom(const boost::json::value& settings) const {
    std::vector<RunSpec> specs;
    Problems problems;
    std::size_t refused = 0;
    const std::size_t all = runs();
    const auto specOf = [&](std::size_t run) -> Result<RunSpec> {
        Result<boost::json::value> changed = settings;
        const auto values = valuesOf(run);
        for (std::size_t i = 0; i < axes_.size(); ++i) {
            changed = withAssignment(*changed, axes_[i].key + "=" + values[i]);
            if (!changed) return changed.problems();
        }
        return runSpecFrom(*changed);
    };
    for (std::size_t run = 0; run < all; ++run) {
        auto spec = specOf(run);
        if (spec) {
            specs.push_back(*std::move(spec));
            continue;
        }
        if (refused++ > 0) continue;
        for (const Problem& problem : spec.problems())
            problems.push_back({kOption + " " + nameOf(run), problem.text()});
    }
    if (refused == 0) return specs;
    if (refused > 1)
        problems.push_back({kOption, std::to_string(refused) + " of " + std::to_string(all) +
                                         " runs can't begin, expected none"});
    return problems;
}

}  // namespace rondo
