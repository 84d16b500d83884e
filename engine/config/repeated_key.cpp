#include "engine/config/repeated_key.h"

#include <boost/json/basic_parser_impl.hpp>
#include <set>
#include <vector>

namespace rondo {

namespace {

/// What Boost.JSON's parser calls; only objects and their keys matter here.
struct KeyWatch {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    using Error = boost::json::error_code;
    using Text = boost::json::string_view;

    std::vector<std::set<std::string, std::less<>>> open;
    std::string key;
    std::optional<std::string> repeated;

    bool on_object_begin(Error&) { return open.emplace_back(), true; }
    bool on_object_end(std::size_t, Error&) { return open.pop_back(), true; }
    bool on_key_part(Text part, std::size_t, Error&) { return key.append(part.data(), part.size()), true; }
    bool on_key(Text part, std::size_t, Error&) {
        key.append(part.data(), part.size());
        if (!open.back().insert(key).second && !repeated) repeated = key;
        key.clear();
        return true;
    }
    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t, Error&) { return true; }
    bool on_string_part(Text, std::size_t, Error&) { return true; }
    bool on_string(Text, std::size_t, Error&) { return true; }
    bool on_number_part(Text, Error&) { return true; }
    bool on_int64(std::int64_t, Text, Error&) { return true; }
    bool on_uint64(std::uint64_t, Text, Error&) { return true; }
    bool on_double(double, Text, Error&) { return true; }
    bool on_bool(bool, Error&) { return true; }
    bool on_null(Error&) { return true; }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }
};

}  // namespace

std::optional<std::string> repeatedKey(std::string_view json) {
    boost::json::basic_parser<KeyWatch> parser{boost::json::parse_options()};
    boost::json::error_code error;
    parser.write_some(false, json.data(), json.size(), error);
    return parser.handler().repeated;
}

}  // namespace rondo
