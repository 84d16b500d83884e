#include "ui/widgets/bandwidth_view.h"

#include <QContextMenuEvent>
#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/draw/axis.h"
#include "ui/draw/fault_paint.h"
#include "ui/draw/focus_frame.h"
#include "ui/draw/phase_mark.h"
#include "ui/widgets/menu_key.h"

namespace rondo::ui {

namespace {
constexpr int kScrollWidth = 10;
constexpr double kColumnPixels = 3;  // finer columns show single messages, which the timeline does better
}  // namespace

BandwidthView::BandwidthView(const RunStore& store, Focus& focus, QWidget* parent)
    : QWidget(parent), store_(store), focus_(focus), scroll_(new QScrollBar(Qt::Vertical, this)) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Bandwidth"));
    setAccessibleDescription(
        tr("Bytes a second over time and on every link. Up and down keys select a link."));
    connect(scroll_, &QScrollBar::valueChanged, this, [this] { update(); });
    connect(&store_, &RunStore::changed, this, &BandwidthView::onChanged);
    connect(&focus_, &Focus::cursorChanged, this, [this] { update(); });
    connect(&focus_, &Focus::selectionChanged, this, [this] { update(); });
    updateScroll();
}

void BandwidthView::setTheme(const Theme& theme) {
    theme_ = theme;
    updateGeometry();
    updateScroll();
    update();
}

void BandwidthView::onChanged(const RunStore::Changes& changes) {
    if (changes.reset || changes.links) updateScroll();
    if (changes.reset || changes.links || changes.state || changes.faults) update();
}

int BandwidthView::rowHeight() const {
    return theme_.fontPixels + 4;
}

QRect BandwidthView::chartArea() const {
    const int top = theme_.fontPixels + 11;
    const QRect table = tableArea();
    // Beside each other when there is room, else one above the other.
    if (table.left() > 0) return {0, top, table.left() - 4, height() - top - 2};
    return {0, top, width(), table.top() - top - 2};
}

QRect BandwidthView::tableArea() const {
    const int top = theme_.fontPixels + 11;
    if (width() >= 30 * theme_.fontPixels && height() < width()) {
        const int left = width() * 52 / 100;
        return {left, top, width() - left, height() - top - 4};
    }
    const int wanted = static_cast<int>(std::max<std::size_t>(store_.links().size(), 1)) * rowHeight() + 2;
    int tall = std::min(wanted, (height() - top) * 45 / 100);
    // Where both would be too low to read, the chart gets two ticks and the line of its axis, the links the
    // rest; of less than two of them nothing is left.
    const double line = QFontMetricsF(captionFont(theme_)).height();
    tall = std::min(tall, static_cast<int>(height() - top - (2 * 1.7 + 1) * line));
    if (tall < std::min(wanted, 2 * rowHeight())) tall = 0;
    return {0, height() - tall, width(), tall};
}

void BandwidthView::resizeEvent(QResizeEvent*) {
    updateScroll();
}

void BandwidthView::updateScroll() {
    const QRect table = tableArea();
    const int content = static_cast<int>(store_.links().size()) * rowHeight();
    scroll_->setGeometry(table.right() - kScrollWidth + 1, table.top(), kScrollWidth, table.height());
    scroll_->setRange(0, std::max(0, content - table.height()));
    scroll_->setPageStep(table.height());
    scroll_->setVisible(table.height() > 0 && content > table.height());
}

std::optional<double> BandwidthView::linkCapacity() const {
    if (!store_.virtualTime()) return {};
    const double gbit = store_.spec().cluster.link.gbitPerS;
    return gbit > 0 ? std::optional(gbit * 1e9 / 8) : std::nullopt;
}

std::vector<BandwidthView::Row> BandwidthView::rows() const {
    std::vector<Row> rows;
    for (const auto& [link, counter] : store_.links()) rows.push_back({link, counter});
    return rows;
}

double BandwidthView::rateOf(const LinkCounter& counter) const {
    if (!store_.over()) return counter.bytesPerSecond;
    return store_.duration() > 0 ? static_cast<double>(counter.payloadBytes) / store_.duration() : 0;
}

PlotFrame BandwidthView::frame() const {
    const QFontMetricsF metrics(captionFont(theme_));
    PlotFrame frame;
    frame.area = PlotFrame::areaWithin(chartArea(), theme_,
                                       metrics.horizontalAdvance(QStringLiteral("000.0 MB/s")) + 14);
    frame.xHigh = std::max(store_.duration(), 1e-9);
    double most = 0;
    for (const double rate : ratesFor(frame)) most = std::max(most, rate);
    frame.yHigh = most > 0 ? most * 1.12 : 1e6;
    // The capacity belongs into the picture unless it would press the measurement flat.
    if (const auto capacity = totalCapacity(); capacity && most > 0 && *capacity < 4 * most) {
        frame.yHigh = std::max(frame.yHigh, *capacity * 1.1);
    }
    return frame;
}

std::vector<double> BandwidthView::ratesFor(const PlotFrame& frame) const {
    const RateHistory& history = store_.totalRate();
    std::vector<double> rates;
    const auto bins = history.bytes.size();
    const double pixelsPerBin = frame.area.width() * history.binSeconds / frame.xHigh;
    const auto together =
        static_cast<std::size_t>(std::max(1.0, std::ceil(kColumnPixels / std::max(pixelsPerBin, 1e-9))));
    for (std::size_t first = 0; first < bins; first += together) {
        double bytes = 0;
        for (std::size_t i = first; i < std::min(first + together, bins); ++i) bytes += history.bytes[i];
        const double begin = static_cast<double>(first) * history.binSeconds;
        const double whole = static_cast<double>(together) * history.binSeconds;
        // The last column is not full yet: what is there counts over the time there was.
        rates.push_back(bytes / std::max(std::min(whole, frame.xHigh - begin), whole * 0.25));
    }
    return rates;
}

int BandwidthView::cards() const {
    return store_.workers() + serversOf(store_.spec());
}

std::optional<double> BandwidthView::totalCapacity() const {
    const auto one = linkCapacity();
    // Every rank has one network card that sends; the sum over links can't exceed the sum over cards.
    return one ? std::optional(*one * cards()) : std::nullopt;
}

QString BandwidthView::capacityWords(double capacity, bool inside, double room) const {
    const QFontMetricsF metrics(captionFont(theme_));
    const QString most = rateText(capacity);
    const QString choices[] = {
        (inside ? tr("%1 network cards: at most %2") : tr("%1 network cards: at most %2, above"))
            .arg(cards())
            .arg(most),
        (inside ? tr("%1 cards: at most %2") : tr("%1 cards: at most %2, above")).arg(cards()).arg(most),
        inside ? tr("at most %1").arg(most) : tr("at most %1, above").arg(most)};
    for (const QString& words : choices)
        if (metrics.horizontalAdvance(words) <= room) return words;
    return {};
}

void BandwidthView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme_.panel);
    painter.setFont(titleFont(theme_));
    painter.setPen(theme_.text);
    const QRect top(10, 0, width() - 18, theme_.fontPixels + 11);
    painter.drawText(top, Qt::AlignVCenter, tr("Bandwidth"));
    if (store_.links().empty()) {
        painter.setFont(bodyFont(theme_));
        painter.setPen(theme_.mutedText);
        painter.drawText(rect().adjusted(10, top.height(), -10, 0), Qt::AlignCenter | Qt::TextWordWrap,
                         store_.hasRun() && store_.workers() == 1 ? tr("One worker sends nothing.")
                                                                  : tr("Bytes on every link appear here."));
        if (hasFocus()) paintFocusFrame(painter, rect(), theme_);
        return;
    }
    qint64 payload = 0;
    for (const auto& [link, counter] : store_.links()) payload += counter.payloadBytes;
    const double titleWidth = QFontMetricsF(painter.font()).horizontalAdvance(tr("Bandwidth"));
    painter.setFont(captionFont(theme_));
    painter.setPen(theme_.mutedText);
    const QString words =
        tr("%1 payload on %2 links").arg(bytesText(static_cast<double>(payload))).arg(store_.links().size());
    if (QFontMetricsF(painter.font()).horizontalAdvance(words) + titleWidth + 24 < top.width()) {
        painter.drawText(top, Qt::AlignVCenter | Qt::AlignRight, words);
    }
    paintChart(painter);
    paintTable(painter);
    if (hasFocus()) paintFocusFrame(painter, rect(), theme_);
}

void BandwidthView::paintChart(QPainter& painter) const {
    const PlotFrame frame = this->frame();
    if (frame.area.width() < 40 || frame.area.height() < 20) return;
    frame.paintAxes(painter, theme_, timeText, [](double rate, double) { return rateText(rate); });

    const std::vector<double> rates = ratesFor(frame);
    const double reached =
        static_cast<double>(store_.totalRate().bytes.size()) * store_.totalRate().binSeconds;
    const double column = rates.empty() ? 0 : reached / static_cast<double>(rates.size());
    QPainterPath path;
    path.moveTo(frame.area.left(), frame.area.bottom());
    for (std::size_t i = 0; i < rates.size(); ++i) {
        const double begin = static_cast<double>(i) * column, end = std::min(begin + column, frame.xHigh);
        const double y = frame.yOf(std::min(rates[i], frame.yHigh));
        path.lineTo(frame.xOf(begin), y);
        path.lineTo(frame.xOf(end), y);
    }
    const double right = path.currentPosition().x();
    path.lineTo(right, frame.area.bottom());
    QColor fill = theme_.forward;
    fill.setAlpha(theme_.isDark ? 90 : 60);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme_.forward, 1));
    painter.setBrush(fill);
    painter.drawPath(path);
    painter.setRenderHint(QPainter::Antialiasing, false);
    double taken = 0;  // by the words about capacity, from the top
    if (const auto capacity = totalCapacity()) {
        painter.setFont(captionFont(theme_));
        const QFontMetricsF metrics(painter.font());
        const double top = frame.area.top(), high = metrics.height();
        const bool inside = *capacity <= frame.yHigh;
        const double y = inside ? std::round(frame.yOf(*capacity)) + 0.5 : top + 0.5;
        if (inside) {
            painter.setPen(QPen(theme_.text, 1, Qt::DashLine));
            painter.drawLine(QPointF(frame.area.left(), y), QPointF(frame.area.right(), y));
        }
        // Of one link the settings speak in bits; this is the sum.
        const QString words = capacityWords(*capacity, inside, frame.area.width() - 6);
        const double wide = metrics.horizontalAdvance(words) + 6;
        double over = y - 2 - high;  // where it covers no curve, if there is room
        if (over < top && y + 2 + high <= frame.area.bottom()) over = y + 2;
        const QRectF plate(frame.area.right() - wide, over, wide, high);
        QColor ground = theme_.panel;
        ground.setAlpha(200);
        painter.fillRect(plate, ground);
        painter.setPen(theme_.text);
        painter.drawText(plate, Qt::AlignCenter, words);
        taken = std::max(plate.bottom(), y) - top + 2;
    }
    const auto xOf = [&](double seconds) { return frame.xOf(seconds); };
    paintFaults(painter,
                FaultLayout::of(timesOf(store_.faults()), xOf, store_.duration(), frame.area.left(),
                                frame.area.right()),
                store_.faults(), store_.workers(), frame.area, theme_, taken);
    if (focus_.cursor() && *focus_.cursor() <= frame.xHigh) {
        const double x = std::round(frame.xOf(*focus_.cursor()));
        painter.fillRect(QRectF(x, frame.area.top(), 1, frame.area.height()), theme_.accent);
    }
}

void BandwidthView::paintTable(QPainter& painter) const {
    const QRect table = tableArea();
    const std::vector<Row> rows = this->rows();
    painter.save();
    painter.setClipRect(table);
    painter.setFont(captionFont(theme_));
    const QFontMetricsF metrics(painter.font());
    const auto capacity = linkCapacity();
    double most = capacity.value_or(0);
    for (const Row& row : rows) most = std::max(most, rateOf(row.counter));
    const double nameWidth = metrics.horizontalAdvance(QStringLiteral("000 → 000")) * 0.8 + 8;
    const double rateWidth = metrics.horizontalAdvance(QStringLiteral("000.0 MB/s")) + 6;
    const double sumWidth = metrics.horizontalAdvance(QStringLiteral("000.0 MB")) + 8;
    const double right = table.right() - (scroll_->isVisible() ? kScrollWidth : 0) - 6;
    const bool sums = right - table.left() > nameWidth + rateWidth + sumWidth + 40;
    const int high = rowHeight(), first = scroll_->value() / high;
    std::vector<const FaultHappened*> struck;
    for (const FaultHappened& fault : store_.faults())
        if (isOfLink(fault.kind) && activeAt(fault, focus_.cursor().value_or(store_.duration())))
            struck.push_back(&fault);
    for (std::size_t i = static_cast<std::size_t>(first); i < rows.size(); ++i) {
        const double top = table.top() + static_cast<double>(i) * high - scroll_->value();
        if (top > table.bottom()) break;
        const Row& row = rows[i];
        const bool chosen =
            focus_.link() == row.link ||
            (focus_.rank() && (row.link.from == *focus_.rank() || row.link.to == *focus_.rank()));
        const QRectF line(table.left() + 4, top, right - table.left() - 4, high);
        if (chosen) {
            QColor ground = theme_.accent;
            ground.setAlpha(36);
            painter.fillRect(line, ground);
            if (focus_.link() == row.link) painter.fillRect(QRectF(line.left(), top, 3, high), theme_.accent);
        }
        painter.setPen(theme_.text);
        painter.drawText(QRectF(line.left() + 6, top, nameWidth, high), Qt::AlignVCenter,
                         QStringLiteral("%1 → %2").arg(row.link.from).arg(row.link.to));
        if (std::any_of(struck.begin(), struck.end(),
                        [&](const auto* fault) { return strikes(*fault, row.link); }))
            paintFaultMark(
                painter,
                QRectF(line.left() + nameWidth - high * 0.5, top + high * 0.15, high * 0.7, high * 0.7),
                theme_);
        const double rate = rateOf(row.counter);
        painter.drawText(QRectF(right - rateWidth, top, rateWidth - 2, high),
                         Qt::AlignVCenter | Qt::AlignRight, rateText(rate));
        double barRight = right - rateWidth - 4;
        if (sums) {
            painter.setPen(theme_.mutedText);
            painter.drawText(QRectF(barRight - sumWidth, top, sumWidth - 4, high),
                             Qt::AlignVCenter | Qt::AlignRight,
                             bytesText(static_cast<double>(row.counter.payloadBytes)));
            barRight -= sumWidth;
        }
        const QRectF bar(line.left() + 6 + nameWidth, top + high * 0.28,
                         std::max(0.0, barRight - line.left() - 6 - nameWidth), high * 0.44);
        painter.fillRect(bar, theme_.grid);
        if (most > 0)
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * rate / most, bar.height()),
                             theme_.forward);
        if (capacity) {
            painter.fillRect(
                QRectF(bar.left() + bar.width() * *capacity / most - 1, bar.top() - 2, 2, bar.height() + 4),
                theme_.text);
        }
    }
    painter.restore();
}

std::optional<LinkId> BandwidthView::linkAt(QPoint point) const {
    const QRect table = tableArea();
    if (!table.contains(point)) return {};
    const auto row = static_cast<std::size_t>((point.y() - table.top() + scroll_->value()) / rowHeight());
    const auto all = rows();
    return row < all.size() ? std::optional(all[row].link) : std::nullopt;
}

void BandwidthView::mousePressEvent(QMouseEvent* event) {
    if (const auto link = linkAt(event->pos())) focus_.selectLink(*link);
}

void BandwidthView::contextMenuEvent(QContextMenuEvent* event) {
    if (event->reason() == QContextMenuEvent::Keyboard) return openMenuByKey();
    const auto link = linkAt(event->pos());
    if (!link) return;
    focus_.selectLink(*link);
    Q_EMIT menuWanted(event->globalPos());
}

void BandwidthView::openMenuByKey() {
    const auto all = rows();
    if (all.empty()) return;
    const auto here =
        std::find_if(all.begin(), all.end(), [this](const Row& row) { return focus_.link() == row.link; });
    const auto place = here == all.end() ? 0 : here - all.begin();
    focus_.selectLink(all[static_cast<std::size_t>(place)].link);
    const QRect table = tableArea();
    const int y = table.top() + static_cast<int>(place + 1) * rowHeight() - scroll_->value();
    Q_EMIT menuWanted(mapToGlobal(QPoint(table.left() + 20, std::clamp(y, table.top(), table.bottom()))));
}

bool BandwidthView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tipAt(help->pos()), this);
    return true;
}

QString BandwidthView::tipAt(QPoint point) const {
    const auto& faults = store_.faults();
    std::vector<std::size_t> which;
    const PlotFrame frame = this->frame();
    if (!store_.links().empty() && frame.area.contains(point)) {
        which = faultsAt(
            timesOf(faults), [&](double seconds) { return frame.xOf(seconds); }, store_.duration(),
            point.x());
    } else if (const auto link = linkAt(point)) {
        const double moment = focus_.cursor().value_or(store_.duration());
        for (std::size_t i = 0; i < faults.size(); ++i)
            if (strikes(faults[i], *link) && activeAt(faults[i], moment)) which.push_back(i);
    }
    return faultTips(faults, which, store_.spec(), store_.workers());
}

void BandwidthView::mouseMoveEvent(QMouseEvent* event) {
    const PlotFrame frame = this->frame();
    if (store_.links().empty() || !frame.area.contains(event->position())) {
        focus_.setCursor({});
        return;
    }
    focus_.setCursor(frame.xAt(event->position().x()));
}

void BandwidthView::leaveEvent(QEvent*) {
    focus_.setCursor({});
}

void BandwidthView::wheelEvent(QWheelEvent* event) {
    scroll_->setValue(scroll_->value() - event->angleDelta().y() / 3);
    event->accept();
}

void BandwidthView::keyPressEvent(QKeyEvent* event) {
    if (isMenuKey(*event)) return openMenuByKey();
    const auto all = rows();
    const bool down = event->key() == Qt::Key_Down;
    if ((!down && event->key() != Qt::Key_Up) || all.empty()) {
        if (event->key() == Qt::Key_Escape)
            event->setAccepted(focus_.clear());
        else
            QWidget::keyPressEvent(event);
        return;
    }
    const auto here =
        std::find_if(all.begin(), all.end(), [this](const Row& row) { return focus_.link() == row.link; });
    std::ptrdiff_t next = here == all.end() ? (down ? 0 : static_cast<std::ptrdiff_t>(all.size()) - 1)
                                            : here - all.begin() + (down ? 1 : -1);
    next = std::clamp<std::ptrdiff_t>(next, 0, static_cast<std::ptrdiff_t>(all.size()) - 1);
    focus_.selectLink(all[static_cast<std::size_t>(next)].link);
    const int top = static_cast<int>(next) * rowHeight(), page = tableArea().height();
    if (top < scroll_->value()) scroll_->setValue(top);
    if (top + rowHeight() > scroll_->value() + page) scroll_->setValue(top + rowHeight() - page);
}

}  // namespace rondo::ui
