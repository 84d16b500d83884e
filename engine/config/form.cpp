#include "engine/config/form.h"

#include <algorithm>

#include "engine/config/run_spec_json.h"
#include "engine/config/spec_visitor.h"

namespace rondo {

namespace {

class FormLister final : public SpecVisitor {
  public:
    std::vector<FormRow> rows;
    std::vector<std::string> idle;  ///< paths of what is given and doesn't apply
    using Editor = FormRow::Editor;

    void text(const Field& field, std::string& value) override {
        if (!unwanted(field, !value.empty())) add(Editor::Text, field).value = value;
    }
    void folder(const Field& field, std::string& value) override { add(Editor::Folder, field).value = value; }
    void file(const Field& field, std::string& value) override { add(Editor::File, field).value = value; }
    void integer(const Field& field, std::int64_t& value, const IntegerLimits& limits) override {
        if (field.applies) limited(Editor::Integer, field, limits).value = value;
    }
    void real(const Field& field, double& value, const RealLimits& limits) override {
        if (field.applies) limited(Editor::Real, field, limits).value = value;
    }
    void boolean(const Field& field, bool& value) override { add(Editor::Boolean, field).value = value; }
    void optionalInteger(const Field& field, std::optional<std::int64_t>& value,
                         const IntegerLimits& limits) override {
        if (unwanted(field, value.has_value())) return;
        FormRow& row = limited(Editor::OptionalInteger, field, limits);
        if (value) row.value = *value;
    }
    void optionalReal(const Field& field, std::optional<double>& value, const RealLimits& limits) override {
        if (unwanted(field, value.has_value())) return;
        FormRow& row = limited(Editor::OptionalReal, field, limits);
        if (value) row.value = *value;
    }
    void integers(const Field& field, std::vector<std::int64_t>& value, const IntegerLimits& each,
                  std::size_t most) override {
        if (unwanted(field, !value.empty())) return;
        FormRow& row = limited(Editor::Integers, field, each);
        row.value = boost::json::array(value.begin(), value.end());
        row.allowed = "at most " + std::to_string(most) + " whole numbers, each " + row.allowed;
    }
    void pairs(const Field& field, std::vector<std::pair<std::int64_t, std::int64_t>>& value,
               const IntegerLimits& each, std::size_t most) override {
        if (unwanted(field, !value.empty())) return;
        FormRow& row = limited(Editor::Pairs, field, each);
        boost::json::array all;
        for (const auto& [first, second] : value) all.push_back(boost::json::array{first, second});
        row.value = std::move(all);
        row.allowed = "at most " + std::to_string(most) + " pairs such as 0-1, each number " + row.allowed;
    }
    void choice(const Field& field, std::size_t& index, std::span<const std::string_view> names) override {
        FormRow& row = add(Editor::Choice, field);
        row.choices.assign(names.begin(), names.end());
        row.value = boost::json::value(names[index]);
    }
    void group(const Field& field, const std::function<void()>& inside) override {
        add(Editor::Heading, field);
        within(field, inside);
    }
    void kind(const Field& field, std::span<const std::string_view> names, std::size_t index,
              const std::function<void(std::size_t)>&, const std::function<void()>& inside) override {
        FormRow& row = add(Editor::Kind, field);
        row.path += ".kind";
        row.choices.assign(names.begin(), names.end());
        row.value = boost::json::value(names[index]);
        within(field, inside);
    }
    void list(const Field& field, std::size_t size, const std::function<void(std::size_t)>&,
              const std::function<void(std::size_t)>& item, std::size_t most) override {
        if (most == 0) return;  // nothing can be put in it yet
        FormRow& list = add(Editor::List, field);
        list.value = static_cast<std::int64_t>(size);
        list.unit.clear();
        for (std::size_t i = 0; i < size; ++i) {
            const std::string place = std::string(field.key) + "." + std::to_string(i);
            const std::string label = std::string(field.unit) + " " + std::to_string(i + 1);
            ++depth_;
            add(Editor::Item, {.key = place, .label = label, .help = field.help});
            --depth_;
            within({.key = place}, [&] { item(i); });
        }
    }

  private:
    /// Not to be listed; noted where it is given.
    bool unwanted(const Field& field, bool given) {
        if (!field.applies && given) idle.push_back(prefix_ + std::string(field.key));
        return !field.applies && !given;
    }
    FormRow& add(Editor editor, const Field& field) {
        FormRow& row = rows.emplace_back();
        row.editor = editor;
        row.path = prefix_ + std::string(field.key);
        row.label = field.label;
        row.help = field.help;
        row.unit = field.unit;
        row.depth = depth_;
        return row;
    }
    FormRow& limited(Editor editor, const Field& field, const auto& limits) {
        FormRow& row = add(editor, field);
        row.allowed = wordsFor(limits);
        row.low = static_cast<double>(limits.low);
        row.high = static_cast<double>(limits.high);
        return row;
    }
    void within(const Field& field, const std::function<void()>& inside) {
        const std::string outer = prefix_;
        prefix_ += std::string(field.key) + ".";
        ++depth_;
        inside();
        --depth_;
        prefix_ = outer;
    }
    std::string prefix_;
    int depth_ = 0;
};

}  // namespace

std::vector<FormRow> formRows(const RunSpec& spec) {
    FormLister lister;
    RunSpec copy = spec;  // visitors may change what they visit; this one doesn't
    describe(lister, copy);
    return std::move(lister.rows);
}

boost::json::value freshItem(const RunSpec& spec, std::string_view path) {
    if (path == "faults") {
        FaultSpec fault;
        fault.worker = std::min<std::int64_t>(1, spec.workers - 1);
        fault.atStep = 10;
        return toJson(fault);
    }
    boost::json::object item;
    if (path == "cluster.overrides") {
        const auto named = [&](std::int64_t worker) {
            return std::any_of(spec.cluster.overrides.begin(), spec.cluster.overrides.end(),
                               [&](const WorkerOverride& other) { return other.worker == worker; });
        };
        std::int64_t worker = 0;
        while (worker + 1 < spec.workers && named(worker)) ++worker;
        item["worker"] = worker;
    }
    return item;
}

std::vector<std::string> idlePaths(const RunSpec& spec) {
    FormLister lister;
    RunSpec copy = spec;
    describe(lister, copy);
    return std::move(lister.idle);
}

}  // namespace rondo
