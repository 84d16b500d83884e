#include "ui/widgets/fault_marks.h"

#include <QHelpEvent>
#include <QToolTip>

#include "ui/draw/fault_paint.h"

namespace rondo::ui {

FaultMarks::FaultMarks(QCustomPlot& plot, const RunStore& store, const Theme& theme, XOf xOf)
    : QCPLayerable(&plot, QStringLiteral("grid")), store_(store), theme_(theme), xOf_(std::move(xOf)) {
    plot.installEventFilter(this);
    connect(&store, &RunStore::changed, this, [this](const RunStore::Changes& changes) {
        if (changes.faults) mParentPlot->replot(QCustomPlot::rpQueuedReplot);
    });
}

double FaultMarks::reached() const {
    return store_.steps().empty() ? 0 : store_.steps().back().seconds;
}

double FaultMarks::pixelOf(double seconds) const {
    return mParentPlot->xAxis->coordToPixel(xOf_(seconds).value_or(mParentPlot->xAxis->range().upper));
}

QRect FaultMarks::clipRect() const {
    return mParentPlot->axisRect()->rect();
}

void FaultMarks::draw(QCPPainter* painter) {
    if (store_.faults().empty() || store_.steps().empty()) return;
    const QRectF area = mParentPlot->axisRect()->rect();
    const auto layout = FaultLayout::of(
        timesOf(store_.faults()), [this](double s) { return pixelOf(s); }, reached(), area.left(),
        area.right());
    paintFaults(*painter, layout, store_.faults(), store_.workers(), area, theme_);
}

QString FaultMarks::tipAt(QPointF pixel) const {
    const auto& faults = store_.faults();
    if (faults.empty() || store_.steps().empty() || !clipRect().contains(pixel.toPoint())) return {};
    const auto which = faultsAt(
        timesOf(faults), [this](double s) { return pixelOf(s); }, reached(), pixel.x());
    return faultTips(faults, which, store_.spec(), store_.workers());
}

bool FaultMarks::eventFilter(QObject*, QEvent* event) {
    if (event->type() != QEvent::ToolTip) return false;
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tipAt(help->pos()), mParentPlot);
    return true;
}

}  // namespace rondo::ui
