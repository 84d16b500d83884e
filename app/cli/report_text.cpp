#include "app/cli/report_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "app/cli/parts_text.h"

namespace rondo::cli {

namespace {

std::string row(const char* name, const std::string& text) {
    char head[32];
    std::snprintf(head, sizeof head, "%-18s ", name);
    return head + text + '\n';
}
template <class... Args>
requires(sizeof...(Args) > 0) std::string row(const char* name, const char* pattern, Args... args) {
    char text[200];
    std::snprintf(text, sizeof text, pattern, args...);
    return row(name, std::string(text));
}

std::optional<double> predictedOf(const Report& report, const char* name) {
    const auto* value = report.predicted.if_contains(name);
    return value && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

/// What theory says of so many steps: a run may end before its plan.
std::string theoryOf(const Report& report) {
    const auto number = [&](const char* name) { return predictedOf(report, name); };
    const auto steps = static_cast<double>(report.steps);
    std::optional<double> seconds = number("seconds");
    if (const auto each = number("step_seconds"); each && number("steps") != steps) seconds = *each * steps;
    if (!seconds || *seconds <= 0) return {};
    char text[120];
    std::snprintf(text, sizeof text, "  (theory%s says %.6g s, %+.2f %%)",
                  report.faults.empty() ? "" : " without faults", *seconds,
                  100 * (report.seconds / *seconds - 1));
    return text;
}

std::string stagesOf(const Report& report) {
    const StagesReport& stages = *report.stages;
    std::string text;
    if (stages.bubbleFraction) {
        char head[120], theory[60] = "";
        if (const auto expected = predictedOf(report, "bubble_fraction"))
            std::snprintf(theory, sizeof theory, "  (theory says %.2f %%)", 100 * *expected);
        std::snprintf(head, sizeof head, "%.2f %%%s", 100 * *stages.bubbleFraction, theory);
        text += row("bubble", std::string(head));
        if (const std::string form = bubbleTheoryText(report.spec); !form.empty()) text += row("", form);
    }
    if (!stages.peakActivations.empty())
        text += row("peak activations", byStageText(stages.peakActivations) + " micro-batches, by stage");
    const auto& versions = stages.weightVersions;
    if (!versions.empty())
        text +=
            row("weight versions", byStageText({versions.begin(), versions.end()}) + " at once, by stage");
    const auto& delay = stages.weightDelay;
    if (std::any_of(delay.begin(), delay.end(), [](auto updates) { return updates > 0; }))
        text += row("weight delay", byStageText({delay.begin(), delay.end()}) + " updates, by stage");
    return text;
}

std::string compressionOf(const Report& report) {
    const CompressionReport& compression = *report.compression;
    if (compression.encodedBytes == 0) return row("compression", std::string("nothing was sent"));
    const double ratio =
        static_cast<double>(compression.denseBytes) / static_cast<double>(compression.encodedBytes);
    char text[160], theory[60] = "", error[60] = "";
    if (const auto expected = predictedOf(report, "compression_ratio"))
        std::snprintf(theory, sizeof theory, " (theory says %.6g)", *expected);
    if (compression.error)
        std::snprintf(error, sizeof error, ", %.3g of a gradient's length left out", *compression.error);
    std::snprintf(text, sizeof text, "%.6g times fewer bytes%s%s", ratio, theory, error);
    return row("compression", std::string(text));
}

std::string stalenessOf(const Report& report) {
    double updates = 0, gradients = 0;
    for (std::size_t age = 0; age < report.staleness->size(); ++age) {
        const auto count = static_cast<double>((*report.staleness)[age]);
        gradients += count;
        updates += count * static_cast<double>(age);
    }
    if (gradients == 0) return {};
    return row("staleness", "%.3g updates on average, at most %d; clocks at most %lld apart",
               updates / gradients, static_cast<int>(report.staleness->size()) - 1,
               static_cast<long long>(report.clockSpreadMax));
}

std::string faultsOf(const Report& report) {
    constexpr std::size_t kMost = 5;
    std::string text;
    for (std::size_t i = 0; i < report.faults.size(); ++i) {
        const FaultHappened& fault = report.faults[i];
        if (i == kMost) {
            text += row("", "and %zu more, which the JSON report lists", report.faults.size() - kMost);
            break;
        }
        const std::string who = "worker " + std::to_string(fault.stamp.rank.value) +
                                (fault.peer.value == kNone ? "" : " and " + std::to_string(fault.peer.value));
        char when[80], length[40] = "";
        std::snprintf(when, sizeof when, " at %.6g s, step %d", secondsOf(fault.stamp.at), fault.step);
        if (std::isfinite(fault.seconds)) std::snprintf(length, sizeof length, ", for %.6g s", fault.seconds);
        text += row(i == 0 ? "faults" : "", std::string(nameOf(fault.kind)) + ": " + who + when + length);
    }
    return text;
}

}  // namespace

std::string reportText(const Report& report) {
    std::string text =
        row("status", std::string(nameOf(report.status)) + (report.error.empty() ? "" : ": " + report.error));
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
    if (report.stages) text += stagesOf(report);
    if (report.compression) text += compressionOf(report);
    if (report.staleness) text += stalenessOf(report);
    if (report.secondEigenvalue) text += row("second eigenvalue", "%.4f", *report.secondEigenvalue);
    text += faultsOf(report);
    if (report.weightsL2) text += row("weights", "L2 %.6f, moved %.6f", *report.weightsL2, *report.updateL2);
    return text;
}

}  // namespace rondo::cli
