#pragma once

#include <QFrame>
#include <vector>

#include "ui/bridge/run_controller.h"
#include "ui/draw/theme.h"

class QLabel;
class QToolButton;

namespace rondo::ui {

/// Tells what went wrong or is worth knowing, without stopping anyone: the latest message, and how many more
/// wait behind it. Information goes by itself; warnings and errors stay until closed (Esc, or the cross).
class MessageBar final : public QFrame {
    Q_OBJECT
  public:
    explicit MessageBar(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// A message that is shown already is not shown twice.
    void show(Severity severity, const QString& text);
    void dismiss();                      ///< closes the one in front
    void withdraw(const QString& text);  ///< this one, if it is there: it isn't true any more
    void dismissAll();
    QString text() const;
    Severity severity() const;
    int count() const { return static_cast<int>(messages_.size()); }

  Q_SIGNALS:
    void countChanged(int count);

  private:
    struct Message {
        Severity severity;
        QString text;
    };
    void refresh();

    Theme theme_ = Theme::light();
    std::vector<Message> messages_;  ///< the last is in front
    QLabel *icon_, *text_, *more_;
    QToolButton* close_;
    QTimer fade_;
};

}  // namespace rondo::ui
