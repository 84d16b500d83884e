#pragma once

#include <QObject>

class QAction;
class QMainWindow;
class QWidget;

namespace rondo::ui {

/// Who gets a key: Space, N, R and P belong to the transport, except where the control that has the keyboard
/// needs them itself; and what greys out or goes away leaves the keyboard to Run. Watches the whole
/// application from its making to its end. Thread: GUI only.
class TransportKeys final : public QObject {
    Q_OBJECT
  public:
    /// All three must outlive it.
    TransportKeys(QMainWindow& window, QWidget& runButton, const QAction& run);
    ~TransportKeys() override;

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void onFocus(QWidget* old);
    bool needsSpace(const QWidget* widget) const;

    QMainWindow& window_;
    QWidget& runButton_;
    const QAction& run_;
    bool reachedByKeys_ = false;  ///< what has the keyboard got it by Tab or a mnemonic
};

}  // namespace rondo::ui
