#pragma once

#include <QFrame>
#include <QMenu>

#include "ui/draw/theme.h"

class QAction;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QSlider;
class QToolButton;

namespace rondo::ui {

/// Transport: Run, Step, Stop, Reset, Replay, speed, where the picture comes from, and what the run does.
/// Shows the state of actions it is given; decides nothing.
class TopBar final : public QFrame {
    Q_OBJECT
  public:
    struct Actions {
        QAction *run, *step, *stop, *reset, *replay;
    };
    enum class Badge { None, Live, Slow, Replay, Watch };

    TopBar(const Actions& actions, QMenu* topologies, QMenu* presets, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);

    /// Factor on run time; 0 is "max".
    double speed() const;
    void setSpeed(double factor);  ///< the nearest there is
    /// Off, it shows "max", which is what is used then; the speed that was chosen comes back with on.
    void setSpeedEnabled(bool on, const QString& why);
    /// `moving`: it is changing right now.
    void setBadge(Badge badge, bool moving);
    /// `brief` stands there where there is no room for the words.
    void setStatus(const QString& words, const QString& brief = {});
    QPushButton* runButton() const { return run_; }
    QSlider* speedSlider() const { return slider_; }
    QLabel* badge() const { return badge_; }
    QString status() const { return statusWords_; }

    static QString speedText(double factor);  ///< "1/100×", "1×", "max"

  Q_SIGNALS:
    void speedChanged(double factor);

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    QToolButton* buttonFor(QAction* action);
    void showSpeed();
    void elideStatus();
    void fitButtons();
    QToolButton* buttonFor(QMenu* menu, const QString& text, const QString& tip);

    QPushButton* run_;
    QSlider* slider_;
    int chosen_;  ///< the slider's place while speed matters
    QLabel *speedText_, *badge_, *status_;
    QString statusWords_, statusBrief_;  ///< the label shows what fits of them
    QToolButton *topologies_, *presets_;
    Actions actions_;
};

}  // namespace rondo::ui
