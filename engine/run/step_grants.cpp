#include "engine/run/step_grants.h"

#include <algorithm>
#include <cmath>

namespace rondo {

StepGrants::StepGrants(RunControl& control, int ranks, Step first, std::int64_t planned,
                       std::int64_t meetEvery, std::int32_t underWay)
    : control_(control),
      planned_(planned),
      meetEvery_(meetEvery),
      first_(first.value),
      underWay_(underWay),
      met_(meetEvery > 0 ? first.value / meetEvery * meetEvery : 0),
      ranks_(static_cast<std::size_t>(ranks), Of{first.value - 1, first.value - 1, first.value - 1}) {}

void StepGrants::told(Rank rank, Step step, Nanoseconds ended) {
    Of& of = ranks_[rank.index()];
    if (of.ended.count() > 0 && ended > of.ended) {
        const double took = secondsOf(ended - of.ended);
        stepSeconds_ = stepSeconds_ == 0 ? took : 0.9 * stepSeconds_ + 0.1 * took;
    }
    of.ended = ended;
    of.told = std::max(of.told, step.value);
}

Step StepGrants::furthest() const {
    std::int32_t furthest = first_ - 1;
    for (const Of& of : ranks_)
        if (!of.left) furthest = std::max(furthest, of.granted);
    return Step{furthest};
}

bool StepGrants::expects(Rank rank, Step step) const {
    const Of& of = ranks_[rank.index()];
    return !of.left && step.value == of.told + 1 && step.value <= of.granted;
}

bool StepGrants::letOn(Rank rank, Step step) const {
    const Of& of = ranks_[rank.index()];
    return !of.left && step.value > of.told && step.value <= of.granted;
}

void StepGrants::stands(Rank rank, Step before) {
    Of& of = ranks_[rank.index()];
    // One that has been let on in the meantime stands no more.
    if (before.value > of.sent) of.stands = before.value;
}

void StepGrants::leaves(Rank rank) {
    ranks_[rank.index()].left = true;
}

std::int32_t StepGrants::ahead() const {
    constexpr double kSeconds = 0.05;
    if (stepSeconds_ <= 0) return 2;
    return static_cast<std::int32_t>(std::clamp(std::ceil(kSeconds / stepSeconds_), 2.0, 256.0));
}

std::optional<StepGrants::Grant> StepGrants::next(Rank rank) {
    Of& of = ranks_[rank.index()];
    if (of.left || of.over) return std::nullopt;
    std::int64_t most = std::int64_t{of.told} + ahead() + underWay_;
    if (planned_ > 0) most = std::min(most, planned_ - 1);
    if (meetEvery_ > 0 && underWay_ == 0) most = std::min(most, met_ + meetEvery_ - 1);
    if (gathers_) {
        // Nobody goes further than the furthest may already.
        most = std::min<std::int64_t>(most, furthest().value);
    }
    while (of.granted < most) {
        const RunControl::Gate gate = control_.tryEnter(rank, Step{of.granted + 1});
        if (gate == RunControl::Gate::Closed) break;
        if (gate == RunControl::Gate::End) {
            of.over = true;
            break;
        }
        ++of.granted;
    }
    const bool news = of.granted > of.sent;
    const bool soon = of.stands.has_value() || of.sent - of.told <= ahead() / 2 + underWay_;
    if (!of.over && !(news && soon)) return std::nullopt;
    if (news) of.stands.reset();
    of.sent = of.granted;
    return Grant{Step{of.granted}, of.over};
}

bool StepGrants::allStand() const {
    return std::all_of(ranks_.begin(), ranks_.end(),
                       [](const Of& of) { return of.left || of.over || of.stands.has_value(); });
}

std::optional<Step> StepGrants::commonBorder() const {
    std::optional<std::int32_t> border;
    for (const Of& of : ranks_) {
        if (of.left) continue;
        if (!of.stands || (border && *border != *of.stands)) return std::nullopt;
        border = of.stands;
    }
    return border ? std::optional(Step{*border}) : std::nullopt;
}

}  // namespace rondo
