#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include "ui/bridge/race_runner.h"
#include "ui/draw/theme.h"

class QComboBox;
class QLabel;
class QMenu;
class QPushButton;
class QToolButton;

namespace rondo::ui {

class RaceSetup;
class ScheduleView;

/// Two to four pipeline schedules on one clock: what each would take for the same work, where its bubbles are
/// and what it has to remember. Thread: GUI only.
class RacePanel final : public QWidget {
    Q_OBJECT
  public:
    /// `program`: rondo-cli, which trains the racers.
    explicit RacePanel(const QString& program = {}, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// The run's settings, which are followed until a number is changed here.
    void setPreview(const RunSpec& spec);

    RaceSetup& setup() { return *setup_; }
    ScheduleView& view() { return *view_; }
    bool playing() const { return pace_.isActive(); }
    void play(bool on);
    /// What so many seconds before the screen do to a clock that is played.
    void advance(double seconds);
    /// Trains each of them with the run's settings; asked again while it does, cancels.
    void train();
    bool training() const { return runner_.busy(); }
    const std::vector<RaceRun>& runs() const { return runs_; }  ///< by racer; empty: not trained
    /// The passes that were measured in place of the computed ones.
    void showMeasured(bool on);
    QString words() const;  ///< who is first, and which weights are the same

    /// Empty when the file was written, else why not.
    QString saveSvg(int racer, const QString& file) const;
    QString savePng(int racer, const QString& file) const;  ///< racer −1: all
    QSize minimumSizeHint() const override;

  Q_SIGNALS:
    void saved(const QString& file);
    void saveFailed(const QString& why);
    void enlargeWanted(bool on);

  protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

  private:
    void follow();
    void showPages();
    void showRacers();
    void onTrained(const std::vector<RaceRun>& runs);
    void onProgress(int racer, const QString& line);
    void showTraining(const QString& words);
    void say();
    void fillSaveMenu(QMenu& menu, int racer);
    void askAndSave(int racer, bool svg);

    Theme theme_ = Theme::light();
    RunSpec preview_;
    bool stale_ = true;  ///< settings may have changed while nobody looked
    RaceRunner runner_;
    std::vector<Racer> racers_;  ///< computed
    std::vector<RaceRun> runs_;
    QTimer pace_;
    QElapsedTimer sinceFrame_;
    // In the order of the tab key.
    QToolButton *numbers_, *byHand_;
    QPushButton* play_;
    QComboBox* duration_;
    QPushButton* train_;
    QToolButton *measured_, *save_, *enlarge_;
    RaceSetup* setup_;
    ScheduleView* view_;
    QLabel *progress_, *verdict_;
    QMenu* saveMenu_;
};

}  // namespace rondo::ui
