// What a person does to workers and links themselves: faults, and graphs drawn by hand.
#include <QMenu>
#include <QStatusBar>
#include <boost/json/object.hpp>

#include "engine/config/run_spec_json.h"
#include "ui/draw/gossip_graph.h"
#include "ui/draw/rank_words.h"
#include "ui/setup/setup_form.h"
#include "ui/widgets/bandwidth_view.h"
#include "ui/widgets/timeline_view.h"
#include "ui/widgets/topology_view.h"
#include "ui/window/fault_menu.h"
#include "ui/window/main_window.h"

namespace rondo::ui {

namespace {

constexpr int kSaidMs = 8000;

const GossipAlgorithm& graphOf(const SettingsDocument& document) {
    static const GossipAlgorithm none;
    const auto* gossip = std::get_if<GossipAlgorithm>(&document.validSpec().algorithm);
    return gossip ? *gossip : none;
}

/// As one change, which undo takes back.
void setGraph(SettingsDocument& document, const GossipAlgorithm& graph) {
    RunSpec spec = document.validSpec();
    if (!std::holds_alternative<GossipAlgorithm>(spec.algorithm)) return;
    spec.algorithm = graph;
    document.change("algorithm", toJson(spec).as_object().at("algorithm"), false);
}

}  // namespace

void MainWindow::connectCanvas() {
    auto* faults = new FaultMenu({store_, focus_, controller_, document_}, this);
    const auto open = [this, faults](const QPoint& place) {
        QMenu menu(this);
        if (topology_->drawable()) fillDrawingMenu(menu);
        faults->fill(menu);
        if (!menu.isEmpty()) menu.exec(place);
    };
    connect(topology_, &TopologyView::menuWanted, this, open);
    connect(bandwidth_, &BandwidthView::menuWanted, this, open);
    connect(timeline_, &TimelineView::menuWanted, this, open);
    connect(faults, &FaultMenu::said, this,
            [this](const QString& text) { statusBar()->showMessage(text, kSaidMs); });
    connect(faults, &FaultMenu::added, this,
            [this](const std::string& path) { setup_->reveal(QString::fromStdString(path)); });

    connect(topology_, &TopologyView::linkDrawn, this,
            [this](int a, int b) { setGraph(document_, withLink(graphOf(document_), a, b)); });
    connect(topology_, &TopologyView::linkRemoved, this,
            [this](int a, int b) { setGraph(document_, withoutLink(graphOf(document_), a, b)); });
    connect(topology_, &TopologyView::editWanted, this, [this] {
        const int workers = static_cast<int>(document_.validSpec().workers);
        setGraph(document_, drawnGraph(graphOf(document_), workers));
        topology_->setFocus();
    });
}

void MainWindow::fillDrawingMenu(QMenu& menu) {
    if (const auto link = focus_.link()) {
        menu.addAction(tr("Remove this link"), topology_, [this, link = *link] {
            focus_.selectLink({});
            Q_EMIT topology_->linkRemoved(link.from, link.to);
        });
        return;
    }
    const auto rank = focus_.rank();
    if (!rank) return;
    const int workers = static_cast<int>(document_.validSpec().workers);
    QMenu* others = menu.addMenu(tr("Link %1 with").arg(rankName(*rank, workers).toLower()));
    for (int other = 0; other < workers; ++other) {
        if (other == *rank || hasLink(graphOf(document_), *rank, other)) continue;
        others->addAction(rankName(other, workers), topology_,
                          [this, a = *rank, other] { Q_EMIT topology_->linkDrawn(a, other); });
    }
    others->setEnabled(!others->isEmpty());
}

}  // namespace rondo::ui
