#include "ui/store/prediction_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace rondo::ui {

namespace {

void take(const boost::json::object& from, const char* name, std::optional<double>& to) {
    const auto* value = from.if_contains(name);
    if (value && value->is_number()) to = value->to_number<double>();
}

}  // namespace

void mergePrediction(std::string_view json, Prediction& prediction) {
    boost::system::error_code error;
    const boost::json::value value =
        boost::json::parse(boost::json::string_view(json.data(), json.size()), error);
    const auto* object = error ? nullptr : value.if_object();
    if (!object) return;
    take(*object, "compute_seconds", prediction.computeSeconds);
    take(*object, "collective_seconds", prediction.collectiveSeconds);
    take(*object, "step_seconds", prediction.stepSeconds);
    take(*object, "seconds", prediction.seconds);
    take(*object, "samples_per_second", prediction.samplesPerSecond);
    if (const auto* steps = object->if_contains("steps"); steps && steps->is_int64())
        prediction.steps = steps->get_int64();
    if (const auto* parameters = object->if_contains("parameters"); parameters && parameters->is_int64()) {
        prediction.parameters = parameters->get_int64();
    }
}

}  // namespace rondo::ui
