#include "engine/comm/network_terms.h"

#include <algorithm>

namespace rondo {

LinkTerms LinkTerms::slower(const LinkTerms& a, const LinkTerms& b) {
    return {std::max(a.latency, b.latency), std::min(a.bytesPerSecond, b.bytesPerSecond)};
}

NetworkTerms networkTermsOf(const ClusterSpec& cluster, int ranks) {
    NetworkTerms terms;
    terms.ranks = ranks;
    if (cluster.times.messageMs) {
        terms.link.latency = *cluster.times.messageMs * 1e-3;
        return terms;
    }
    // Every rank's own card; the common link counts only where somebody uses it.
    std::int64_t usesLatency = ranks, usesBandwidth = ranks;
    const double second = cluster.link.secondGbitPerS.value_or(0);
    double latencyUs = 0, gbitPerS = std::numeric_limits<double>::infinity();
    for (const WorkerOverride& exception : cluster.overrides) {
        if (exception.latencyUs) --usesLatency, latencyUs = std::max(latencyUs, *exception.latencyUs);
        if (exception.gbitPerS) --usesBandwidth, gbitPerS = std::min(gbitPerS, *exception.gbitPerS);
    }
    if (usesLatency > 0) latencyUs = std::max(latencyUs, cluster.link.latencyUs);
    if (usesBandwidth > 0) gbitPerS = std::min(gbitPerS, cluster.link.gbitPerS);
    terms.link = {latencyUs * 1e-6, (gbitPerS + second) * 1e9 / 8};
    terms.groupSize = static_cast<int>(cluster.groups.size);
    terms.between =
        LinkTerms::slower(terms.link, {cluster.groups.latencyUs * 1e-6, cluster.groups.gbitPerS * 1e9 / 8});
    return terms;
}

}  // namespace rondo
