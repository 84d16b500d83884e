#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo {

/// One row of a form made from the settings: what a window needs to show and edit a setting without knowing
/// it.
struct FormRow {
    enum class Editor {
        Heading,
        Text,
        Folder,
        File,
        Integer,
        Real,
        Boolean,
        OptionalInteger,
        OptionalReal,
        Integers,
        Pairs,
        Choice,
        Kind,
        List,
        Item  ///< heads the settings of one item of a list, "Fault 2"; its path is the item's
    };
    Editor editor = Editor::Text;
    std::string
        path;  ///< as in withValue and in problems: "algorithm.collective"; of a Kind row "algorithm.kind"
    std::string label, help, unit;
    boost::json::value value;          ///< null where an optional is not set; the item count of a List
    std::vector<std::string> choices;  ///< of Choice and Kind
    std::string allowed;               ///< limits in words, "1 to 4096"
    double low = 0, high = 0;          ///< numeric limits (±infinity where there is none)
    int depth = 0;                     ///< 0 for top-level rows
};

/// The rows of `spec` in order; what another kind would have is not listed, nor is what has nothing to do
/// with these settings, unless it is given all the same. List items follow their List row, each with an Item
/// row of its own, with an index in the path ("cluster.overrides.0.speed").
std::vector<FormRow> formRows(const RunSpec& spec);

/// What one more item of the list at `path` begins as: something these settings can run with.
boost::json::value freshItem(const RunSpec& spec, std::string_view path);

/// Paths of what is given and has nothing to do with these settings: the links of a graph that has a name,
/// the other end of a link none is meant. Validation refuses such settings.
std::vector<std::string> idlePaths(const RunSpec& spec);

}  // namespace rondo
