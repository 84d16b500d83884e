#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rondo::net {

/// Words as they may travel and be shown in a line of a log or roster: good UTF-8, at most `mostBytes`, cut
/// between characters. What isn't UTF-8 becomes "?", control characters and those that turn the direction of
/// writing become blanks.
std::string plainWords(std::string_view text, std::size_t mostBytes);
bool arePlainWords(std::string_view text);

}  // namespace rondo::net
