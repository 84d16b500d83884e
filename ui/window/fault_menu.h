#pragma once

#include <QMenu>
#include <QObject>

#include "ui/bridge/run_controller.h"
#include "ui/setup/fault_choices.h"
#include "ui/setup/settings_document.h"
#include "ui/store/focus.h"

namespace rondo::ui {

/// What can be done to the selected worker or link: a fault for the run under way, else one more in the
/// settings of the next. Thread: GUI only.
class FaultMenu final : public QObject {
    Q_OBJECT
  public:
    struct Parts {
        const RunStore& store;
        const Focus& focus;
        RunController& controller;
        SettingsDocument& document;
    };
    FaultMenu(const Parts& parts, QWidget* parent);
    /// Adds the offers of what is selected to a menu; adds none when nothing is.
    void fill(QMenu& menu);

  Q_SIGNALS:
    void said(const QString& text);
    /// A fault has been added to the settings, at this path.
    void added(const std::string& path);

  private:
    void onStore(const RunStore::Changes& changes);
    bool underWay() const;
    QString whyNothing() const;
    double stepSeconds() const;
    std::int64_t nextStep() const;
    void choose(const FaultChoice& choice);

    Parts parts_;
    std::size_t told_ = 0;  ///< of the run's faults
};

}  // namespace rondo::ui
