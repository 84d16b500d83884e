#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rondo {

/// The first key that a JSON object names twice, of a text that is well-formed. JSON leaves open which value
/// counts then, so settings with one are refused.
std::optional<std::string> repeatedKey(std::string_view json);

}  // namespace rondo
