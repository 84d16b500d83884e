#pragma once

#include <boost/json/object.hpp>

#include "engine/run/checkpoint.h"

namespace rondo {

/// All of a checkpoint but its floats.
boost::json::object plainToJson(const Checkpoint& checkpoint);
/// The other way round; BadInput with the path of what is wrong. States have their counts, no floats.
Checkpoint plainFromJson(const boost::json::object& json);

}  // namespace rondo
