#include "ui/window/fault_menu.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "engine/config/run_spec_json.h"
#include "ui/draw/fault_words.h"
#include "ui/draw/rank_words.h"
#include "ui/store/fault_times.h"
#include "ui/store/lookup.h"

namespace rondo::ui {

namespace {
constexpr std::int64_t kUsualStep = 20;
constexpr std::size_t kStepsMeasured = 64;
}  // namespace

FaultMenu::FaultMenu(const Parts& parts, QWidget* parent) : QObject(parent), parts_(parts) {
    connect(&parts_.store, &RunStore::changed, this, &FaultMenu::onStore);
}

void FaultMenu::fill(QMenu& menu) {
    const auto rank = parts_.focus.rank();
    const auto link = parts_.focus.link();
    if (!rank && !link) return;
    const bool live = underWay();
    const RunSpec& spec = live ? parts_.store.spec() : parts_.document.validSpec();
    const FaultSituation situation{spec, live, whyNothing(), stepSeconds(), nextStep()};
    const int workers = static_cast<int>(parts_.store.hasRun() ? parts_.store.workers() : spec.workers);
    const QString whom =
        link ? tr("Link between %1 and %2")
                   .arg(rankName(link->from, workers).toLower(), rankName(link->to, workers).toLower())
             : rankName(*rank, workers);
    if (!menu.isEmpty()) menu.addSeparator();
    // A heading is a separator to most styles, which leave out its words.
    QAction* heading = menu.addAction(
        live ? whom : tr("%1, in the next run from step %2 on").arg(whom).arg(situation.atStep));
    QFont bold = menu.font();
    bold.setBold(true);
    heading->setFont(bold);
    heading->setEnabled(false);
    menu.setToolTipsVisible(true);
    for (const FaultChoice& choice : link ? faultChoices(*link, situation) : faultChoices(*rank, situation)) {
        QAction* action = menu.addAction(choice.text, this, [this, choice] { choose(choice); });
        action->setEnabled(choice.possible);
        action->setToolTip(choice.tip);
        action->setStatusTip(choice.tip);
    }
}

bool FaultMenu::underWay() const {
    return parts_.controller.source() == RunController::Source::Live && parts_.controller.busy();
}

QString FaultMenu::whyNothing() const {
    if (!underWay()) return {};
    using State = RunController::State;
    if (parts_.controller.state() == State::Preparing) return tr("The run is still being prepared");
    if (parts_.controller.state() == State::Stopping) return tr("The run is about to end");
    const auto rank = parts_.focus.rank();
    if (rank && isGone(parts_.store.faults(), *rank, parts_.store.duration()))
        return tr("Worker %1 has left the run").arg(*rank);
    return {};
}

double FaultMenu::stepSeconds() const {
    if (underWay()) {
        // The middle one: a fault that is over, or an evaluation, must not decide what a step is.
        const auto& steps = parts_.store.steps();
        std::vector<double> latest;
        for (std::size_t i = steps.size() - std::min(steps.size(), kStepsMeasured); i < steps.size(); ++i)
            latest.push_back(secondsOfStep(steps, i));
        if (!latest.empty()) {
            const auto middle = latest.begin() + static_cast<std::ptrdiff_t>(latest.size() / 2);
            std::nth_element(latest.begin(), middle, latest.end());
            return *middle;
        }
        return parts_.store.prediction().stepSeconds.value_or(0);
    }
    return predict(parts_.document.validSpec()).stepSeconds.value_or(0);
}

std::int64_t FaultMenu::nextStep() const {
    if (const auto step = parts_.focus.step()) return *step;
    const auto steps = parts_.document.validSpec().stop.steps;
    return steps ? std::min(kUsualStep, *steps / 4) : kUsualStep;
}

void FaultMenu::choose(const FaultChoice& choice) {
    if (underWay()) {
        parts_.controller.injectFault(choice.fault);
        Q_EMIT said(tr("%1, from the next step on").arg(faultName(choice.fault, parts_.store.workers())));
        return;
    }
    // The run may have begun, or the settings changed, while the menu was open.
    if (!choice.fault.atStep) return;
    boost::json::value faults = valueAt(parts_.document.json(), "faults");
    if (!faults.is_array()) faults.emplace_array();
    const std::size_t place = faults.as_array().size();
    faults.as_array().push_back(toJson(choice.fault));
    parts_.document.change("faults", faults, false);
    Q_EMIT said(tr("In the settings now: %1 at step %2")
                    .arg(faultName(choice.fault, static_cast<int>(parts_.document.validSpec().workers)))
                    .arg(*choice.fault.atStep));
    Q_EMIT added("faults." + std::to_string(place));
}

void FaultMenu::onStore(const RunStore::Changes& changes) {
    if (changes.reset) told_ = 0;
    if (!changes.faults) return;
    const auto& faults = parts_.store.faults();
    told_ = std::min(told_, faults.size());
    // Of a recording that is opened whole nobody asked; of many at once the last is told.
    if (told_ < faults.size() && parts_.controller.busy())
        Q_EMIT said(faultName(faults.back(), parts_.store.workers()) + QStringLiteral(" – ") +
                    whatFollows(parts_.store.spec(), faults.back()));
    told_ = faults.size();
}

}  // namespace rondo::ui
