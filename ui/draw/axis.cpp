#include "ui/draw/axis.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace rondo::ui {

namespace {

struct Unit {
    double size;
    const char* name;
};

constexpr std::array kTimeUnits{Unit{1, "s"}, Unit{1e-3, "ms"}, Unit{1e-6, "µs"}, Unit{1e-9, "ns"}};
constexpr std::array kByteUnits{Unit{1e12, "TB"}, Unit{1e9, "GB"}, Unit{1e6, "MB"}, Unit{1e3, "kB"},
                                Unit{1, "B"}};

template <std::size_t N>
const Unit& unitFor(const std::array<Unit, N>& units, double size) {
    // A hair below the border still belongs to the larger unit: 0.9999999 s is 1 s, not 1,000 ms.
    for (const Unit& unit : units) {
        if (size >= unit.size * (1 - 1e-9)) return unit;
    }
    return units.back();
}

int digitsFor(double step) {
    if (!(step > 0)) return 0;
    return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 12);
}

/// Three significant digits, no exponent.
QString threeDigits(double value) {
    const double size = std::abs(value);
    const int digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
    return QString::number(value, 'f', value == std::floor(value) && size < 1000 ? 0 : digits);
}

template <std::size_t N>
QString withUnit(const std::array<Unit, N>& units, double value) {
    if (!std::isfinite(value)) return QStringLiteral("–");
    if (value == 0) return QStringLiteral("0 ") + QString::fromUtf8(units.back().name);
    // Rounding to three digits may reach the next unit.
    const Unit& unit = unitFor(units, std::abs(value) * 1.0005);
    return threeDigits(value / unit.size) + QChar(0x00a0) + QString::fromUtf8(unit.name);
}

}  // namespace

double tickStep(double range, int most) {
    if (!std::isfinite(range) || range <= 0 || most < 1) return 0;
    const double least = range / most;
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= least * (1 - 1e-9)) return factor * power;
    }
    return 10 * power;
}

std::vector<double> ticksBetween(double low, double high, double step) {
    std::vector<double> ticks;
    if (!(step > 0) || !std::isfinite(low) || !std::isfinite(high)) return ticks;
    const double slack = step * 1e-6;
    // Counted, not added up: sums of 0.1 drift.
    for (double n = std::ceil((low - slack) / step); n * step <= high + slack && ticks.size() < 1000; ++n) {
        ticks.push_back(n == 0 ? 0.0 : n * step);
    }
    return ticks;
}

std::vector<double> logTicks(double low, double high, int most) {
    if (!(low > 0) || !(high > low) || !std::isfinite(high)) return {};
    const int first = static_cast<int>(std::floor(std::log10(low))),
              last = static_cast<int>(std::ceil(std::log10(high)));
    const auto within = [&](std::initializer_list<int> digits, int every) {
        std::vector<double> ticks;
        for (int power = first; power <= last; ++power) {
            if (power % every != 0) continue;
            for (const int digit : digits) {
                const double tick = digit * std::pow(10, power);
                if (tick >= low && tick <= high) ticks.push_back(tick);
            }
        }
        return ticks;
    };
    const auto fits = [&](const std::vector<double>& ticks) {
        return ticks.size() <= static_cast<std::size_t>(std::max(most, 2));
    };
    if (auto ticks = within({1, 2, 5}, 1); fits(ticks)) return ticks;
    if (auto ticks = within({1, 3}, 1); fits(ticks)) return ticks;
    for (int every = 1;; ++every)
        if (auto ticks = within({1}, every); fits(ticks)) return ticks;
}

QString timeText(double seconds, double step) {
    const Unit& unit = unitFor(kTimeUnits, std::max(std::abs(seconds), step));
    return QString::number(seconds / unit.size, 'f', digitsFor(step / unit.size)) + QChar(0x00a0) +
           QString::fromUtf8(unit.name);
}

QString durationText(double seconds) {
    if (seconds == 0) return QStringLiteral("0 s");
    return withUnit(kTimeUnits, seconds);
}
QString bytesText(double bytes) {
    return withUnit(kByteUnits, bytes);
}
QString rateText(double bytesPerSecond) {
    return withUnit(kByteUnits, bytesPerSecond) + QStringLiteral("/s");
}

QString countText(qint64 count) {
    QString digits = QString::number(std::abs(count));
    for (qsizetype place = digits.size() - 3; place > 0; place -= 3) digits.insert(place, QLatin1Char(','));
    return count < 0 ? QChar(0x2212) + digits : digits;
}

QString numberText(double value, double step) {
    const double size = std::max(std::abs(value), step);
    if (size >= 1e6 || (size > 0 && size < 1e-4)) return QString::number(value, 'g', 3);
    if (step >= 1 && std::abs(value) >= 10'000) return countText(std::llround(value));
    return QString::number(value, 'f', digitsFor(step));
}

QString differenceText(double measured, double predicted) {
    if (!std::isfinite(measured) || !std::isfinite(predicted) || predicted == 0) return {};
    const double percent = (measured / predicted - 1) * 100;
    const double size = std::abs(percent);
    if (size < 0.05) return QStringLiteral("±0 %");
    const QString sign = percent < 0 ? QString(QChar(0x2212)) : QStringLiteral("+");
    return sign + QString::number(size, 'f', size < 9.95 ? 1 : 0) + QStringLiteral(" %");
}

}  // namespace rondo::ui
