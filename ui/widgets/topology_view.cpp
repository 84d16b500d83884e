#include "ui/widgets/topology_view.h"

#include <QContextMenuEvent>
#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPushButton>
#include <QToolTip>
#include <algorithm>

#include "engine/algorithms/algorithm.h"
#include "engine/algorithms/graph.h"
#include "ui/draw/axis.h"
#include "ui/draw/gossip_graph.h"
#include "ui/draw/phase_words.h"
#include "ui/draw/rank_words.h"
#include "ui/store/lookup.h"

namespace rondo::ui {

namespace {

constexpr int kFrameMs = 16;
constexpr int kMostWorkers = 2048;  // more dots than that can't be told apart
constexpr int kMostDrawn = 64;      // workers between which one can draw

}  // namespace

TopologyView::TopologyView(const RunStore& store, Focus& focus, QWidget* parent)
    : QWidget(parent), store_(store), focus_(focus), edit_(new QPushButton(this)) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Topology"));
    setAccessibleDescription(
        tr("The workers and the links between them. Arrow keys move the selection, L goes "
           "through the links of a worker, Shift+F10 opens what can be done to it."));
    edit_->setText(tr("Edit this graph"));
    edit_->setToolTip(tr("Makes it a list of links with the same links, to which others can be drawn"));
    edit_->setFocusPolicy(Qt::StrongFocus);
    edit_->setStyleSheet(QStringLiteral("QPushButton { padding: 1px 10px; }"));  // no higher than a line
    connect(edit_, &QPushButton::clicked, this, &TopologyView::editWanted);
    clock_.start();
    messagesTaken_ = store_.messagesEver();
    frame_.setInterval(kFrameMs);
    connect(&frame_, &QTimer::timeout, this, [this] {
        if (dots_.idle()) frame_.stop();
        update();
    });
    connect(&store_, &RunStore::changed, this, &TopologyView::onChanged);
    connect(&focus_, &Focus::cursorChanged, this, [this] { update(); });
    connect(&focus_, &Focus::selectionChanged, this, [this] { update(); });
    takeSettings();
}

void TopologyView::setTheme(const Theme& theme) {
    theme_ = theme;
    edit_->setFont(captionFont(theme));
    relayout();
}

void TopologyView::setInvites(bool toRun) {
    if (invites_ == toRun) return;
    invites_ = toRun;
    relayout();
}

void TopologyView::setPreview(const RunSpec& spec) {
    preview_ = spec;
    if (!store_.hasRun()) takeSettings();
}

const RunSpec& TopologyView::shownSpec() const {
    return store_.hasRun() ? store_.spec() : preview_;
}

void TopologyView::resizeEvent(QResizeEvent*) {
    relayout();
}

void TopologyView::takeSettings() {
    const auto algorithm = makeAlgorithm(shownSpec());
    promised_ = linksOf(*algorithm);
    picture_ = QString::fromStdString(algorithm->picture());
    servers_ = algorithm->servers();
    parts_ = StageWords::of(shownSpec());
    agreement_.clear();
    const RunSpec& spec = shownSpec();
    if (const auto* gossip = std::get_if<GossipAlgorithm>(&spec.algorithm); gossip && spec.workers > 1) {
        const bool connected = makeGraph(*gossip, static_cast<int>(spec.workers)).connected();
        agreement_ = agreementText(algorithm->secondEigenvalue().value_or(1), connected);
    }
    relayout();
}

bool TopologyView::drawable() const {
    const auto* gossip = std::get_if<GossipAlgorithm>(&preview_.algorithm);
    return !store_.hasRun() && gossip && gossip->graph == GraphKind::Edges && preview_.workers > 1 &&
           preview_.workers <= kMostDrawn;
}

void TopologyView::relayout() {
    const auto workers = store_.hasRun() ? store_.workers() : shownSpec().workers;
    std::vector<LinkId> links = promised_;
    // What was really used is drawn, whatever the settings promise.
    for (const auto& [link, counter] : store_.links()) {
        if (counter.payloadBytes > 0) links.push_back(link);
    }
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    linksUsed_ = store_.links().size();
    if (links.size() > kMostLinks) links.clear();
    const double unit = QFontMetricsF(bodyFont(theme_)).height();
    const QRectF canvas = this->canvas();
    workers_ = static_cast<int>(std::clamp<std::int64_t>(workers, 0, kMostWorkers));
    // Beyond what can be drawn, whoever comes after the workers can't be either.
    const int servers = workers <= kMostWorkers ? servers_ : 0;
    layout_ = TopologyLayout::of(workers_, links, canvas.size(), unit, servers,
                                 parts_ ? parts_->mesh : MeshShape{});
    for (QRectF& card : layout_.cards) card.translate(canvas.topLeft());
    for (QRectF& frame : layout_.frames) frame.translate(canvas.topLeft());
    for (LinkBand& band : layout_.bands) {
        band.from += canvas.topLeft();
        band.to += canvas.topLeft();
    }
    placeNotes();
    backgroundStale_ = true;
    update();
}

double TopologyView::titleHeight() const {
    return theme_.fontPixels + 11;
}

void TopologyView::onChanged(const RunStore::Changes& changes) {
    if (changes.reset) {
        dots_.clear();
        messagesTaken_ = 0;
        takeSettings();
    }
    if (changes.links) {
        if (store_.links().size() != linksUsed_) relayout();
        refreshDots();
    }
    // The first fault makes room for its line.
    if (changes.faults && store_.faults().size() == 1) relayout();
    if (changes.spans || changes.links || changes.steps || changes.state || changes.faults) update();
}

void TopologyView::refreshDots() {
    const auto& messages = store_.messages();
    const auto fresh = std::min<quint64>(store_.messagesEver() - messagesTaken_, messages.size());
    // The first batch of a run that is opened whole is history, not traffic.
    const bool history = messagesTaken_ == 0 && store_.over();
    messagesTaken_ = store_.messagesEver();
    if (history || !isVisible() || fresh == 0) return;
    dots_.arrived(std::span<const Message>(messages).last(static_cast<std::size_t>(fresh)), clock_.elapsed());
    if (!frame_.isActive() && !dots_.idle()) frame_.start();
}

double TopologyView::rateOf(LinkId link) const {
    const auto it = store_.links().find(link);
    if (it == store_.links().end()) return 0;
    // Of a run that is over there is no rate now; its mean is what one compares.
    if (store_.over()) {
        return store_.duration() > 0 ? static_cast<double>(it->second.payloadBytes) / store_.duration() : 0;
    }
    return it->second.bytesPerSecond;
}

std::optional<LinkId> TopologyView::linkAt(QPointF point) const {
    return layout_.bandAt(point, 8);
}

bool TopologyView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tipAt(help->pos()), this);
    return true;
}

QString TopologyView::nameOf(int rank) const {
    return parts_ ? parts_->title(rank) : rankName(rank, workers_);
}

QString TopologyView::tipAt(QPointF point) const {
    if (const auto card = layout_.cardAt(point)) {
        QString tip = (parts_ ? parts_->tip(*card) : rankName(*card, workers_)) + faultTipOf(*card);
        const SpanLane* lane = laneOf(store_, *card, Lane::Compute);
        if (!lane) return tip;
        const PhaseShares shares =
            sharesOfStep(*lane, store_.currentStep(*card), std::numeric_limits<std::int64_t>::max());
        for (int phase = 0; phase < kPhases; ++phase) {
            const double share = shares.of[static_cast<std::size_t>(phase)];
            if (share >= 0.005) {
                tip += tr("\n%1: %2, %3 %")
                           .arg(phaseName(static_cast<Phase>(phase), !store_.splitBackward()),
                                durationText(share * shares.total))
                           .arg(std::lround(share * 100));
            }
        }
        return tip;
    }
    if (const auto link = linkAt(point)) {
        const auto it = store_.links().find(*link);
        const QString name = tr("%1 to %2").arg(nameOf(link->from), nameOf(link->to)) + faultTipOf(*link);
        if (it == store_.links().end()) return name + tr("\nNothing sent yet");
        return name + tr("\n%1 payload in %2 messages\n%3")
                          .arg(bytesText(static_cast<double>(it->second.payloadBytes)),
                               countText(it->second.messages), rateText(rateOf(*link)));
    }
    return {};
}

}  // namespace rondo::ui
