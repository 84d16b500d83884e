#pragma once

#include <QWidget>

#include "ui/draw/theme.h"
#include "ui/store/run_store.h"

class QLabel;

namespace rondo::ui {

class StalenessBars;
class WordColumn;

/// How old gradients are when a parameter server applies them, live, beside what theory says. Thread: GUI
/// only.
class StalenessPanel final : public QWidget {
    Q_OBJECT
  public:
    explicit StalenessPanel(const RunStore& store, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QString words() const;
    QSize minimumSizeHint() const override;

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    void refresh();

    const RunStore& store_;
    Theme theme_ = Theme::light();
    bool stale_ = true;
    WordColumn* said_;
    StalenessBars* bars_;
    QLabel *mean_, *theory_, *clocks_, *meaning_, *empty_;
};

}  // namespace rondo::ui
