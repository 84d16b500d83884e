#include "ui/store/prediction_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace rondo::ui {

namespace {

void take(const boost::json::object& from, const char* name, std::optional<double>& to) {
    const auto* value = from.if_contains(name);
    if (value && value->is_number()) to = value->to_number<double>();
}

boost::json::object read(std::string_view json) {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(boost::json::string_view(json.data(), json.size()), error);
    return error || !value.is_object() ? boost::json::object() : std::move(value.as_object());
}

const boost::json::value* find(const boost::json::object& from, const char* name) {
    return from.if_contains(name);
}

template <class T>
std::vector<T> listOf(const boost::json::object& from, const char* name) {
    std::vector<T> list;
    const auto* values = find(from, name);
    if (!values || !values->is_array()) return list;
    for (const auto& value : values->get_array())
        if (value.is_number()) list.push_back(value.to_number<T>());
    return list;
}

void mergeParts(const boost::json::object& from, Prediction& prediction) {
    Prediction::Parts parts;
    take(from, "bubble_fraction", parts.bubbleFraction);
    parts.peakActivations = listOf<double>(from, "peak_activations");
    parts.weightVersions = listOf<std::int64_t>(from, "weight_versions");
    if (!parts.peakActivations.empty()) prediction.parts = std::move(parts);
}

void merge(const boost::json::object& from, Prediction& prediction) {
    take(from, "compute_seconds", prediction.computeSeconds);
    take(from, "collective_seconds", prediction.collectiveSeconds);
    take(from, "step_seconds", prediction.stepSeconds);
    take(from, "seconds", prediction.seconds);
    take(from, "samples_per_second", prediction.samplesPerSecond);
    take(from, "compression_ratio", prediction.compressionRatio);
    take(from, "second_eigenvalue", prediction.secondEigenvalue);
    mergeParts(from, prediction);
    if (const auto* steps = find(from, "steps"); steps && steps->is_int64())
        prediction.steps = steps->get_int64();
    if (const auto* parameters = find(from, "parameters"); parameters && parameters->is_int64())
        prediction.parameters = parameters->get_int64();
}

/// Bytes each rank sends in a step, from those of the whole run; empty when they aren't all there.
std::vector<std::int64_t> sentPerStepOf(const boost::json::object& from) {
    const auto *traffic = find(from, "traffic"), *steps = find(from, "steps");
    if (!traffic || !traffic->is_object() || !steps || !steps->is_int64() || steps->get_int64() <= 0)
        return {};
    const auto* perRank = find(traffic->get_object(), "per_rank");
    if (!perRank || !perRank->is_array()) return {};
    std::vector<std::int64_t> sent;
    for (const auto& rank : perRank->get_array()) {
        const auto* bytes = rank.is_object() ? find(rank.get_object(), "sent") : nullptr;
        if (!bytes || !bytes->is_int64()) return {};  // a total that 64 bits can't hold is no exact one
        sent.push_back(bytes->get_int64() / steps->get_int64());
    }
    return sent;
}

}  // namespace

std::optional<Prediction> wholePrediction(std::string_view json) {
    const auto object = read(json);
    const auto* messages = find(object, "messages_per_step");
    Prediction prediction;
    prediction.sentPerStep = sentPerStepOf(object);
    if (prediction.sentPerStep.empty() || !messages || !messages->is_int64()) return {};
    prediction.messagesPerStep = messages->get_int64();
    merge(object, prediction);
    return prediction;
}

void mergePrediction(std::string_view json, Prediction& prediction) {
    merge(read(json), prediction);
}

}  // namespace rondo::ui
