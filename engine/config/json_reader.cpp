#include "engine/config/json_reader.h"

#include <boost/json/serialize.hpp>
#include <cmath>
#include <set>

#include "engine/config/spec_visitor.h"

namespace rondo {

namespace json = boost::json;

std::string shown(const json::value& value) {
    if (value.is_object()) return "an object";
    if (value.is_array() && value.as_array().size() > 4)
        return "a list of " + std::to_string(value.as_array().size());
    std::string text = value.is_double() && std::floor(value.as_double()) != value.as_double()
                           ? std::to_string(value.as_double())
                           : json::serialize(value);
    if (value.is_double() && text.find('.') != std::string::npos) {
        while (text.back() == '0') text.pop_back();
        if (text == "0." || text == "-0.") text = json::serialize(value);
    }
    if (text.size() > 60) {
        std::size_t end = 57;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // a whole character
        text.resize(end);
        text += "...";
    }
    return text;
}

namespace {

std::string listed(std::span<const std::string_view> names) {
    std::string all;
    for (const auto name : names) all += (all.empty() ? "" : ", ") + std::string(name);
    return all;
}

class Reader final : public SpecVisitor {
  public:
    Reader(const json::object& root, Problems& problems) : problems_(problems) { open(&root, ""); }
    void finish() { close(); }

    void text(const Field& field, std::string& value) override {
        const json::value* found = find(field);
        if (!found) return;
        if (!found->is_string()) return wrong(field, *found, "text");
        value = std::string(found->as_string());
    }
    void integer(const Field& field, std::int64_t& value, const IntegerLimits& limits) override {
        if (const json::value* found = find(field)) readInteger(pathOf(field), *found, value, limits);
    }
    void real(const Field& field, double& value, const RealLimits& limits) override {
        if (const json::value* found = find(field)) readReal(field, *found, value, limits);
    }
    void boolean(const Field& field, bool& value) override {
        const json::value* found = find(field);
        if (!found) return;
        if (!found->is_bool()) return wrong(field, *found, "true or false");
        value = found->as_bool();
    }
    void optionalInteger(const Field& field, std::optional<std::int64_t>& value,
                         const IntegerLimits& limits) override {
        const json::value* found = find(field);
        if (!found || found->is_null()) return;
        std::int64_t number = 0;
        if (readInteger(pathOf(field), *found, number, limits)) value = number;
    }
    void optionalReal(const Field& field, std::optional<double>& value, const RealLimits& limits) override {
        const json::value* found = find(field);
        if (!found || found->is_null()) return;
        double number = 0;
        if (readReal(field, *found, number, limits)) value = number;
    }
    void integers(const Field& field, std::vector<std::int64_t>& value, const IntegerLimits& each,
                  std::size_t most) override {
        const json::value* found = find(field);
        if (!found) return;
        if (!found->is_array() || found->as_array().size() > most)
            return wrong(field, *found, "a list of at most " + std::to_string(most) + " whole numbers");
        std::vector<std::int64_t> numbers(found->as_array().size());
        for (std::size_t i = 0; i < numbers.size(); ++i)
            if (!readInteger(pathOf(field) + "." + std::to_string(i), found->as_array()[i], numbers[i], each))
                return;
        value = std::move(numbers);
    }
    void pairs(const Field& field, std::vector<std::pair<std::int64_t, std::int64_t>>& value,
               const IntegerLimits& each, std::size_t most) override {
        const json::value* found = find(field);
        if (!found) return;
        if (!found->is_array() || found->as_array().size() > most)
            return wrong(field, *found,
                         "a list of at most " + std::to_string(most) + " pairs such as [0, 1]");
        std::vector<std::pair<std::int64_t, std::int64_t>> read(found->as_array().size());
        for (std::size_t i = 0; i < read.size(); ++i) {
            const json::value& pair = found->as_array()[i];
            const std::string where = pathOf(field) + "." + std::to_string(i);
            if (!pair.is_array() || pair.as_array().size() != 2) {
                problems_.push_back({where, shown(pair) + ", expected a pair such as [0, 1]"});
                return;
            }
            if (!readInteger(where + ".0", pair.as_array()[0], read[i].first, each) ||
                !readInteger(where + ".1", pair.as_array()[1], read[i].second, each))
                return;
        }
        value = std::move(read);
    }
    void choice(const Field& field, std::size_t& index, std::span<const std::string_view> names) override {
        if (const json::value* found = find(field)) pick(pathOf(field), *found, names, index);
    }
    void group(const Field& field, const std::function<void()>& inside) override {
        const json::value* found = find(field);
        if (found && !found->is_object()) return wrong(field, *found, "an object");
        within(found, field, inside);
    }
    void kind(const Field& field, std::span<const std::string_view> names, std::size_t index,
              const std::function<void(std::size_t)>& select, const std::function<void()>& inside) override {
        const json::value* found = find(field);
        if (found && !found->is_object())
            return wrong(field, *found, "an object with a kind: " + listed(names));
        bool known = true;
        within(found, field, [&] {
            if (const json::value* chosen = find({.key = "kind"}))
                known = pick(pathOf({.key = "kind"}), *chosen, names, index);
            if (!known) return expectAnything();  // its other keys belong to a kind we don't know
            select(index);
            inside();
        });
    }
    void list(const Field& field, std::size_t, const std::function<void(std::size_t)>& resize,
              const std::function<void(std::size_t)>& item, std::size_t most) override {
        const json::value* found = find(field);
        if (!found) return;
        if (!found->is_array() || found->as_array().size() > most)
            return wrong(field, *found,
                         most ? "a list of at most " + std::to_string(most) + " objects" : "an empty list");
        const json::array& items = found->as_array();
        resize(items.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            const std::string name = std::string(field.key) + "." + std::to_string(i);
            const Field place{.key = name};
            if (!items[i].is_object()) {
                wrong(place, items[i], "an object");
                continue;
            }
            within(&items[i], place, [&] { item(i); });
        }
    }

  private:
    struct Level {
        const json::object* object;  // null: the key was left out, all settings keep their defaults
        std::string path;
        std::set<std::string, std::less<>> keys;
        bool anything = false;
    };

    void open(const json::object* object, std::string path) {
        levels_.push_back({object, std::move(path), {}});
    }
    void close() {
        const Level& level = levels_.back();
        if (level.object && !level.anything)
            for (const auto& [key, value] : *level.object)
                if (!level.keys.contains(std::string_view(key))) {
                    std::string known;
                    for (const auto& name : level.keys) known += (known.empty() ? "" : ", ") + name;
                    problems_.push_back(
                        {level.path + std::string(key), "unknown setting, expected one of " + known});
                }
        levels_.pop_back();
    }
    void within(const json::value* found, const Field& field, const std::function<void()>& inside) {
        open(found ? &found->as_object() : nullptr, pathOf(field) + ".");
        inside();
        close();
    }
    void expectAnything() { levels_.back().anything = true; }

    std::string pathOf(const Field& field) const { return levels_.back().path + std::string(field.key); }
    const json::value* find(const Field& field) {
        levels_.back().keys.emplace(field.key);
        return levels_.back().object ? levels_.back().object->if_contains(field.key) : nullptr;
    }
    void wrong(const Field& field, const json::value& found, const std::string& expected) {
        problems_.push_back({pathOf(field), shown(found) + ", expected " + expected});
    }
    bool pick(const std::string& path, const json::value& found, std::span<const std::string_view> names,
              std::size_t& index) {
        if (found.is_string())
            for (std::size_t i = 0; i < names.size(); ++i)
                if (std::string_view(found.as_string()) == names[i]) {
                    index = i;
                    return true;
                }
        problems_.push_back(
            {path, shown(found) + ", expected " + (names.size() > 1 ? "one of " : "") + listed(names)});
        return false;
    }
    bool readInteger(const std::string& path, const json::value& found, std::int64_t& value,
                     const IntegerLimits& limits) {
        bool whole = found.is_int64();
        std::int64_t number = whole ? found.as_int64() : 0;
        if (found.is_double() && std::abs(found.as_double()) < 9e15 &&
            found.as_double() == std::floor(found.as_double())) {
            whole = true;
            number = static_cast<std::int64_t>(found.as_double());
        }
        if (!whole || !allows(limits, number)) {
            const bool fraction = found.is_double() && !whole;
            problems_.push_back({path, shown(found) + ", expected " + (fraction ? "a whole number, " : "") +
                                           wordsFor(limits)});
            return false;
        }
        value = number;
        return true;
    }
    bool readReal(const Field& field, const json::value& found, double& value, const RealLimits& limits) {
        const bool number = found.is_number();
        const double candidate = number ? found.to_number<double>() : 0;
        if (!number || !allows(limits, candidate)) {
            wrong(field, found, wordsFor(limits));
            return false;
        }
        value = candidate;
        return true;
    }

    Problems& problems_;
    std::vector<Level> levels_;
};

}  // namespace

void readInto(RunSpec& spec, const json::object& object, Problems& problems) {
    Reader reader(object, problems);
    describe(reader, spec);
    reader.finish();
}

void readInto(FaultSpec& fault, const json::object& object, Problems& problems) {
    Reader reader(object, problems);
    describe(reader, fault);
    reader.finish();
}

}  // namespace rondo
