#pragma once

#include <QWidget>

#include "ui/draw/theme.h"
#include "ui/store/kept_runs.h"
#include "ui/store/run_store.h"

class QLabel;

namespace rondo::ui {

class ErrorCurve;
class WordColumn;

/// What compression saves and costs: ratio measured beside predicted, bytes, error over steps, and what
/// became of the loss against the same run without it, where that is kept. Thread: GUI only.
class CompressionPanel final : public QWidget {
    Q_OBJECT
  public:
    CompressionPanel(const RunStore& store, const KeptRuns& kept, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QString words() const;
    QSize minimumSizeHint() const override;

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    void refresh();

    const RunStore& store_;
    const KeptRuns& kept_;
    Theme theme_ = Theme::light();
    bool stale_ = true;
    WordColumn* said_;
    ErrorCurve* curve_;
    QLabel *ratio_, *predicted_, *saved_, *error_, *effect_, *empty_;
};

}  // namespace rondo::ui
