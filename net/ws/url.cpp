#include "net/ws/url.h"

#include <charconv>

namespace rondo::net {
namespace {

Result<std::uint16_t> readPort(std::string_view text, std::string_view whole) {
    int port = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port < 0 || port > 65535)
        return Problem{std::string(whole), "\"" + std::string(text) + "\" is no port; expected 0 to 65535"};
    return static_cast<std::uint16_t>(port);
}

/// HOST, HOST:PORT, [V6], [V6]:PORT.
Result<Url> readPlace(std::string_view text, std::string_view whole) {
    Url url;
    url.port = kDefaultPort;
    std::string_view port;
    if (!text.empty() && text.front() == '[') {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return Problem{std::string(whole), "an address in [ needs a ]"};
        url.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && port.front() != ':')
            return Problem{std::string(whole), "expected :PORT after the address"};
    } else {
        const std::size_t colon = text.find(':');
        if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos)
            return Problem{std::string(whole), "an IPv6 address stands in brackets: [::1]:7077"};
        url.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon);
    }
    if (!port.empty()) {
        const auto read = readPort(port.substr(1), whole);
        if (!read) return read.problems();
        url.port = *read;
    }
    constexpr std::size_t kLongestName = 253;
    if (url.host.size() > kLongestName) return Problem{"address", "longer than a name may be"};
    for (const char c : url.host)
        if (c <= ' ' || c == '@' || c == '?' || c == '#' || c == '"')
            return Problem{std::string(whole), "no name or address of a machine"};
    return url;
}

}  // namespace

Result<Url> readUrl(std::string_view text) {
    std::string_view rest = text;
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    while (!rest.empty() && rest.back() == ' ') rest.remove_suffix(1);
    bool secure = false;
    if (const std::size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
        const std::string_view word = rest.substr(0, scheme);
        if (word != "ws" && word != "wss")
            return Problem{std::string(text), "expected ws://HOST:PORT or wss://HOST:PORT"};
        secure = word == "wss";
        rest.remove_prefix(scheme + 3);
    }
    rest = rest.substr(0, rest.find('/'));
    auto url = readPlace(rest, text);
    if (!url) return url;
    if (url->host.empty()) return Problem{std::string(text), "no machine named; expected ws://HOST:PORT"};
    if (url->port == 0) return Problem{std::string(text), "nobody listens at port 0"};
    url.value().secure = secure;
    return url;
}

std::string textOf(const Url& url) {
    const bool v6 = url.host.find(':') != std::string::npos;
    return std::string(url.secure ? "wss://" : "ws://") + (v6 ? "[" + url.host + "]" : url.host) + ":" +
           std::to_string(url.port);
}

Result<Url> readListenAddress(std::string_view text) {
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
        const auto port = readPort(text, text);
        if (!port) return port.problems();
        return Url{false, "", *port};
    }
    return readPlace(text, text);
}

}  // namespace rondo::net
