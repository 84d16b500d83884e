// Runs that are kept for comparison, as far as the window has a hand in it.
#include <QAction>
#include <QStatusBar>
#include <QTabWidget>
#include <utility>

#include "engine/config/validate.h"
#include "ui/panels/comparison_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/setup/reference.h"
#include "ui/setup/setup_form.h"
#include "ui/widgets/timeline_view.h"
#include "ui/window/main_window.h"

namespace rondo::ui {

void MainWindow::makeComparison() {
    keep_->setShortcut(Qt::Key_K);
    keep_->setAutoRepeat(false);
    connect(keep_, &QAction::triggered, this, &MainWindow::keepRun);
    connect(reference_, &QAction::triggered, this, &MainWindow::runReference);
    connect(&kept_, &KeptRuns::changed, this, &MainWindow::showComparison);
    connect(compare_, &ComparisonPanel::exported, this,
            [this](const QString& file) { statusBar()->showMessage(tr("Exported: %1").arg(file), 6000); });
    connect(compare_, &ComparisonPanel::exportFailed, this,
            [this](const QString& why) { messages_->show(Severity::Error, why); });
}

void MainWindow::keepRun() {
    switch (kept_.keep(store_)) {
        case KeptRuns::Answer::Kept:
            statusBar()->showMessage(tr("Kept as %1").arg(kept_.entries().back().name), 6000);
            break;
        case KeptRuns::Answer::Full:
            messages_->show(Severity::Warning,
                            tr("%1 runs are kept, which is all there is room for. Remove some under "
                               "Compare first.")
                                .arg(KeptRuns::kMost));
            break;
        case KeptRuns::Answer::Already:
        case KeptRuns::Answer::Nothing:
            break;  // the action is grey then
    }
}

void MainWindow::runReference() {
    const bool live = controller_.busy() && controller_.source() == RunController::Source::Live;
    if (live) return;
    const RunSpec spec = referenceOf(comparedSpec());
    if (const Problems problems = validate(spec); !problems.empty()) {
        messages_->show(Severity::Error, tr("One worker alone can't run these settings.\n%1")
                                             .arg(QString::fromStdString(textOf(problems))));
        return;
    }
    // What it is compared with leaves the screen: it must not be lost.
    if (store_.over()) kept_.keep(store_);
    beginRun(spec);
    keepWhenOver_ = true;
    unasked_ = true;  // a guess was about the other run
    controller_.run(running_);
    bottom_->setCurrentWidget(compare_);
}

const RunSpec& MainWindow::comparedSpec() const {
    return store_.hasRun() ? store_.spec() : document_.validSpec();
}

void MainWindow::keepReference() {
    if (std::exchange(keepWhenOver_, false) && store_.state() != RunState::Failed) keepRun();
}

void MainWindow::showComparison() {
    const bool live = controller_.busy() && controller_.source() == RunController::Source::Live;
    keep_->setEnabled(store_.over() && !kept_.has(store_) &&
                      (!store_.steps().empty() || !store_.evaluations().empty()));
    keep_->setToolTip(kept_.has(store_)    ? tr("This run is kept already")
                      : keep_->isEnabled() ? tr("Its curves stay in the plot, its results in the table (K)")
                                           : tr("A run can be kept when it is over (K)"));
    reference_->setEnabled(!live && !isReference(comparedSpec()));
    reference_->setToolTip(
        tr("The same training by one worker alone, with all the samples of a step in its batch; it is kept "
           "when it has ended"));
    const auto count = kept_.entries().size();
    const QString name = count == 0 ? tr("Compare") : tr("Compare (%1)").arg(count);
    bottom_->setTabText(bottom_->indexOf(compare_), name);
    bottom_->setTabToolTip(bottom_->indexOf(compare_), name);
}

}  // namespace rondo::ui
