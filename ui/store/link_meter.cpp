#include "ui/store/link_meter.h"

#include <algorithm>

namespace rondo::ui {

double LinkMeter::add(double begin, double arrival, qint64 bytes) {
    recent_.push_back({begin, arrival, bytes});
    bytes_ += bytes;
    while (recent_.size() > kMost ||
           (recent_.size() > kFewest && recent_.front().arrival < arrival - kWindowSeconds)) {
        bytes_ -= recent_.front().bytes;
        recent_.pop_front();
    }
    const double window = arrival - recent_.front().begin;
    return window > 0 ? static_cast<double>(bytes_) / window : 0;
}

void RateHistory::add(double seconds, double amount) {
    if (!(seconds >= 0)) return;
    while (seconds >= binSeconds * kMostBins) {
        for (std::size_t i = 0; i < bytes.size(); i += 2) {
            bytes[i / 2] = bytes[i] + (i + 1 < bytes.size() ? bytes[i + 1] : 0);
        }
        bytes.resize((bytes.size() + 1) / 2);
        binSeconds *= 2;
    }
    const auto bin = std::min(static_cast<std::size_t>(seconds / binSeconds), kMostBins - 1);
    if (bin >= bytes.size()) bytes.resize(bin + 1, 0);
    bytes[bin] += amount;
}

}  // namespace rondo::ui
