#include "net/wire/plain_words.h"

#include <cstdint>
#include <limits>

namespace rondo::net {

namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 0;  // 0: not UTF-8
};

/// The first character of a text that isn't empty. Longer forms than needed and halves of pairs are not
/// UTF-8.
Character first(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = at(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
    std::uint32_t code = lead & (0x7fu >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((at(i) & 0xc0) != 0x80) return {};
        code = code << 6 | (at(i) & 0x3fu);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[bytes] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
    return {code, bytes};
}

bool disturbs(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ||  // control characters
           (code >= 0x2028 && code <= 0x202e) ||            // line ends, direction of writing
           (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f;
}

}  // namespace

std::string plainWords(std::string_view text, std::size_t mostBytes) {
    std::string plain;
    while (!text.empty()) {
        const Character character = first(text);
        const std::string_view shown = character.bytes == 0       ? "?"
                                       : disturbs(character.code) ? " "
                                                                  : text.substr(0, character.bytes);
        if (shown.size() > mostBytes - plain.size()) break;
        plain += shown;
        text.remove_prefix(character.bytes == 0 ? 1 : character.bytes);
    }
    return plain;
}

bool arePlainWords(std::string_view text) {
    return plainWords(text, std::numeric_limits<std::size_t>::max()) == text;
}

}  // namespace rondo::net
