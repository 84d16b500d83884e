#pragma once

#include <boost/json/object.hpp>

#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo {

/// Fills `spec` from `json`, which must be the whole settings object. Appends every unknown key, wrong type
/// and value out of limits to `problems`; settings with a problem keep their default. Rules between settings
/// are not looked at.
void readInto(RunSpec& spec, const boost::json::object& json, Problems& problems);
void readInto(FaultSpec& fault, const boost::json::object& json, Problems& problems);

/// "-1", "\"ring\"", "a list": a found value as a message shows it, short whatever it is.
std::string shown(const boost::json::value& value);

}  // namespace rondo
