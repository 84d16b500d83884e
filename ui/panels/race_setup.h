#pragma once

#include <QWidget>

#include "ui/draw/theme.h"
#include "ui/store/race.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QMenu;
class QPlainTextEdit;
class QScrollArea;
class QSpinBox;
class QStackedWidget;
class QToolButton;

namespace rondo::ui {

/// Fields for what is raced, and on a second page the schedule written by hand. Follows the run's settings
/// until a number is changed here. Thread: GUI only.
class RaceSetup final : public QWidget {
    Q_OBJECT
  public:
    enum class Page { Numbers, ByHand };

    explicit RaceSetup(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    const RaceSettings& settings() const { return settings_; }
    void setSettings(const RaceSettings& settings);
    /// The run's settings: taken over while they are followed. A schedule they name anew joins the race.
    void setPreview(const RunSpec& spec);
    bool follows() const;
    void setPage(Page page);
    Page page() const;
    /// What is wrong with the schedule written by hand; empty: nothing.
    void setProblem(const QString& problem);

  Q_SIGNALS:
    void changed();
    void pageChanged();

  private:
    QWidget* makeNumbers();
    QWidget* makeHandPage();
    void fill();
    void choose();
    void typed();
    void fillTakeMenu();

    RaceSettings settings_;
    RunSpec preview_;
    std::optional<ScheduleChoice> named_;  ///< by the run's settings, last time
    bool showing_ = false;                 ///< fields change by the program's hand
    std::vector<QComboBox*> racers_;
    QSpinBox *stages_, *microBatches_, *chunks_, *batches_;
    QDoubleSpinBox *forward_, *backwardInput_, *backwardWeight_, *message_;
    QCheckBox *recompute_, *follow_;
    QPlainTextEdit* order_;
    QLabel* problem_;
    QToolButton* take_;
    QMenu* takeMenu_;
    QStackedWidget* pages_;
};

}  // namespace rondo::ui
