#pragma once

#include <QAbstractTableModel>

#include "ui/draw/theme.h"
#include "ui/store/kept_runs.h"

namespace rondo::ui {

/// The table of kept runs; after them a row of mean and range for every group of runs that differ only in
/// their seed. The first column holds colour and line, whether it is drawn, and a name that can be changed.
class ComparisonModel final : public QAbstractTableModel {
    Q_OBJECT
  public:
    enum Column {
        Name,
        Workers,
        Steps,
        Seconds,
        Payload,
        Accuracy,
        Loss,
        SecondsToTarget,
        StepsToTarget,
        BytesToTarget,
        Status,
        Algorithm,
        kColumns
    };
    explicit ComparisonModel(KeptRuns& kept, QObject* parent = nullptr);
    void setTarget(double accuracy);  ///< 0–1
    double target() const { return target_; }
    void setTheme(const Theme& theme);
    /// Of a row that is a run.
    std::optional<int> idOf(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

  private:
    const KeptRuns::Entry* entryAt(int row) const;
    const KeptRuns::Group* groupAt(int row) const;
    std::optional<double> figure(const KeptRun& run, int column) const;
    QString textOf(const KeptRun& run, int column) const;
    QString textOf(const KeptRuns::Group& group, int column) const;

    KeptRuns& kept_;
    Theme theme_ = Theme::light();
    double target_ = 0.9;
    int rows_ = 0;  ///< as the views know them
};

}  // namespace rondo::ui
