#pragma once

#include <QObject>
#include <QUndoStack>
#include <boost/json/value.hpp>
#include <string_view>

#include "engine/config/form.h"
#include "engine/config/run_spec.h"
#include "engine/core/result.h"

namespace rondo::ui {

/// The settings being edited: one JSON value with undo, its problems, and the last valid run made from it.
/// Thread: GUI only.
class SettingsDocument final : public QObject {
    Q_OBJECT
  public:
    explicit SettingsDocument(QObject* parent = nullptr);

    const boost::json::value& json() const { return json_; }
    /// The settings when they have no problem, else the last ones that had none.
    const RunSpec& validSpec() const { return valid_; }
    const Problems& problems() const { return problems_; }
    /// Rows of the form for what is typed now, its kinds included; values with a problem are as typed.
    std::vector<FormRow> rows() const;

    /// Changes one place, undoable; null takes the setting away. Changes of the same path merge into one
    /// until endTyping().
    void change(const std::string& path, const boost::json::value& value, bool typing);
    /// What `next` has otherwise than the valid settings, as one change that undo and redo show at `where`.
    void changeTo(const RunSpec& next, const std::string& where);
    void endTyping() { ++typing_; }
    QUndoStack& undoStack() { return undo_; }

    /// Replaces everything and forgets undo. `file` is empty for settings that come from no file of the
    /// person.
    void replace(const RunSpec& spec, const QString& file);
    /// Replaces everything as one change, which undo takes back, file and all.
    void load(const RunSpec& spec, const QString& file = {});
    /// The same from JSON that may have problems: a session that was left half typed.
    bool restore(const QString& text, const QString& file, bool dirty);
    Result<RunSpec> open(const QString& file);  ///< loads them
    /// Empty, or why it could not be written. Settings with problems are kept as they are typed.
    QString save(const QString& file);

    QString file() const { return file_; }
    QString name() const;
    bool dirty() const { return json_ != saved_; }
    QString text() const;

  Q_SIGNALS:
    void changed();                       ///< after every change, undo and redo included
    void changedAt(const QString& path);  ///< undo or redo changed this place
    void titleChanged();                  ///< file or dirty mark

  private:
    friend class ChangeSettings;
    friend class LoadSettings;
    void set(const boost::json::value& json);

    boost::json::value json_;
    boost::json::value saved_;  ///< as the file or the preset has them; null: nowhere
    RunSpec valid_;
    Problems problems_;
    QUndoStack undo_;
    QString file_;
    int typing_ = 0;
};

/// The value at a dotted path; null when there is none.
boost::json::value valueAt(const boost::json::value& json, std::string_view path);

}  // namespace rondo::ui
