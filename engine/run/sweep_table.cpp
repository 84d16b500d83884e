#include "engine/run/sweep_table.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace rondo {

namespace json = boost::json;

namespace {

constexpr std::string_view kSeed = "seed";
using Line = std::vector<std::string>;

std::string shortest(double value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string shortest(const std::optional<double>& value) {
    return value ? shortest(*value) : std::string();
}

std::string rounded(const char* pattern, const std::optional<double>& value) {
    if (!value) return "-";
    char text[64];
    std::snprintf(text, sizeof text, pattern, *value);
    return text;
}

json::value number(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? json::value(*value) : json::value(nullptr);
}

/// As --set understands it: JSON or, failing that, a word.
json::value valueOf(const std::string& text) {
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    return error ? json::value(text) : value;
}

std::string csv(const Line& cells) {
    std::string line;
    for (const std::string& cell : cells) {
        if (!line.empty() || &cell != &cells.front()) line += ',';
        if (cell.find_first_of(",\"\r\n") == std::string::npos) {
            line += cell;
            continue;
        }
        line += '"';
        for (const char c : cell) line += c == '"' ? std::string("\"\"") : std::string(1, c);
        line += '"';
    }
    return line + "\r\n";
}

std::size_t widthOf(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Words to the left, numbers to the right: the first `words` columns and the last are words.
std::string aligned(const std::vector<Line>& lines, std::size_t words) {
    std::vector<std::size_t> widths(lines.front().size());
    for (const Line& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], widthOf(line[i]));
    std::string text;
    for (const Line& line : lines) {
        std::string row;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string space(widths[i] - widthOf(line[i]), ' ');
            const bool word = i < words || i + 1 == line.size();
            row += (i > 0 ? "  " : "") + (word ? line[i] + space : space + line[i]);
        }
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + '\n';
    }
    return text;
}

Line operator+(Line a, const Line& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

template <class Value>
std::optional<SweepSummary> summaryOf(const std::vector<const SweepRow*>& rows, const Value& valueOf) {
    std::optional<SweepSummary> all;
    for (const SweepRow* row : rows) {
        const std::optional<double> value = valueOf(*row);
        if (!value) return std::nullopt;
        if (!all) all = SweepSummary{0, *value, *value};
        all->mean += *value / static_cast<double>(rows.size());
        all->least = std::min(all->least, *value);
        all->most = std::max(all->most, *value);
    }
    if (all && std::isnan(all->mean)) all->least = all->most = all->mean;
    return all;
}

json::value summaryJson(const std::optional<SweepSummary>& summary) {
    if (!summary) return nullptr;
    return {{"mean", number(summary->mean)}, {"min", number(summary->least)}, {"max", number(summary->most)}};
}

/// A table has one line a run.
std::string onOneLine(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::string summaryText(const char* pattern, const std::optional<SweepSummary>& summary) {
    if (!summary) return "-";
    return rounded(pattern, summary->mean) + " (" + rounded(pattern, summary->least) + " to " +
           rounded(pattern, summary->most) + ")";
}

}  // namespace

SweepRow rowOf(std::vector<std::string> values, const Report& report) {
    std::int64_t payload = 0;
    for (const LinkReport& link : report.links) payload += link.traffic.payloadBytes;
    return {std::move(values), report.status,  report.error,        report.steps,
            payload,           report.seconds, report.testAccuracy, report.trainLoss};
}

Line SweepTable::keysButSeed() const {
    Line keys = keys_;
    std::erase(keys, kSeed);
    return keys;
}

std::vector<SweepGroup> SweepTable::groups() const {
    const auto seed = std::find(keys_.begin(), keys_.end(), kSeed);
    if (seed == keys_.end()) return {};
    std::vector<SweepGroup> groups;
    std::vector<std::vector<const SweepRow*>> members;
    for (const SweepRow& row : rows_) {
        Line values = row.values;
        values.erase(values.begin() + (seed - keys_.begin()));
        const auto place = static_cast<std::size_t>(
            std::find_if(groups.begin(), groups.end(),
                         [&](const SweepGroup& group) { return group.values == values; }) -
            groups.begin());
        if (place == groups.size()) {
            groups.push_back({.values = values});
            members.emplace_back();
        }
        if (row.status == RunState::Finished) members[place].push_back(&row);
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i].runs = members[i].size();
        groups[i].seconds = summaryOf(members[i], [](const SweepRow& r) { return std::optional(r.seconds); });
        groups[i].testAccuracy = summaryOf(members[i], [](const SweepRow& r) { return r.testAccuracy; });
        groups[i].trainLoss = summaryOf(members[i], [](const SweepRow& r) { return r.trainLoss; });
    }
    return groups;
}

std::string SweepTable::text() const {
    std::vector<Line> lines{
        keys_ + Line{"steps", "seconds", "payload_bytes", "test_accuracy", "train_loss", "status"}};
    for (const SweepRow& row : rows_)
        lines.push_back(
            row.values +
            Line{std::to_string(row.steps), rounded("%.6g", row.seconds), std::to_string(row.payloadBytes),
                 rounded("%.4f", row.testAccuracy), rounded("%.4f", row.trainLoss),
                 std::string(nameOf(row.status)) + (row.error.empty() ? "" : ": " + onOneLine(row.error))});
    std::string text = aligned(lines, keys_.size());
    const auto all = groups();
    if (all.empty()) return text;
    const Line keys = keysButSeed();
    lines = {keys + Line{"runs", "seconds", "test_accuracy", "train_loss"}};
    for (const SweepGroup& group : all)
        lines.push_back(group.values + Line{std::to_string(group.runs), summaryText("%.6g", group.seconds),
                                            summaryText("%.4f", group.testAccuracy),
                                            summaryText("%.4f", group.trainLoss)});
    return text + "\nOver seeds, of the runs that finished: mean (least to most)\n" +
           aligned(lines, lines.front().size());
}

json::array SweepTable::json() const {
    json::array table;
    for (const SweepRow& row : rows_) {
        json::object line;
        for (std::size_t i = 0; i < keys_.size(); ++i) line[keys_[i]] = valueOf(row.values[i]);
        line["steps"] = row.steps;
        line["seconds"] = row.seconds;
        line["payload_bytes"] = row.payloadBytes;
        line["test_accuracy"] = number(row.testAccuracy);
        line["train_loss"] = number(row.trainLoss);
        line["status"] = std::string(nameOf(row.status));
        if (!row.error.empty()) line["error"] = row.error;
        table.push_back(std::move(line));
    }
    return table;
}

json::array SweepTable::groupsJson() const {
    json::array all;
    const Line keys = keysButSeed();
    for (const SweepGroup& group : groups()) {
        json::object line;
        for (std::size_t i = 0; i < keys.size(); ++i) line[keys[i]] = valueOf(group.values[i]);
        line["runs"] = group.runs;
        line["seconds"] = summaryJson(group.seconds);
        line["test_accuracy"] = summaryJson(group.testAccuracy);
        line["train_loss"] = summaryJson(group.trainLoss);
        all.push_back(std::move(line));
    }
    return all;
}

std::string SweepTable::csvHeader() const {
    return csv(keys_ +
               Line{"steps", "seconds", "payload_bytes", "test_accuracy", "train_loss", "status", "error"});
}

std::string SweepTable::csvLine(const SweepRow& row) const {
    return csv(row.values + Line{std::to_string(row.steps), shortest(row.seconds),
                                 std::to_string(row.payloadBytes), shortest(row.testAccuracy),
                                 shortest(row.trainLoss), std::string(nameOf(row.status)), row.error});
}

}  // namespace rondo
