#include "engine/run/fault_plan.h"

#include <algorithm>

#include "engine/core/random.h"

namespace rondo {

FaultPlan::Entry FaultPlan::entryOf(const FaultSpec& fault) {
    Entry entry{fault, {}};
    if (fault.atSecond) entry.begin = picosecondsOf(*fault.atSecond);
    return entry;
}

FaultPlan::FaultPlan(std::vector<FaultSpec> faults, const TaskFailures& failures)
    : failures_(failures), any_(!faults.empty()) {
    for (const FaultSpec& fault : faults) entries_.push_back(entryOf(fault));
}

void FaultPlan::add(const FaultSpec& fault) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(entryOf(fault));
    any_.store(true, std::memory_order_release);
}

std::optional<Picoseconds> FaultPlan::Entry::end() const {
    if (!fault.forSeconds) return std::nullopt;
    return *begin + picosecondsOf(*fault.forSeconds);
}

bool FaultPlan::Entry::activeAt(Picoseconds now) const {
    return begin && *begin <= now && (!end() || now < *end());
}

bool FaultPlan::Entry::between(Rank a, Rank b) const {
    const auto is = [&](Rank x, Rank y) { return fault.worker == x.value && fault.peer == y.value; };
    return is(a, b) || is(b, a);
}

bool FaultPlan::taskFails(Rank worker, Step step) const {
    if (failures_.chance == 0) return false;
    const auto place =
        static_cast<std::uint64_t>(step.value) * static_cast<std::uint64_t>(failures_.workers) +
        worker.index();
    Random random(seedFor(failures_.seed, "task failure", place));
    return random.uniform() < failures_.chance;
}

std::vector<FaultPlan::Struck> FaultPlan::enter(Rank worker, Step step, Picoseconds now) {
    std::vector<Struck> struck;
    if (taskFails(worker, step))
        struck.push_back(
            {{.kind = FaultKind::Restart, .worker = worker.value, .atStep = step.value, .forSeconds = 0},
             now});
    if (!any_.load(std::memory_order_acquire)) return struck;
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_) {
        if (entry.told || entry.fault.worker != worker.value) continue;
        if (!entry.begin && entry.fault.atStep.value_or(0) <= step.value) entry.begin = now;
        if (!entry.begin || *entry.begin > now) continue;
        entry.told = true;
        struck.push_back({entry.fault, *entry.begin});
    }
    return struck;
}

std::vector<FaultPlan::Struck> FaultPlan::untold(Picoseconds now) {
    std::vector<Struck> struck;
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_) {
        const FaultKind kind = entry.fault.kind;
        const bool felt =
            kind == FaultKind::Slow || kind == FaultKind::CutLink || kind == FaultKind::DegradeLink;
        if (felt && !entry.told && entry.begin && *entry.begin <= now) {
            entry.told = true;
            struck.push_back({entry.fault, *entry.begin});
        }
    }
    return struck;
}

double FaultPlan::slowness(Rank worker, Picoseconds now) const {
    double factor = 1;
    if (!any_.load(std::memory_order_acquire)) return factor;
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_)
        if (entry.fault.kind == FaultKind::Slow && entry.fault.worker == worker.value && entry.activeAt(now))
            factor *= entry.fault.factor;
    return factor;
}

double FaultPlan::slowness(Rank from, Rank to, Picoseconds now) const {
    double factor = 1;
    if (!any_.load(std::memory_order_acquire)) return factor;
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_)
        if (entry.fault.kind == FaultKind::DegradeLink && entry.between(from, to) && entry.activeAt(now))
            factor *= entry.fault.factor;
    return factor;
}

Picoseconds FaultPlan::openFrom(Rank from, Rank to, Picoseconds now) const {
    Picoseconds open = now;
    if (!any_.load(std::memory_order_acquire)) return open;
    const std::lock_guard lock(mutex_);
    // Of cuts that follow one another the next may begin before the last has ended.
    for (bool moved = true; moved;) {
        moved = false;
        for (const Entry& entry : entries_) {
            if (entry.fault.kind != FaultKind::CutLink || !entry.between(from, to) || !entry.activeAt(open))
                continue;
            if (!entry.end()) return kNeverOpen;
            open = *entry.end();
            moved = true;
        }
    }
    return open;
}

}  // namespace rondo
