#include <boost/json/serialize.hpp>
#include <charconv>
#include <cmath>

#include "engine/config/run_spec_json.h"
#include "engine/config/spec_visitor.h"

namespace rondo {

namespace json = boost::json;

namespace {

/// Numbers are kept as whole numbers where they are whole, so that 50.0 is written as 50.
json::value number(double value) {
    if (!(std::abs(value) < 1e15) || value != std::floor(value)) return value;
    return static_cast<std::int64_t>(value);
}

class Writer final : public SpecVisitor {
  public:
    json::object root;

    void text(const Field& field, std::string& value) override { put(field, json::value(value)); }
    void integer(const Field& field, std::int64_t& value, const IntegerLimits&) override {
        put(field, value);
    }
    void real(const Field& field, double& value, const RealLimits&) override { put(field, number(value)); }
    void boolean(const Field& field, bool& value) override { put(field, value); }
    void optionalInteger(const Field& field, std::optional<std::int64_t>& value,
                         const IntegerLimits&) override {
        if (value) put(field, *value);
    }
    void optionalReal(const Field& field, std::optional<double>& value, const RealLimits&) override {
        if (value) put(field, number(*value));
    }
    void integers(const Field& field, std::vector<std::int64_t>& value, const IntegerLimits&,
                  std::size_t) override {
        put(field, json::array(value.begin(), value.end()));
    }
    void pairs(const Field& field, std::vector<std::pair<std::int64_t, std::int64_t>>& value,
               const IntegerLimits&, std::size_t) override {
        json::array all;
        for (const auto& [first, second] : value) all.push_back(json::array{first, second});
        put(field, std::move(all));
    }
    void choice(const Field& field, std::size_t& index, std::span<const std::string_view> names) override {
        put(field, json::value(names[index]));
    }
    void group(const Field& field, const std::function<void()>& inside) override {
        json::object object = made(inside);
        if (!object.empty()) put(field, std::move(object));
    }
    void kind(const Field& field, std::span<const std::string_view> names, std::size_t index,
              const std::function<void(std::size_t)>&, const std::function<void()>& inside) override {
        put(field, made([&] {
                put({.key = "kind"}, json::value(names[index]));
                inside();
            }));
    }
    void list(const Field& field, std::size_t size, const std::function<void(std::size_t)>&,
              const std::function<void(std::size_t)>& item, std::size_t) override {
        json::array items;
        for (std::size_t i = 0; i < size; ++i) items.push_back(made([&] { item(i); }));
        put(field, std::move(items));
    }

  private:
    void put(const Field& field, json::value value) { (*object_)[field.key] = std::move(value); }
    json::object made(const std::function<void()>& inside) {
        json::object object;
        json::object* outer = std::exchange(object_, &object);
        inside();
        object_ = outer;
        return object;
    }
    json::object* object_ = &root;
};

void print(const json::value& value, int indent, std::string& out) {
    const std::string pad(static_cast<std::size_t>(indent) * 2 + 2, ' ');
    const auto close = [&](char bracket) { (out += "\n") += pad.substr(2), out += bracket; };
    const auto flat = [](const json::value& v) { return !v.is_object() && !v.is_array(); };
    if (const json::object* object = value.if_object(); object && !object->empty()) {
        out += '{';
        for (bool first = true; const auto& [key, member] : *object) {
            out += std::exchange(first, false) ? "\n" : ",\n";
            out += pad + json::serialize(json::string(key)) + ": ";
            print(member, indent + 1, out);
        }
        close('}');
    } else if (const json::array* array = value.if_array();
               array && !array->empty() && !std::all_of(array->begin(), array->end(), flat)) {
        out += '[';
        for (bool first = true; const auto& item : *array) {
            out += (std::exchange(first, false) ? "\n" : ",\n") + pad;
            print(item, indent + 1, out);
        }
        close(']');
    } else if (array && !array->empty()) {
        out += '[';
        for (bool first = true; const auto& item : *array) {
            if (!std::exchange(first, false)) out += ", ";
            print(item, indent, out);
        }
        out += ']';
    } else if (value.is_double()) {
        // Boost.JSON writes 0.1 as 1E-1: right, but not what a person wants to edit.
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, value.as_double()).ptr;
        const std::string_view shortest(text, static_cast<std::size_t>(end - text));
        out += std::isfinite(value.as_double()) ? shortest : "null";
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

json::value toJson(const RunSpec& spec) {
    Writer writer;
    RunSpec copy = spec;  // visitors may change what they visit; this one doesn't
    describe(writer, copy);
    return std::move(writer.root);
}

json::value toJson(const FaultSpec& fault) {
    Writer writer;
    FaultSpec copy = fault;
    describe(writer, copy);
    return std::move(writer.root);
}

std::string prettyPrint(const json::value& value) {
    std::string text;
    print(value, 0, text);
    return text;
}

std::string toText(const RunSpec& spec) {
    return prettyPrint(toJson(spec)) + "\n";
}

}  // namespace rondo
