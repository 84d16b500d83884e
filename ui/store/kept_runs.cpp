#include "ui/store/kept_runs.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>

#include "engine/config/run_spec_json.h"
#include "ui/store/spec_difference.h"

namespace rondo::ui {

namespace {

/// Settings without what members of a group may differ in.
std::string keyOf(RunSpec spec) {
    spec.seed = 0;
    spec.name.clear();
    return boost::json::serialize(toJson(spec));
}

std::vector<KeptRuns::Group> groupsOf(const std::vector<KeptRuns::Entry>& entries) {
    struct Found {
        std::map<std::int64_t, std::size_t> latest;  // by seed
        std::size_t first = 0;
    };
    std::map<std::string, Found> found;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const RunSpec& spec = entries[i].run->spec;
        auto [it, fresh] = found.try_emplace(keyOf(spec));
        if (fresh) it->second.first = i;
        it->second.latest[spec.seed] = i;
    }
    std::vector<KeptRuns::Group> groups;
    for (const auto& [key, one] : found) {
        if (one.latest.size() < 2) continue;
        KeptRuns::Group group{
            key,
            KeptRuns::tr("%1: mean of %2 seeds").arg(entries[one.first].name).arg(one.latest.size()),
            {},
            true};
        for (const auto& [seed, place] : one.latest) group.members.push_back(place);
        std::sort(group.members.begin(), group.members.end());
        groups.push_back(std::move(group));
    }
    std::sort(groups.begin(), groups.end(),
              [](const auto& a, const auto& b) { return a.members.front() < b.members.front(); });
    return groups;
}

}  // namespace

void KeptRuns::tell() {
    groups_ = groupsOf(entries_);
    for (Group& group : groups_) group.asOne = !apart_.contains(group.key);
    Q_EMIT changed();
}

int KeptRuns::freeSlot() const {
    for (int slot = 0;; ++slot) {
        if (std::none_of(entries_.begin(), entries_.end(), [slot](const Entry& e) { return e.slot == slot; }))
            return slot;
    }
}

QString KeptRuns::freeName(const QString& wanted, int except) const {
    const auto taken = [&](const QString& name) {
        return std::any_of(entries_.begin(), entries_.end(),
                           [&](const Entry& e) { return e.id != except && e.name == name; });
    };
    QString name = wanted;
    for (int i = 2; taken(name); ++i) name = QStringLiteral("%1 (%2)").arg(wanted).arg(i);
    return name;
}

QString KeptRuns::nameFor(const KeptRun& run) const {
    QString name = QString::fromStdString(run.spec.name).simplified();
    if (name.isEmpty()) name = tr("Run");
    const auto same = std::find_if(entries_.begin(), entries_.end(),
                                   [&](const Entry& e) { return e.run->spec.name == run.spec.name; });
    if (same == entries_.end()) return freeName(name);
    const QString difference = differenceWords(run.spec, same->run->spec);
    return freeName(difference.isEmpty() ? name : name + QStringLiteral(" · ") + difference);
}

bool KeptRuns::has(const RunStore& store) const {
    if (!store.hasRun()) return false;
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.run->begun == store.started()->unixMilliseconds && entry.run->spec == store.spec();
    });
}

KeptRuns::Answer KeptRuns::keep(const RunStore& store) {
    auto run = KeptRun::of(store);
    if (!run) return Answer::Nothing;
    if (has(store)) return Answer::Already;
    if (entries_.size() >= kMost) return Answer::Full;
    const QString name = nameFor(*run);
    entries_.push_back({nextId_++, freeSlot(), name, true, std::make_shared<const KeptRun>(std::move(*run))});
    tell();
    return Answer::Kept;
}

void KeptRuns::remove(std::span<const int> ids) {
    std::vector<Entry> gone, left;
    for (Entry& entry : entries_) {
        const bool named = std::find(ids.begin(), ids.end(), entry.id) != ids.end();
        (named ? gone : left).push_back(std::move(entry));
    }
    entries_ = std::move(left);
    if (gone.empty()) return;
    removed_ = std::move(gone);
    tell();
}

void KeptRuns::putBack() {
    for (Entry& entry : removed_) {
        if (entries_.size() >= kMost) break;
        const bool taken = std::any_of(entries_.begin(), entries_.end(),
                                       [&](const Entry& other) { return other.slot == entry.slot; });
        if (taken) entry.slot = freeSlot();
        entry.name = freeName(entry.name);
        entries_.push_back(std::move(entry));
    }
    removed_.clear();
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
    tell();
}

void KeptRuns::setShown(int id, bool shown) {
    for (Entry& entry : entries_) {
        if (entry.id != id || entry.shown == shown) continue;
        entry.shown = shown;
        tell();
    }
}

void KeptRuns::rename(int id, const QString& name) {
    const QString wanted = name.simplified();
    for (Entry& entry : entries_) {
        if (entry.id != id || wanted.isEmpty() || entry.name == wanted) continue;
        entry.name = freeName(wanted, id);
        tell();
    }
}

void KeptRuns::setAsOne(const std::string& key, bool asOne) {
    if (asOne == !apart_.contains(key)) return;
    asOne ? static_cast<void>(apart_.erase(key)) : static_cast<void>(apart_.insert(key));
    tell();
}

}  // namespace rondo::ui
