#pragma once

#include <QObject>
#include <optional>

#include "ui/store/run_store.h"

namespace rondo::ui {

/// The one time cursor and the one selection that all panes share. Thread: GUI only.
class Focus final : public QObject {
    Q_OBJECT
  public:
    using QObject::QObject;
    std::optional<double> cursor() const { return cursor_; }  ///< run seconds
    std::optional<int> rank() const { return rank_; }
    std::optional<LinkId> link() const { return link_; }
    std::optional<int> step() const { return step_; }

    void setCursor(std::optional<double> seconds);
    void selectRank(std::optional<int> rank);  ///< drops a selected link
    void selectLink(std::optional<LinkId> link);
    void selectStep(std::optional<int> step);
    bool clear();  ///< true when a worker, link or step was selected

  Q_SIGNALS:
    void cursorChanged();
    void selectionChanged();

  private:
    std::optional<double> cursor_;
    std::optional<int> rank_, step_;
    std::optional<LinkId> link_;
};

}  // namespace rondo::ui
