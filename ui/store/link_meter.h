#pragma once

#include <QtGlobal>
#include <deque>
#include <vector>

namespace rondo::ui {

/// What one direction of a link carried.
struct LinkCounter {
    qint64 payloadBytes = 0, messages = 0;
    double bytesPerSecond =
        0;  ///< of run time, over the last window (half a second, or the last 20 messages if slower)
};

/// The messages of one link's last window, for its rate. Holds at most 256: of a busier link the window gets
/// shorter.
class LinkMeter {
  public:
    static constexpr double kWindowSeconds = 0.5;
    static constexpr std::size_t kFewest = 20, kMost = 256;
    /// Times in run seconds; arrivals nearly in order. Returns bytes a second over the window that ends now.
    double add(double begin, double arrival, qint64 bytes);

  private:
    struct Carried {
        double begin, arrival;
        qint64 bytes;
    };
    std::deque<Carried> recent_;
    qint64 bytes_ = 0;
};

/// Bandwidth over time: bytes that arrived in each bin of run time. Bins double in width when there are more
/// than 512, so the cost of drawing stays constant.
struct RateHistory {
    static constexpr std::size_t kMostBins = 512;
    double binSeconds = 1e-3;
    std::vector<double> bytes;

    void add(double seconds, double amount);
};

}  // namespace rondo::ui
