#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "engine/algorithms/pipeline/stage_plan.h"
#include "ui/draw/theme.h"

class QLabel;
class QPushButton;

namespace rondo::ui {

/// A stage as the table has it.
struct StageRow {
    QString layers;
    std::int64_t parameters = 0;
    double seconds = 0;  ///< forward and backward of one micro-batch
    double bytes = 0;    ///< weights with all that is kept beside them, and activations at their peak
};

/// What the stages of these settings have; empty without stages. Only settings that passed validation.
std::vector<StageRow> stageRows(const RunSpec& spec);

/// The settings with stage `stage` beginning a layer earlier (−1) or later (+1), cut by hand; empty where a
/// stage would be left without a layer, where the stage is the first, or where stages have several chunks.
std::optional<RunSpec> withCutMoved(const RunSpec& spec, int stage, int by);

/// The stages of a pipeline in the form: layers, parameters, time, memory, the slowest marked. Up and Down
/// choose a stage, Left and Right (and two buttons) move where it begins.
class StageTable final : public QWidget {
    Q_OBJECT
  public:
    explicit StageTable(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// `valid`: the settings as typed can run; else those before are shown as out of date.
    void present(const RunSpec& spec, bool valid);
    void setMeasuring(bool on);
    const std::vector<StageRow>& rows() const { return rows_; }
    QString words() const;
    int chosen() const { return chosen_; }
    QPushButton* earlier() const { return earlier_; }
    QPushButton* later() const { return later_; }
    QPushButton* measure() const { return measure_; }
    std::vector<QWidget*> tabOrder() const;

  Q_SIGNALS:
    void cutWanted(const RunSpec& spec);
    void measureWanted();  ///< or that it be given up, while it goes on

  private:
    class Figures;
    void choose(int stage);
    void move(int by);
    void refresh();

    RunSpec spec_;
    bool valid_ = false;
    std::vector<StageRow> rows_;
    int slowest_ = 0;
    int chosen_ = 1;  ///< the first begins where it does
    Theme theme_ = Theme::light();
    Figures* figures_;
    QLabel *words_, *begins_;
    QPushButton *earlier_, *later_, *measure_;
};

}  // namespace rondo::ui
