#include "ui/setup/settings_document.h"

#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <boost/json/parse.hpp>
#include <charconv>

#include "engine/config/json_reader.h"
#include "engine/config/run_spec_json.h"

namespace rondo::ui {

namespace json = boost::json;

namespace {

/// The place at a dotted path; null pointer when there is none.
template <class Value>
Value* placeOf(Value& root, std::string_view path) {
    Value* place = &root;
    while (!path.empty()) {
        const std::size_t dot = path.find('.');
        const std::string_view key = path.substr(0, dot);
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
        if (auto* object = place->if_object()) {
            place = object->if_contains(key);
            if (!place) return nullptr;
        } else if (auto* items = place->if_array()) {
            std::size_t index = items->size();
            std::from_chars(key.data(), key.data() + key.size(), index);
            if (index >= items->size()) return nullptr;
            place = &(*items)[index];
        } else {
            return nullptr;
        }
    }
    return place;
}

std::string_view parentOf(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

/// As far as they can be read; what has a problem keeps its default.
RunSpec specFrom(const json::value& settings) {
    RunSpec spec;
    Problems ignored;
    if (settings.is_object()) readInto(spec, settings.as_object(), ignored);
    return spec;
}

json::value without(json::value settings, std::string_view path) {
    const std::size_t dot = path.rfind('.');
    const std::string_view key = dot == std::string_view::npos ? path : path.substr(dot + 1);
    if (json::value* place = placeOf(settings, parentOf(path)))
        if (json::object* object = place->if_object()) object->erase(key);
    return settings;
}

}  // namespace

json::value valueAt(const json::value& root, std::string_view path) {
    const json::value* place = placeOf(root, path);
    return place ? *place : json::value();
}

class ChangeSettings final : public QUndoCommand {
  public:
    ChangeSettings(SettingsDocument& document, json::value after, std::string path, int typing)
        : document_(document),
          before_(document.json()),
          after_(std::move(after)),
          path_(std::move(path)),
          typing_(typing) {
        setText(QString::fromStdString(path_));
    }
    void undo() override { apply(before_, true); }
    void redo() override {
        apply(after_, !first_);
        first_ = false;
    }
    int id() const override { return typing_ < 0 ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto* next = static_cast<const ChangeSettings*>(other);
        if (next->path_ != path_ || next->typing_ != typing_) return false;
        after_ = next->after_;
        return true;
    }

  private:
    void apply(const json::value& value, bool show) {
        document_.set(value);
        if (show) Q_EMIT document_.changedAt(QString::fromStdString(path_));
    }
    SettingsDocument& document_;
    json::value before_, after_;
    std::string path_;
    int typing_;
    bool first_ = true;
};

/// Other settings in the place of all: their file and what they were saved as go with them.
class LoadSettings final : public QUndoCommand {
  public:
    LoadSettings(SettingsDocument& document, json::value after, const QString& file)
        : document_(document), other_{after, after, file} {
        setText(QObject::tr("loading settings"));
    }
    void undo() override { exchange(); }
    void redo() override { exchange(); }

  private:
    void exchange() {
        State now{document_.json_, document_.saved_, document_.file_};
        document_.saved_ = std::move(other_.saved);
        document_.file_ = std::move(other_.file);
        document_.endTyping();
        document_.set(other_.json);
        other_ = std::move(now);
        Q_EMIT document_.titleChanged();
    }
    struct State {
        json::value json, saved;
        QString file;
    };
    SettingsDocument& document_;
    State other_;  ///< what undo or redo brings next
};

SettingsDocument::SettingsDocument(QObject* parent) : QObject(parent) {
    valid_.stop.steps = 300;
    saved_ = json_ = toJson(valid_);
}

void SettingsDocument::set(const json::value& value) {
    const bool wasDirty = dirty();
    json_ = value;
    auto spec = runSpecFrom(json_);
    problems_ = spec ? Problems{} : spec.problems();
    if (spec) valid_ = std::move(*spec);
    Q_EMIT changed();
    if (dirty() != wasDirty) Q_EMIT titleChanged();
}

std::vector<FormRow> SettingsDocument::rows() const {
    const bool readable = problems_.empty() || !json_.is_object();
    std::vector<FormRow> rows = formRows(readable ? valid_ : specFrom(json_));
    for (FormRow& row : rows) {
        using Editor = FormRow::Editor;
        if (row.editor == Editor::Heading || row.editor == Editor::List || row.editor == Editor::Item)
            continue;
        json::value present = valueAt(json_, row.path);
        if (!present.is_null()) row.value = std::move(present);
    }
    return rows;
}

void SettingsDocument::change(const std::string& path, const json::value& value, bool typing) {
    if (valueAt(json_, path) == value) return;
    json::value after;
    if (value.is_null()) {
        after = without(json_, path);
    } else {
        auto changed = withValue(json_, path, value);
        if (!changed) return;  // only a path that no row has
        after = std::move(*changed);
        // What a choice leaves without a purpose beside it goes, instead of being told to be wrong.
        if (!typing && value.is_string())
            for (const std::string& idle : idlePaths(specFrom(after)))
                if (parentOf(idle) == parentOf(path)) after = without(std::move(after), idle);
    }
    undo_.push(new ChangeSettings(*this, std::move(after), path, typing ? typing_ : -1));
}

void SettingsDocument::changeTo(const RunSpec& next, const std::string& where) {
    const json::value was = toJson(valid_), will = toJson(next);
    json::value after = json_;
    if (!after.is_object()) after = was;
    for (const auto& [key, value] : will.as_object())
        if (valueAt(was, key) != value) after.as_object()[key] = value;
    if (after != json_) undo_.push(new ChangeSettings(*this, std::move(after), where, -1));
}

void SettingsDocument::replace(const RunSpec& spec, const QString& file) {
    undo_.clear();
    file_ = file;
    endTyping();
    saved_ = toJson(spec);
    set(saved_);
    Q_EMIT titleChanged();
}

void SettingsDocument::load(const RunSpec& spec, const QString& file) {
    undo_.push(new LoadSettings(*this, toJson(spec), file));
}

bool SettingsDocument::restore(const QString& text, const QString& file, bool dirty) {
    boost::system::error_code failed;
    const QByteArray bytes = text.toUtf8();
    json::value value = json::parse({bytes.constData(), static_cast<std::size_t>(bytes.size())}, failed);
    if (failed || !value.is_object()) return false;
    undo_.clear();
    file_ = file;
    saved_ = dirty ? json::value() : value;
    set(value);
    Q_EMIT titleChanged();
    return true;
}

Result<RunSpec> SettingsDocument::open(const QString& file) {
    auto spec = loadRunSpec(file.toStdString());
    if (spec) load(*spec, QFileInfo(file).absoluteFilePath());
    return spec;
}

QString SettingsDocument::save(const QString& file) {
    QSaveFile out(file);
    const QByteArray bytes = text().toUtf8();
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        return tr("%1 can't be written: %2").arg(file, out.errorString());
    file_ = QFileInfo(file).absoluteFilePath();
    saved_ = json_;
    Q_EMIT titleChanged();
    return {};
}

QString SettingsDocument::name() const {
    const json::value name = valueAt(json_, "name");
    return name.is_string() ? QString::fromUtf8(name.as_string().c_str()) : QString();
}

QString SettingsDocument::text() const {
    return QString::fromStdString(prettyPrint(json_)) + '\n';
}

}  // namespace rondo::ui
