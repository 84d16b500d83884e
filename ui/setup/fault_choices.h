#pragma once

#include <QString>
#include <vector>

#include "engine/config/run_spec.h"
#include "ui/store/link_id.h"

namespace rondo::ui {

/// Something that can be done to a worker or link with one click.
struct FaultChoice {
    QString text;
    FaultSpec fault;
    bool possible = true;
    QString tip;  ///< what the algorithm makes of it, or why it can't be done
};

/// What the offers depend on.
struct FaultSituation {
    const RunSpec& spec;  ///< of the run under way, else of the next one
    bool underWay = false;
    QString whyNothing;       ///< why nothing can strike now, whatever it is; empty: something can
    double stepSeconds = 0;   ///< what a step takes, as far as one knows; of use in virtual time only
    std::int64_t atStep = 0;  ///< of the next run, when none is under way
};

/// In virtual time as long as so many steps, since a second may be a thousand of them or none.
std::vector<FaultChoice> faultChoices(int worker, const FaultSituation& situation);
std::vector<FaultChoice> faultChoices(LinkId link, const FaultSituation& situation);

}  // namespace rondo::ui
