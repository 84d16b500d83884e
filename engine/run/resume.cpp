#include "engine/run/resume.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "engine/config/run_spec_json.h"

namespace rondo {

namespace json = boost::json;

namespace {

std::string shortText(const json::value& value) {
    std::string text = json::serialize(value);
    constexpr std::size_t kMost = 120;
    if (text.size() > kMost) text.replace(kMost, text.size() - kMost, " …");
    return text;
}

json::value kindOf(const json::value& value) {
    const json::value* kind = value.is_object() ? value.get_object().if_contains("kind") : nullptr;
    return kind ? *kind : value;
}

class Comparison {
  public:
    Comparison(const RunSpec& before, const RunSpec& now)
        : before_(toJson(before).as_object()), now_(toJson(now).as_object()) {}
    void same(const char* setting) { compare(setting, at(before_, setting), at(now_, setting)); }
    void sameKind(const char* setting) {
        compare(std::string(setting) + ".kind", kindOf(at(before_, setting)), kindOf(at(now_, setting)));
    }
    void compare(const std::string& where, const json::value& before, const json::value& now) {
        if (before != now)
            problems.push_back(
                {where, shortText(now) + ", expected " + shortText(before) + " as in the checkpoint"});
    }
    Problems problems;

  private:
    static json::value at(const json::object& object, const char* key) {
        const json::value* value = object.if_contains(key);
        return value ? *value : json::value(nullptr);
    }
    const json::object before_, now_;
};

/// Whether another number of workers can go on with what these have.
bool workersMayChange(const RunSpec& spec) {
    return !cutsModel(spec) && !std::holds_alternative<GossipAlgorithm>(spec.algorithm);
}

std::int64_t weightsIn(const RankState& state) {
    for (const auto& [name, values] : state.floats)
        if (name == "weights") return static_cast<std::int64_t>(values.size());
    return 0;
}

}  // namespace

Problems resumeProblems(const Checkpoint& checkpoint, const RunSpec& spec, std::int64_t parameters) {
    Comparison comparison(checkpoint.spec, spec);
    comparison.same("model");
    // Its place in an epoch is one of this data in this order.
    comparison.same("data");
    comparison.same("split");
    comparison.same("seed");
    comparison.sameKind("optimizer");
    comparison.sameKind("compression");
    comparison.sameKind("algorithm");
    // Each has a shard of its own.
    comparison.compare("algorithm.servers", serversOf(checkpoint.spec), serversOf(spec));
    if (!workersMayChange(spec) || !workersMayChange(checkpoint.spec))
        comparison.compare("workers", checkpoint.spec.workers, spec.workers);
    // Which weights lie where, and what was left out of which bucket.
    const bool compressed = !std::holds_alternative<NoCompression>(spec.compression);
    if (comparison.problems.empty() && (cutsModel(spec) || compressed)) comparison.same("algorithm");
    if (comparison.problems.empty() && std::holds_alternative<PowerSgdCompression>(spec.compression))
        comparison.same("compression");
    if (!comparison.problems.empty() || cutsModel(spec)) return comparison.problems;

    if (spec.weights.modelled) return {};
    std::int64_t weights = weightsIn(checkpoint.states.common);
    if (checkpoint.states.workers > 0 && weights == 0) weights = weightsIn(checkpoint.states.of(Rank{0}));
    if (weights != parameters)
        comparison.problems.push_back(
            {"model",
             std::to_string(parameters) + " parameters, the checkpoint has " + std::to_string(weights)});
    return comparison.problems;
}

}  // namespace rondo
