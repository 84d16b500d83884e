#pragma once

#include <QString>
#include <vector>

#include "ui/store/race_run.h"

namespace rondo::ui {

/// "1st", "2nd", …
QString placeText(int place);
/// "2.5" activations as text: whole ones without decimals.
QString activationsText(double micro);
/// "27.3 %".
QString shareText(double share);
/// Of a stage at a moment: what it computes, or whom its bubble waits for. Empty outside of its work.
QString stageTip(const Racer& racer, int stage, double seconds);
/// Who is first, by how much, and who can't be raced.
QString finishWords(const std::vector<Racer>& racers);
/// What is published of it, beside what it comes to here: bubble, cost, activations, versions of the weights.
QString theoryWords(const Racer& racer);
/// Measured beside computed: bubble, activations, versions of the weights; and what was learned.
QString measuredWords(const Racer& computed, const RaceRun& run);
/// How the weights that were learned compare, and with what: the first that trained. `runs` by racer.
QString learnedWords(const std::vector<Racer>& racers, const std::vector<RaceRun>& runs);
/// Which end with the same weights and which don't, by theory; nothing of one alone that does.
QString weightsWords(const std::vector<Racer>& racers);
QString weightsReason();
/// "GPipe, 1F1B and ZB-H1".
QString listText(const QStringList& names);

}  // namespace rondo::ui
