#include "ui/setup/fault_choices.h"

#include <QCoreApplication>
#include <cmath>

#include "engine/config/validate.h"
#include "ui/draw/axis.h"
#include "ui/draw/fault_words.h"
#include "ui/draw/rank_words.h"
#include "ui/store/fault_times.h"

namespace rondo::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

/// Two significant digits: the text says what the settings will hold.
double rounded(double seconds) {
    if (!(seconds > 0)) return seconds;
    const double unit = std::pow(10.0, std::floor(std::log10(seconds)) - 1);
    return std::round(seconds / unit) * unit;
}

struct Duration {
    double seconds = 0;
    QString words;
};
Duration lasting(const FaultSituation& situation, double wallSeconds, int steps) {
    if (situation.spec.runOn != RunOn::Virtual || !(situation.stepSeconds > 0))
        return {wallSeconds, durationText(wallSeconds)};
    const double seconds = rounded(situation.stepSeconds * steps);
    return {seconds, tr("%1 (%2 steps' time)").arg(durationText(seconds)).arg(steps)};
}

/// Why it can't be done, from the rules of the settings, in the words of whom it concerns where they are
/// frequent.
QString whyNot(const FaultSituation& situation, const FaultSpec& fault) {
    if (!situation.whyNothing.isEmpty()) return situation.whyNothing;
    const RunSpec& spec = situation.spec;
    const std::int64_t ranks = spec.workers + serversOf(spec);
    if (fault.worker >= ranks || fault.peer.value_or(0) >= ranks)
        return tr("The next run has %1 workers only").arg(spec.workers);
    if (fault.worker >= spec.workers)
        return tr("Faults strike workers; a server can be cut off by its links");
    if (fault.kind == FaultKind::Kill && fault.worker == 0)
        return tr("Worker 0 can't leave: it keeps the books of the run");
    if (isOfLink(fault.kind) && spec.runOn == RunOn::Threads)
        return tr("Threads have no links that could fail: set Run on to virtual or processes");
    if (fault.kind == FaultKind::DegradeLink && ranksAreProcesses(spec) && !spec.cluster.shaped)
        return tr("Only a link that the settings slow down can be made slower: tick Shaped in Cluster");
    const Problems problems = validate(spec, fault, "fault");
    return problems.empty() ? QString() : QString::fromStdString(problems.front().text());
}

class Offers {
  public:
    explicit Offers(const FaultSituation& situation) : situation_(situation) {}
    void add(const QString& text, FaultSpec fault) {
        if (!situation_.underWay) fault.atStep = situation_.atStep;
        FaultChoice choice{text, fault, true, {}};
        choice.tip = whyNot(situation_, fault);
        choice.possible = choice.tip.isEmpty();
        if (choice.possible)
            choice.tip = whatFollows(situation_.spec, fault.kind, fault.forSeconds.has_value());
        offers.push_back(std::move(choice));
    }
    std::vector<FaultChoice> offers;

  private:
    const FaultSituation& situation_;
};

}  // namespace

std::vector<FaultChoice> faultChoices(int worker, const FaultSituation& situation) {
    Offers all(situation);
    const auto fault = [&](FaultKind kind, std::optional<double> seconds) {
        FaultSpec made;
        made.kind = kind;
        made.worker = worker;
        made.forSeconds = seconds;
        return made;
    };
    const Duration slow = lasting(situation, 5, 10), away = lasting(situation, 2, 5);
    all.add(tr("Slow down ×4 for %1").arg(slow.words), fault(FaultKind::Slow, slow.seconds));
    all.add(tr("Slow down ×4 for good"), fault(FaultKind::Slow, {}));
    all.add(tr("Pause for %1").arg(away.words), fault(FaultKind::Pause, away.seconds));
    all.add(tr("Restart: loses its step, away for %1").arg(away.words),
            fault(FaultKind::Restart, away.seconds));
    all.add(tr("Remove for good (kill)"), fault(FaultKind::Kill, {}));
    return all.offers;
}

std::vector<FaultChoice> faultChoices(LinkId link, const FaultSituation& situation) {
    Offers all(situation);
    // A server may be at one end, and the fault is its worker's.
    const bool turned = link.from >= situation.spec.workers;
    const auto fault = [&](FaultKind kind, std::optional<double> seconds) {
        FaultSpec made;
        made.kind = kind;
        made.worker = turned ? link.to : link.from;
        made.peer = turned ? link.from : link.to;
        made.forSeconds = seconds;
        return made;
    };
    const Duration cut = lasting(situation, 2, 5), slow = lasting(situation, 5, 10);
    all.add(tr("Cut for %1").arg(cut.words), fault(FaultKind::CutLink, cut.seconds));
    all.add(tr("Cut for good"), fault(FaultKind::CutLink, {}));
    all.add(tr("Four times slower for %1").arg(slow.words), fault(FaultKind::DegradeLink, slow.seconds));
    all.add(tr("Four times slower for good"), fault(FaultKind::DegradeLink, {}));
    return all.offers;
}

}  // namespace rondo::ui
