#include "ui/store/focus.h"

namespace rondo::ui {

void Focus::setCursor(std::optional<double> seconds) {
    if (cursor_ == seconds) return;
    cursor_ = seconds;
    Q_EMIT cursorChanged();
}

void Focus::selectRank(std::optional<int> rank) {
    if (rank_ == rank && !link_) return;
    rank_ = rank;
    link_.reset();
    Q_EMIT selectionChanged();
}

void Focus::selectLink(std::optional<LinkId> link) {
    if (link_ == link && !rank_) return;
    link_ = link;
    rank_.reset();
    Q_EMIT selectionChanged();
}

void Focus::selectStep(std::optional<int> step) {
    if (step_ == step) return;
    step_ = step;
    Q_EMIT selectionChanged();
}

bool Focus::clear() {
    setCursor({});
    if (!rank_ && !link_ && !step_) return false;
    rank_.reset();
    link_.reset();
    step_.reset();
    Q_EMIT selectionChanged();
    return true;
}

}  // namespace rondo::ui
