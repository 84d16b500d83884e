#pragma once

#include <QObject>
#include <QStringList>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ui/store/kept_run.h"

namespace rondo::ui {

/// The runs that are kept for comparison, in the order in which they came. Other runs, settings and undo
/// don't touch them. Thread: GUI only.
class KeptRuns final : public QObject {
    Q_OBJECT
  public:
    static constexpr std::size_t kMost = 64;

    struct Entry {
        int id = 0;    ///< for as long as it is kept
        int slot = 0;  ///< decides its colour and line: the lowest that was free
        QString name;  ///< unlike all others
        bool shown = true;
        std::shared_ptr<const KeptRun> run;
    };
    /// Runs that differ in nothing but their seed: one of every seed, the latest.
    struct Group {
        std::string key;
        QString name;
        std::vector<std::size_t> members;  ///< places in entries(); at least two
        bool asOne = true;                 ///< drawn as mean and range
    };
    enum class Answer { Kept, Already, Full, Nothing };

    using QObject::QObject;

    /// Names it after its settings' name and, where that is taken, after what differs.
    Answer keep(const RunStore& store);
    /// It is one of them.
    bool has(const RunStore& store) const;
    void remove(std::span<const int> ids);
    /// Takes back the latest remove().
    void putBack();
    bool canPutBack() const { return !removed_.empty(); }
    void setShown(int id, bool shown);
    void rename(int id, const QString& name);
    void setAsOne(const std::string& key, bool asOne);

    const std::vector<Entry>& entries() const { return entries_; }
    const std::vector<Group>& groups() const { return groups_; }

  Q_SIGNALS:
    void changed();

  private:
    void tell();  ///< after a change of the entries
    int freeSlot() const;
    QString freeName(const QString& wanted, int except = -1) const;
    QString nameFor(const KeptRun& run) const;

    std::vector<Entry> entries_, removed_;
    std::vector<Group> groups_;
    std::set<std::string> apart_;  ///< keys of groups that are not drawn as one
    int nextId_ = 1;
};

}  // namespace rondo::ui
