#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo {

/// Reads and validates (validate.h) settings. All problems are reported at once, each with its path, the
/// value found and what is allowed: `algorithm.bucket_mb: -1, expected more than 0`. Text deeper than 32
/// levels is refused.
Result<RunSpec> parseRunSpec(std::string_view text);
Result<RunSpec> runSpecFrom(const boost::json::value& json);

/// Every setting that applies, defaults included, in the order of the contract.
boost::json::value toJson(const RunSpec& spec);
boost::json::value toJson(const FaultSpec& fault);
/// The same, indented for people.
std::string toText(const RunSpec& spec);

/// A file's JSON, not looked at further; problems name the file.
Result<boost::json::value> loadJson(const std::string& file);
/// Reads a file; `where` of a problem starts with the file's name.
Result<RunSpec> loadRunSpec(const std::string& file);

/// Changes one place of a settings value: `assignment` is `path=value`, the path dotted (`data.train`,
/// `cluster.overrides.0.speed`), the value JSON or, failing that, a plain word. Objects on the way are made;
/// list places must exist or be the next one. Nothing is validated here, so that several changes can be made
/// first. Setting a `kind` drops the other keys of that object, which belonged to the kind before; a list's
/// item (a fault) keeps them, they are the same whatever its kind.
Result<boost::json::value> withAssignment(boost::json::value settings, std::string_view assignment);
Result<boost::json::value> withValue(boost::json::value settings, std::string_view path,
                                     boost::json::value value);

/// Human text for a value (indented JSON, numbers as short as they round-trip).
std::string prettyPrint(const boost::json::value& value);

}  // namespace rondo
