#include "engine/config/run_spec_json.h"

#include <boost/json/stream_parser.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "engine/config/json_reader.h"
#include "engine/config/repeated_key.h"
#include "engine/config/validate.h"

namespace rondo {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostText = 16u << 20;

std::string lineAndColumn(std::string_view text, std::size_t at) {
    at = std::min(at, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const auto lineStart = text.substr(0, at).rfind('\n');
    const auto column = at - (lineStart == std::string_view::npos ? 0 : lineStart + 1) + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

Result<json::value> parsed(std::string_view text) {
    json::parse_options options;
    options.max_depth = 32;
    json::stream_parser parser({}, options);
    boost::system::error_code error;
    const std::size_t read = parser.write_some(text.data(), text.size(), error);
    if (!error) parser.finish(error);  // a bare number has no end of its own
    if (!error && text.find_first_not_of(" \t\r\n", read) == std::string_view::npos) {
        if (const auto key = repeatedKey(text)) return Problem{*key, "is given twice, expected once"};
        return parser.release();
    }
    return Problem{"",
                   "not JSON: " + (error ? error.message() : std::string("something follows the settings")) +
                       " at " + lineAndColumn(text, read)};
}

bool isIndex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos && text.size() < 7;
}

}  // namespace

Result<RunSpec> runSpecFrom(const json::value& value) {
    if (!value.is_object())
        return Problem{"", shown(value) + ", expected an object with the settings of a run"};
    RunSpec spec;
    Problems problems;
    readInto(spec, value.as_object(), problems);
    if (problems.empty()) problems = validate(spec);
    if (!problems.empty()) return problems;
    return spec;
}

Result<RunSpec> parseRunSpec(std::string_view text) {
    const auto value = parsed(text);
    if (!value) return value.problems();
    return runSpecFrom(*value);
}

Result<json::value> loadJson(const std::string& file) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return Problem{file, "no such file"};
    if (std::filesystem::is_directory(file, error))
        return Problem{file, "is a folder, expected a settings file"};
    std::ifstream stream(file, std::ios::binary);
    std::string text(kMostText + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    if (text.empty()) return Problem{file, "can't be read (or is empty)"};
    if (text.size() > kMostText) return Problem{file, "larger than 16 MB, so not settings"};
    auto value = parsed(text);
    if (value) return value;
    Problems problems = value.problems();
    for (Problem& problem : problems)
        problem.where = problem.where.empty() ? file : file + ": " + problem.where;
    return problems;
}

Result<RunSpec> loadRunSpec(const std::string& file) {
    const auto value = loadJson(file);
    if (!value) return value.problems();
    auto spec = runSpecFrom(*value);
    if (spec) return spec;
    Problems problems = spec.problems();
    for (Problem& problem : problems)
        problem.where = problem.where.empty() ? file : file + ": " + problem.where;
    return problems;
}

Result<json::value> withValue(json::value settings, std::string_view path, json::value newValue) {
    const Problem malformed{std::string(path),
                            "not a settings path, expected keys joined by dots such as data.train"};
    json::value* place = &settings;
    bool isItem = false;  // of a list
    for (std::string_view rest = path;;) {
        const std::size_t dot = rest.find('.');
        const std::string_view key = rest.substr(0, dot);
        if (key.empty()) return malformed;
        if (place->is_null()) isIndex(key) ? void(place->emplace_array()) : void(place->emplace_object());
        if (json::array* items = place->if_array()) {
            std::size_t index = items->size() + 1;
            if (isIndex(key)) std::from_chars(key.data(), key.data() + key.size(), index);
            if (index > items->size())
                return Problem{std::string(path), "no place " + std::string(key) + " in a list of " +
                                                      std::to_string(items->size())};
            if (index == items->size()) items->emplace_back(nullptr);
            place = &(*items)[index];
            isItem = true;
        } else if (json::object* object = place->if_object()) {
            if (dot == std::string_view::npos && key == "kind" && newValue.is_string() && !isItem) {
                // Settings of another kind would be unknown to the new one.
                const json::value* present = object->if_contains("kind");
                if (present && *present != newValue) object->clear();
            }
            place = &(*object)[key];
            isItem = false;
        } else {
            return Problem{std::string(path), shown(*place) + " has no setting " + std::string(key)};
        }
        if (dot == std::string_view::npos) break;
        rest = rest.substr(dot + 1);
    }
    *place = std::move(newValue);
    return settings;
}

Result<json::value> withAssignment(json::value settings, std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return Problem{std::string(assignment), "expected path=value, such as data.train=1000"};
    const std::string_view text = assignment.substr(equals + 1);
    const auto value = parsed(text);
    return withValue(std::move(settings), assignment.substr(0, equals), value ? *value : json::value(text));
}

}  // namespace rondo
