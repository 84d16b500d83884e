#include "app/cli/report_text.h"

#include <cstdio>
#include <optional>

namespace rondo::cli {

namespace {

template <class... Args>
std::string row(const char* name, const char* pattern, Args... args) {
    char text[200], whole[256];
    std::snprintf(text, sizeof text, pattern, args...);
    std::snprintf(whole, sizeof whole, "%-18s %s\n", name, text);
    return whole;
}

/// What theory says of so many steps: a run may end before its plan.
std::string theoryOf(const Report& report) {
    const auto number = [&](const char* name) -> std::optional<double> {
        const auto* value = report.predicted.if_contains(name);
        return value && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
    };
    const auto steps = static_cast<double>(report.steps);
    std::optional<double> seconds = number("seconds");
    if (const auto each = number("step_seconds"); each && number("steps") != steps) seconds = *each * steps;
    if (!seconds || *seconds <= 0) return {};
    char text[120];
    std::snprintf(text, sizeof text, "  (theory says %.6g s, %+.2f %%)", *seconds,
                  100 * (report.seconds / *seconds - 1));
    return text;
}

}  // namespace

std::string reportText(const Report& report) {
    std::string text = row("status", "%s%s%s", std::string(nameOf(report.status)).c_str(),
                           report.error.empty() ? "" : ": ", report.error.c_str());
    text += row("steps", "%lld", static_cast<long long>(report.steps));
    if (report.testAccuracy) text += row("test accuracy", "%.2f %%", 100 * *report.testAccuracy);
    if (report.testLoss) text += row("test loss", "%.4f", *report.testLoss);
    if (report.trainLoss) text += row("train loss", "%.4f", *report.trainLoss);
    const bool isVirtual = report.spec.runOn == RunOn::Virtual;
    text +=
        row(isVirtual ? "virtual seconds" : "seconds", "%.6g%s", report.seconds, theoryOf(report).c_str());
    if (isVirtual) text += row("wall seconds", "%.2f", report.wallSeconds);
    text += row("samples/s", "%.0f", report.samplesPerSecond);
    LinkTraffic all;
    for (const LinkReport& link : report.links) all += link.traffic;
    text += row("payload sent", "%.3f MB in %lld messages", static_cast<double>(all.payloadBytes) / 1e6,
                static_cast<long long>(all.messages));
    if (report.weightsL2) text += row("weights", "L2 %.6f, moved %.6f", *report.weightsL2, *report.updateL2);
    return text;
}

}  // namespace rondo::cli
