#pragma once

#include <limits>

#include "engine/config/run_spec.h"

namespace rondo {

/// One kind of link in the α-β model.
struct LinkTerms {
    double latency = 0;  ///< α, seconds
    double bytesPerSecond =
        std::numeric_limits<double>::infinity();  ///< β; infinity: messages are pure delay
    double seconds(double bytes) const { return latency + bytes / bytesPerSecond; }
    static LinkTerms slower(const LinkTerms& a, const LinkTerms& b);
};

/// The α-β network as theory sees it. Of unlike cards the slowest counts everywhere, so that seconds are
/// exact where all are alike and an estimate elsewhere.
struct NetworkTerms {
    int ranks = 1;
    LinkTerms link;
    int groupSize = 0;  ///< neighbouring ranks that are near each other; 0: all are
    LinkTerms between;  ///< from group to group
    LinkTerms linkOf(int a, int b) const {
        return groupSize > 0 && a / groupSize != b / groupSize ? between : link;
    }
    /// The slowest link there is.
    LinkTerms slowest() const { return groupSize > 0 && groupSize < ranks ? between : link; }
};

/// Of the modelled cluster in the settings; only cards that some rank has count.
NetworkTerms networkTermsOf(const ClusterSpec& cluster, int ranks);

}  // namespace rondo
