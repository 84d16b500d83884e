#pragma once

#include "ui/draw/custom_plot.h"

namespace rondo::ui {

/// Ticks of a logarithmic axis. QCPAxisTickerLog names powers of ten alone, of which a loss between 0.02 and
/// 0.8 passes one.
class LogTicker final : public QCPAxisTicker {
  protected:
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
    int getSubTickCount(double tickStep) override;
};

}  // namespace rondo::ui
