#pragma once

#include <QFrame>

#include "ui/bridge/join_process.h"
#include "ui/draw/theme.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace rondo::ui {

/// How it is with the class that this computer has joined or watches, in a line, and the way out. There while
/// there is something to say.
class JoinCard final : public QFrame {
    Q_OBJECT
  public:
    /// `process` outlives it.
    explicit JoinCard(JoinProcess& process, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// Of the run that is watched: samples that were left out on their way here.
    void setLost(quint64 samples);
    /// The class that this computer is in can be watched as well.
    void offerWatching(bool on);
    QString title() const;
    QString detail() const;

  Q_SIGNALS:
    /// It didn't come about, or has ended: the person wants to try again.
    void againWanted();
    /// The person wants to see what this computer trains for.
    void watchWanted();

  private:
    void refresh();

    JoinProcess& process_;
    Theme theme_ = Theme::light();
    quint64 lost_ = 0;
    bool offersWatching_ = false;
    QLabel *icon_, *text_;
    QPushButton *again_, *now_, *watch_, *leave_;
    QToolButton* close_;
};

}  // namespace rondo::ui
