#include "engine/algorithms/pipeline/schedule_svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace rondo {

namespace {

constexpr double kLeft = 70, kTop = 44, kWidth = 1400, kLane = 26, kGap = 4, kFoot = 62;
constexpr double kNumberFrom = 15;  ///< width of a box that has room for a number

struct Look {
    const char* colour;
    const char* ink;
    const char* name;
};
Look lookOf(Pass pass) {
    switch (pass) {
        case Pass::Forward:
            return {"#0072B2", "#FFFFFF", "Forward"};
        case Pass::BackwardInput:
            return {"#E69F00", "#000000", "Backward (inputs)"};
        case Pass::BackwardWeight:
            return {"#56B4E9", "#000000", "Backward (weights)"};
        case Pass::Backward:
            return {"#E69F00", "#000000", "Backward"};
    }
    return {"#000000", "#FFFFFF", ""};
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

/// With two decimals, and none that are nothing: a schedule has many numbers.
std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    std::string out = text;
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
    return out;
}

std::string rectangle(double x, double y, double width, double height, const std::string& fill,
                      const std::string& inside = {}) {
    return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" +
           number(height) + "\" fill=\"" + fill + "\"" +
           (inside.empty() ? std::string("/>") : ">" + inside + "</rect>") + "\n";
}

std::string words(double x, double y, const std::string& what, const std::string& style) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" " + style + ">" + escaped(what) +
           "</text>\n";
}

/// With lines aslant, each drawn: not every program that shows SVG knows patterns.
std::string hatched(double x, double y, double width, double height, const std::string& fill,
                    const std::string& stroke) {
    constexpr double apart = 7;
    std::string lines;
    // A line goes from (at, bottom) to (at + height, top), where x = 0 is the left edge; as much as is
    // inside.
    for (double at = apart / 2 - std::ceil(height / apart) * apart; at < width; at += apart) {
        const double from = std::max(at, 0.0), to = std::min(at + height, width);
        if (to <= from) continue;
        lines += "M" + number(x + from) + " " + number(y + height - (from - at)) + "L" + number(x + to) +
                 " " + number(y + height - (to - at));
    }
    std::string out = rectangle(x, y, width, height, fill);
    if (!lines.empty()) out += "<path d=\"" + lines + "\" stroke=\"" + stroke + "\" fill=\"none\"/>\n";
    return out;
}

std::string bubble(double x, double y, double width, double height) {
    return hatched(x, y, width, height, "#ECECEC", "#9A9A9A");
}
/// A forward that is repeated.
std::string again(double x, double y, double width, double height) {
    return hatched(x, y, width, height, "#0072B2", "#FFFFFF");
}

std::string laneOf(const PipelineSchedule& schedule, const std::vector<PipelineSpan>& spans, double y,
                   double scale) {
    std::string out;
    double free = spans.front().begin;
    for (const PipelineSpan& span : spans) {
        if (span.begin > free) out += bubble(kLeft + free * scale, y, (span.begin - free) * scale, kLane);
        free = span.end;
        const Look look = lookOf(span.op.pass);
        const double x = kLeft + span.begin * scale, width = (span.end - span.begin) * scale;
        out += rectangle(x, y, std::max(width - 0.5, 0.2), kLane, look.colour,
                         "<title>" + nameOf(span.op, schedule.chunks) + ", " + number(span.begin) + " to " +
                             number(span.end) + "</title>");
        if (span.recomputed > 0) out += again(x, y, std::max(span.recomputed * scale, 0.2), kLane);
        if (width >= kNumberFrom)
            out += words(x + (width + span.recomputed * scale) / 2, y + kLane / 2 + 4,
                         std::to_string(span.op.microBatch),
                         std::string("text-anchor=\"middle\" fill=\"") + look.ink + "\"");
    }
    return out;
}

}  // namespace

std::string svgOf(const PipelineSchedule& schedule, const PlayedSchedule& played, const std::string& title) {
    const double scale = played.makespan > 0 ? kWidth / played.makespan : 0;
    const double lanes = static_cast<double>(played.stages.size()) * (kLane + kGap);
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(kLeft + kWidth + 20) +
                      "\" height=\"" + number(kTop + lanes + kFoot) +
                      "\" font-family=\"sans-serif\" font-size=\"12\">\n" +
                      rectangle(0, 0, kLeft + kWidth + 20, kTop + lanes + kFoot, "#FFFFFF") +
                      words(10, 24, title, "font-size=\"16\" font-weight=\"bold\"");
    double y = kTop;
    bool parts = false, whole = false, weights = false, repeats = false;
    for (std::size_t stage = 0; stage < played.stages.size(); ++stage, y += kLane + kGap) {
        out += words(10, y + kLane / 2 + 4, "Stage " + std::to_string(stage), "");
        const auto& spans = played.stages[stage];
        if (spans.empty()) continue;
        out += laneOf(schedule, spans, y, scale);
        for (const PipelineSpan& span : spans) {
            whole = whole || span.op.pass == Pass::Backward;
            parts = parts || span.op.pass == Pass::BackwardInput;
            weights = weights || span.op.pass == Pass::BackwardWeight;
            repeats = repeats || span.recomputed > 0;
        }
    }
    double x = kLeft;
    const auto legend = [&](const std::string& box, const char* name) {
        out += box + words(x + 20, y + 20, name, "");
        x += 150;
    };
    const auto filled = [&](const char* colour, const char* name) {
        legend(rectangle(x, y + 10, 14, 12, colour), name);
    };
    filled(lookOf(Pass::Forward).colour, lookOf(Pass::Forward).name);
    if (whole) filled(lookOf(Pass::Backward).colour, lookOf(Pass::Backward).name);
    if (parts) filled(lookOf(Pass::BackwardInput).colour, lookOf(Pass::BackwardInput).name);
    if (weights) filled(lookOf(Pass::BackwardWeight).colour, lookOf(Pass::BackwardWeight).name);
    if (repeats) legend(again(x, y + 10, 14, 12), "Forward again");
    legend(bubble(x, y + 10, 14, 12), "Bubble");
    out += words(kLeft, y + 46,
                 "Cost " + number(played.cost) + ", bubble " + number(100 * played.bubbleRate) + " %", "");
    return out + "</svg>\n";
}

}  // namespace rondo
