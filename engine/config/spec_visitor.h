#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/run_spec.h"

namespace rondo {

/// The words of one setting: its key in the file, its label and help on the screen, its unit there (of a
/// list: what one of its items is called). `applies`: the other settings leave it something to do; a form
/// need not show it where not.
struct Field {
    std::string_view key;
    std::string_view label;
    std::string_view help;
    std::string_view unit = {};
    bool applies = true;
};

struct IntegerLimits {
    std::int64_t low = std::numeric_limits<std::int64_t>::min();
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
};
struct RealLimits {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    bool aboveLow = false;   ///< low itself is excluded
    bool belowHigh = false;  ///< high itself is excluded
};
/// "0 or more", "1 to 4096", "more than 0": the words every message and tooltip uses.
std::string wordsFor(const IntegerLimits& limits);
std::string wordsFor(const RealLimits& limits);
bool allows(const RealLimits& limits, double value);  ///< NaN is never allowed
bool allows(const IntegerLimits& limits, std::int64_t value);

/// Walks the settings of a run. `describe` calls one function per setting, in the order of file and form;
/// whatever reads, writes, lists or edits settings is a visitor, so that each setting is named in one place
/// only.
class SpecVisitor {
  public:
    virtual ~SpecVisitor() = default;
    virtual void text(const Field&, std::string&) = 0;
    virtual void folder(const Field& field, std::string& value) { text(field, value); }
    virtual void file(const Field& field, std::string& value) { text(field, value); }
    virtual void integer(const Field&, std::int64_t&, const IntegerLimits&) = 0;
    virtual void real(const Field&, double&, const RealLimits&) = 0;
    virtual void boolean(const Field&, bool&) = 0;
    virtual void optionalInteger(const Field&, std::optional<std::int64_t>&, const IntegerLimits&) = 0;
    virtual void optionalReal(const Field&, std::optional<double>&, const RealLimits&) = 0;
    virtual void integers(const Field&, std::vector<std::int64_t>&, const IntegerLimits& each,
                          std::size_t most) = 0;
    /// Pairs of whole numbers, [[0, 1], [1, 2]] in the file.
    virtual void pairs(const Field&, std::vector<std::pair<std::int64_t, std::int64_t>>&,
                       const IntegerLimits& each, std::size_t most) = 0;
    /// One of `names`; `index` is the chosen one.
    virtual void choice(const Field&, std::size_t& index, std::span<const std::string_view> names) = 0;
    /// An object; `inside` visits its settings.
    virtual void group(const Field&, const std::function<void()>& inside) = 0;
    /// An object whose `kind` is one of `names`. `select(i)` makes it the i-th with that kind's defaults;
    /// `inside` then visits what that kind has. `index` is the present one.
    virtual void kind(const Field&, std::span<const std::string_view> names, std::size_t index,
                      const std::function<void(std::size_t)>& select,
                      const std::function<void()>& inside) = 0;
    /// A list of objects: `resize(n)` makes it n long, `item(i)` visits the settings of the i-th.
    virtual void list(const Field&, std::size_t size, const std::function<void(std::size_t)>& resize,
                      const std::function<void(std::size_t)>& item, std::size_t most) = 0;
};

/// Calls the visitor for every setting of `spec`.
void describe(SpecVisitor& visitor, RunSpec& spec);
/// The same for a fault alone, as it stands in the list of settings.
void describe(SpecVisitor& visitor, FaultSpec& fault);

}  // namespace rondo
