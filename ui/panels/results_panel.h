#pragma once

#include <QScrollArea>

#include "ui/store/outcome.h"
#include "ui/store/run_store.h"

class QGridLayout;
class QLabel;

namespace rondo::ui {

/// The report of the run that is shown, in a table: measured beside predicted, with the difference in
/// percent.
class ResultsPanel final : public QScrollArea {
    Q_OBJECT
  public:
    explicit ResultsPanel(const RunStore& store, QWidget* parent = nullptr);
    QString cell(const QString& name, int column) const;  ///< 0 measured, 1 predicted, 2 difference

    QString theory() const { return theory_; }  ///< in words, below the table; of pipelines

  private:
    struct Row {
        QString name, measured, predicted, difference, tip = {};
    };
    std::vector<Row> rowsByStage(const Outcome& outcome) const;
    void refresh();
    std::vector<Row> rows() const;

    const RunStore& store_;
    std::vector<Row> shown_;
    QString theory_;
};

}  // namespace rondo::ui
