#pragma once

#include <QFrame>

#include "ui/draw/theme.h"
#include "ui/setup/presets.h"

class QLabel;
class QToolButton;

namespace rondo::ui {

/// What to look for in the preset that is open, in sight before, during and after its run, until it is closed
/// or other settings take its place.
class PresetHint final : public QFrame {
    Q_OBJECT
  public:
    explicit PresetHint(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// `name`: what the preset calls its run.
    void set(const Preset& preset, const QString& name);
    void clear();
    /// The settings are those of a run of this name now: a preset that was undone hides, redone it is back.
    void showFor(const QString& name);
    /// What is said above it is more urgent, and the panes below need their room.
    void giveWay(bool on);
    QString text() const;

  private:
    void refresh();

    Preset preset_;
    QString presetName_, name_;
    bool givesWay_ = false;
    QLabel *icon_, *text_;
    QToolButton* close_;
};

}  // namespace rondo::ui
