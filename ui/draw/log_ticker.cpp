#include "ui/draw/log_ticker.h"

#include "ui/draw/axis.h"

namespace rondo::ui {

QVector<double> LogTicker::createTickVector(double, const QCPRange& range) {
    const auto ticks = logTicks(range.lower, range.upper, tickCount());
    return {ticks.begin(), ticks.end()};
}

int LogTicker::getSubTickCount(double) {
    return 0;
}

}  // namespace rondo::ui
