#include "engine/run/fault_plan.h"

#include <algorithm>
#include <cmath>

#include "engine/core/random.h"

namespace rondo {

namespace {

/// It is felt for a while, wherever its worker is.
bool lasts(FaultKind kind) {
    return kind == FaultKind::Slow || kind == FaultKind::CutLink || kind == FaultKind::DegradeLink;
}

}  // namespace

FaultPlan::Entry FaultPlan::entryOf(const FaultSpec& fault) {
    Entry entry{fault, {}};
    if (fault.atSecond) entry.begin = picosecondsOf(*fault.atSecond);
    return entry;
}

FaultPlan::FaultPlan(std::vector<FaultSpec> faults, const TaskFailures& failures)
    : failures_(failures),
      any_(!faults.empty()),
      ofLinks_(std::any_of(faults.begin(), faults.end(), isOfLink)) {
    for (const FaultSpec& fault : faults) entries_.push_back(entryOf(fault));
}

void FaultPlan::add(const FaultSpec& fault) {
    const std::lock_guard lock(mutex_);
    const Entry added = entryOf(fault);
    if (Entry* known = knownAs(added)) {
        known->begin = added.begin;
        return;
    }
    entries_.push_back(added);
    any_.store(true, std::memory_order_release);
    if (isOfLink(fault)) ofLinks_.store(true, std::memory_order_release);
}

FaultPlan::Entry* FaultPlan::knownAs(const Entry& begun) {
    if (!begun.fault.atStep || !begun.fault.atSecond) return nullptr;
    const auto is = [&](const Entry& entry) {
        const FaultSpec &a = entry.fault, &b = begun.fault;
        if (a.kind != b.kind || a.worker != b.worker || a.peer != b.peer || a.factor != b.factor ||
            a.forSeconds != b.forSeconds)
            return false;
        // Seconds are told with fewer digits than times have.
        constexpr Picoseconds kSame = std::chrono::microseconds(1);
        return entry.begin ? std::chrono::abs(*entry.begin - *begun.begin) < kSame
                           : a.atStep.value_or(0) <= *b.atStep;
    };
    const auto known = std::find_if(entries_.begin(), entries_.end(), is);
    return known == entries_.end() ? nullptr : &*known;
}

void FaultPlan::goOn(const std::vector<FaultHappened>& happened, Picoseconds now) {
    const std::lock_guard lock(mutex_);
    for (const FaultHappened& event : happened) {
        FaultSpec fault;
        fault.kind = event.kind;
        fault.worker = event.stamp.rank.value;
        if (event.peer.value != kNone) fault.peer = event.peer.value;
        if (std::isfinite(event.seconds)) fault.forSeconds = event.seconds;
        fault.factor = event.factor;
        const auto planned = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
            const FaultSpec& plan = entry.fault;
            return !entry.told && plan.kind == fault.kind && plan.worker == fault.worker &&
                   plan.peer == fault.peer && plan.factor == fault.factor &&
                   plan.forSeconds == fault.forSeconds && plan.atStep.value_or(0) <= event.step;
        });
        const Entry entry{planned == entries_.end() ? fault : planned->fault,
                          std::chrono::duration_cast<Picoseconds>(event.stamp.at), true};
        if (planned != entries_.end())
            *planned = entry;
        else if (lasts(fault.kind) && entry.activeAt(now))
            entries_.push_back(entry);
    }
    any_ = !entries_.empty();
    ofLinks_ = std::any_of(entries_.begin(), entries_.end(),
                           [](const Entry& entry) { return isOfLink(entry.fault); });
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
        if (lasts(entry.fault.kind) && !entry.told && entry.begin && *entry.begin <= now) {
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
