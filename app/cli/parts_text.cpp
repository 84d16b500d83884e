#include "app/cli/parts_text.h"

#include <cstdio>

#include "engine/algorithms/pipeline/run_theory.h"
#include "engine/core/result.h"

namespace rondo::cli {

std::string byStageText(const std::vector<double>& values) {
    constexpr std::size_t kMost = 16;
    const auto number = [](double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.4g", value);
        return std::string(text);
    };
    const bool all = values.size() <= kMost;
    std::string text;
    for (std::size_t i = 0; i < (all ? values.size() : 3); ++i)
        text += (i > 0 ? ", " : "") + number(values[i]);
    return all ? text : text + " ... " + number(values.back());
}

std::string bubbleTheoryText(const RunSpec& spec) {
    std::optional<ClosedForm> form;
    try {
        form = bubbleTheory(spec);
    } catch (const BadInput&) {
        return {};  // a file's data may have another shape than the settings promise
    }
    if (!form) return {};
    char value[40];
    std::snprintf(value, sizeof value, "%.2f %%", 100 * form->value);
    return form->formula + " = " + value + " with stages alike and messages that take no time (" +
           form->source + ")";
}

}  // namespace rondo::cli
