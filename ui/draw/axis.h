#pragma once

#include <QString>
#include <vector>

namespace rondo::ui {

/// The distance between ticks: 1, 2 or 5 times a power of ten, so that at most `most` steps fit in `range`. 0
/// when the range is empty or not finite.
double tickStep(double range, int most);
/// Multiples of `step` in [low, high]; at most 1,000.
std::vector<double> ticksBetween(double low, double high, double step);
/// For a logarithmic axis, at most about `most`: 1, 2 and 5 times powers of ten as long as they fit, else
/// powers of ten, then every other of them, and so on. Empty unless 0 < low < high.
std::vector<double> logTicks(double low, double high, int most);

/// Texts of ticks: as many digits as `step` needs to keep neighbours apart, and the unit that suits the
/// larger of the value and the step. "250 µs", "1.5 s", "2 min 30 s" is never used: seconds stay seconds.
QString timeText(double seconds, double step);
/// A duration by itself, three significant digits: "12.3 ms".
QString durationText(double seconds);
/// "12.3 kB", 1 kB = 1,000 bytes; the unit follows the value.
QString bytesText(double bytes);
/// "12.3 MB/s".
QString rateText(double bytesPerSecond);
/// "1,234,567": groups of three.
QString countText(qint64 count);
/// A plain number with the digits its step needs; very large or small ones as "1e6".
QString numberText(double value, double step);
/// "+4.2 %", "−3 %", "±0 %": how far `measured` is from `predicted`; empty when predicted is 0 or either is
/// not finite.
QString differenceText(double measured, double predicted);

}  // namespace rondo::ui
