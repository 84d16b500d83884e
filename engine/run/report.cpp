#include "engine/run/report.h"

#include <boost/json/value_from.hpp>
#include <cmath>

#include "engine/config/run_spec_json.h"

namespace rondo {

namespace json = boost::json;

namespace {

json::value number(std::optional<double> value) {
    return value && std::isfinite(*value) ? json::value(*value) : json::value(nullptr);
}

/// Without a point where there is nothing behind it.
json::value wholeOr(double value) {
    const auto whole = static_cast<std::int64_t>(value);
    return static_cast<double>(whole) == value ? json::value(whole) : json::value(value);
}

json::object stalenessJson(const std::vector<std::int64_t>& histogram) {
    double sum = 0, count = 0;
    json::array counts;
    for (std::size_t updates = 0; updates < histogram.size(); ++updates) {
        count += static_cast<double>(histogram[updates]);
        sum += static_cast<double>(histogram[updates]) * static_cast<double>(updates);
        counts.push_back(histogram[updates]);
    }
    return {{"mean", number(count > 0 ? std::optional(sum / count) : std::nullopt)},
            {"max", histogram.empty() ? 0 : histogram.size() - 1},
            {"histogram", std::move(counts)}};
}

json::object compressionJson(const CompressionReport& compression) {
    const double ratio = static_cast<double>(compression.denseBytes) /
                         static_cast<double>(std::max<std::int64_t>(1, compression.encodedBytes));
    return {{"dense_bytes", compression.denseBytes},
            {"encoded_bytes", compression.encodedBytes},
            {"ratio", number(compression.encodedBytes > 0 ? std::optional(ratio) : std::nullopt)},
            {"error", number(compression.error)}};
}

json::array faultsJson(const std::vector<FaultHappened>& faults) {
    json::array all;
    for (const FaultHappened& fault : faults) {
        json::object told{{"kind", nameOf(fault.kind)},
                          {"worker", fault.stamp.rank.value},
                          {"step", fault.step},
                          {"at_second", secondsOf(fault.stamp.at)},
                          {"for_seconds", number(fault.seconds)}};
        if (fault.peer.value != kNone) told["peer"] = fault.peer.value;
        if (fault.kind == FaultKind::Slow || fault.kind == FaultKind::DegradeLink)
            told["factor"] = fault.factor;
        all.push_back(std::move(told));
    }
    return all;
}

json::object trafficJson(const Report& report, std::size_t mostLinks) {
    LinkTraffic all;
    std::vector<std::int64_t> sent(report.phases.size()), received(report.phases.size());
    json::array links;
    for (const LinkReport& link : report.links) {
        all += link.traffic;
        sent[link.from.index()] += link.traffic.payloadBytes;
        received[link.to.index()] += link.traffic.payloadBytes;
        if (report.links.size() > mostLinks) continue;
        links.push_back({{"from", link.from.value},
                         {"to", link.to.value},
                         {"payload_bytes", link.traffic.payloadBytes},
                         {"wire_bytes", link.traffic.wireBytes},
                         {"messages", link.traffic.messages}});
    }
    json::array perRank;
    for (std::size_t r = 0; r < sent.size(); ++r)
        perRank.push_back({{"rank", r}, {"sent", sent[r]}, {"received", received[r]}});
    return {{"payload_bytes", all.payloadBytes},
            {"wire_bytes", all.wireBytes},
            {"messages", all.messages},
            {"per_rank", std::move(perRank)},
            {"links", std::move(links)}};
}

}  // namespace

json::object toJson(const Report& report, const ReportLimits& most) {
    json::object out;
    out["status"] = std::string(nameOf(report.status));
    if (!report.error.empty()) out["error"] = report.error;
    out["spec"] = toJson(report.spec);
    out["steps"] = report.steps;
    out["rounds"] = report.rounds;
    out["test_accuracy"] = number(report.testAccuracy);
    out["test_loss"] = number(report.testLoss);
    out["train_loss"] = number(report.trainLoss);
    out["seconds"] = report.seconds;
    out["wall_seconds"] = report.wallSeconds;
    out["samples_per_second"] = number(report.samplesPerSecond);
    out["parameters"] = report.parameters;
    out["weights_sha256"] =
        report.weightsSha256.empty() ? json::value(nullptr) : json::value(report.weightsSha256);
    out["weights_l2"] = number(report.weightsL2);
    out["update_l2"] = number(report.updateL2);
    json::array history;
    const std::size_t entries = report.history.size();
    const std::size_t stride = entries > most.history ? (entries - 1) / most.history + 1 : 1;
    for (std::size_t i = entries == 0 ? 0 : (entries - 1) % stride; i < entries; i += stride) {
        const HistoryEntry& entry = report.history[i];
        json::object& told = history.emplace_back(json::object()).as_object();
        told = {{"step", entry.step},
                {"round", entry.round},
                {"seconds", entry.seconds},
                {"payload_bytes", entry.payloadBytes},
                {"train_loss", number(entry.trainLoss)},
                {"test_accuracy", number(entry.testAccuracy)},
                {"test_loss", number(entry.testLoss)}};
        if (entry.consensusDistance) told["consensus_distance"] = number(entry.consensusDistance);
    }
    out["history"] = std::move(history);
    out["traffic"] = trafficJson(report, most.links);
    json::object phases;
    for (std::size_t r = 0; r < report.phases.size(); ++r) {
        json::object ofRank;
        for (const auto& [phase, seconds] : report.phases[r]) ofRank[nameOf(phase)] = seconds;
        phases[std::to_string(r)] = std::move(ofRank);
    }
    out["phases"] = std::move(phases);
    if (report.stages) {
        out["bubble_fraction"] = number(report.stages->bubbleFraction);
        json::array peaks;
        for (const double peak : report.stages->peakActivations) peaks.push_back(wholeOr(peak));
        out["peak_activations"] = std::move(peaks);
        out["weight_versions"] = json::value_from(report.stages->weightVersions);
        out["weight_delay"] = json::value_from(report.stages->weightDelay);
    }
    if (report.compression) out["compression"] = compressionJson(*report.compression);
    if (!report.faults.empty()) out["faults"] = faultsJson(report.faults);
    if (report.staleness) out["staleness"] = stalenessJson(*report.staleness);
    out["clock_spread_max"] = report.clockSpreadMax;
    if (report.secondEigenvalue) out["second_eigenvalue"] = number(report.secondEigenvalue);
    out["predicted"] = report.predicted;
    out["events_dropped"] = report.eventsDropped;
    return out;
}

}  // namespace rondo
