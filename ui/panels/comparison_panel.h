#pragma once

#include <QWidget>

#include "ui/draw/theme.h"
#include "ui/panels/comparison_model.h"

class QAction;
class QDoubleSpinBox;
class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace rondo::ui {

/// The kept runs: which are drawn, what became of each, and the table as a file or on the clipboard. Without
/// any it says how to come by some. Thread: GUI only.
class ComparisonPanel final : public QWidget {
    Q_OBJECT
  public:
    /// The two actions are the window's; they must outlive the panel.
    ComparisonPanel(KeptRuns& kept, QAction& keep, QAction& reference, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QTableView& table() { return *table_; }
    ComparisonModel& model() { return *model_; }
    /// Empty when the file was written, else why not.
    QString exportTo(const QString& file) const;
    QSize minimumSizeHint() const override;

  Q_SIGNALS:
    void exported(const QString& file);
    void exportFailed(const QString& why);

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void refresh();
    void fitColumns();
    void removeSelected();
    void copy() const;
    void askAndExport();
    void toggleSelected();
    std::vector<int> selected() const;

    KeptRuns& kept_;
    Theme theme_ = Theme::light();
    ComparisonModel* model_;
    QTableView* table_;
    QStackedWidget* pages_;
    QDoubleSpinBox* target_;
    QToolButton *remove_, *putBack_, *copy_, *export_;
};

}  // namespace rondo::ui
