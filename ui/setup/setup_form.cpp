#include "ui/setup/setup_form.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdlib>
#include <map>

#include "ui/window/icons.h"

namespace rondo::ui {

using Editor = FormRow::Editor;

namespace {

constexpr int kFold = 20;  ///< width of the arrow that opens a section

std::string firstKey(const std::string& path) {
    return path.substr(0, path.find('.'));
}

bool startsSection(const FormRow& row) {
    return row.depth == 0 &&
           (row.editor == Editor::Heading || row.editor == Editor::Kind || row.editor == Editor::List);
}

}  // namespace

SetupForm::SetupForm(SettingsDocument& document, QWidget* parent)
    : QScrollArea(parent), document_(document), stages_(new StageTable(this)) {
    stages_->hide();
    connect(stages_, &StageTable::cutWanted, this,
            [this](const RunSpec& spec) { document_.changeTo(spec, "algorithm.cut"); });
    setWidgetResizable(true);
    setFocusPolicy(Qt::NoFocus);  // Tab goes to the fields, which bring themselves into sight
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Settings of the run"));
    connect(&document_, &SettingsDocument::changed, this, &SetupForm::refresh);
    connect(&document_, &SettingsDocument::changedAt, this, &SetupForm::reveal);
    refresh();
}

void SetupForm::setTheme(const Theme& theme) {
    theme_ = theme;
    stages_->setTheme(theme);
    for (SettingEditor* editor : editors_) editor->setTheme(theme);
    for (const Section& section : sections_) open(section, section.header->isChecked());
}

SettingEditor* SetupForm::editor(const std::string& path) const {
    const auto found =
        std::find_if(editors_.begin(), editors_.end(), [&](auto* e) { return e->path() == path; });
    return found == editors_.end() ? nullptr : *found;
}

SettingEditor* SetupForm::editorFor(const std::string& where) const {
    for (std::string path = where; !path.empty();) {
        if (SettingEditor* exact = editor(path)) return exact;
        if (SettingEditor* kind = editor(path + ".kind")) return kind;
        const std::size_t dot = path.rfind('.');
        path = dot == std::string::npos ? std::string() : path.substr(0, dot);
    }
    return nullptr;
}

void SetupForm::blame(const std::string& path, const QString& words) {
    blamed_ = path;
    blamedFor_ = words;
    showProblems();
}

void SetupForm::refresh() {
    blamed_.clear();
    const std::vector<FormRow> rows = document_.rows();
    const bool same = rows.size() == editors_.size() &&
                      std::equal(rows.begin(), rows.end(), editors_.begin(),
                                 [](const FormRow& row, SettingEditor* editor) { return editor->fits(row); });
    if (same) {
        for (std::size_t i = 0; i < rows.size(); ++i) editors_[i]->show(rows[i]);
    } else {
        rebuild(rows);
    }
    showStages();
    showProblems();
}

void SetupForm::showStages() {
    if (!stages_->isHidden()) stages_->present(document_.validSpec(), document_.problems().empty());
}

void SetupForm::addStages(const FormRow& row, const FormRow* next, QVBoxLayout& place) {
    const bool cut = row.path == "algorithm.cut_at" ||
                     (row.path == "algorithm.cut" && !(next && next->path == "algorithm.cut_at"));
    if (!cut) return;
    place.addWidget(stages_);
    stages_->show();
    for (QWidget* one : stages_->tabOrder()) tabOrder_.push_back(one);
}

void SetupForm::rebuild(const std::vector<FormRow>& rows) {
    std::string focused;
    bool onRemove = false;
    const int scrolled = verticalScrollBar()->value();
    QWidget* const inStages =
        stages_->isAncestorOf(QApplication::focusWidget()) ? QApplication::focusWidget() : nullptr;
    stages_->setParent(this);  // the page it stood on goes
    stages_->hide();
    for (SettingEditor* editor : editors_) {
        if (!editor->isAncestorOf(QApplication::focusWidget())) continue;
        focused = editor->path();
        onRemove = editor->removeButton() && editor->removeButton()->hasFocus();
    }

    auto* page = new QWidget;
    page->setObjectName(QStringLiteral("setupPage"));
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(12, 2, 10, 12);
    column->setSpacing(2);
    editors_.clear();
    sections_.clear();
    tabOrder_.clear();
    general_ = new QLabel(page);
    general_->setWordWrap(true);
    general_->setProperty("problem", true);
    column->addWidget(general_);

    QVBoxLayout* place = column;
    std::string section;
    for (const FormRow& row : rows) {
        if (startsSection(row)) {
            section = firstKey(row.path);
            const bool hasRows = &row != &rows.back() && firstKey((&row)[1].path) == section;
            if (hasRows) {
                sections_.push_back(addSection(row));
                tabOrder_.push_back(sections_.back().header);
                auto* line = new QHBoxLayout;
                line->setContentsMargins(0, 6, 0, 0);
                line->setSpacing(0);
                line->addWidget(sections_.back().header, 0, Qt::AlignTop);
                addEditor(row, kFold, *column);
                // The kind stays in sight when its section is closed.
                column->removeWidget(editors_.back());
                line->addWidget(editors_.back(), 1);
                sections_.back().label = editors_.back()->label();
                sections_.back().label->installEventFilter(this);
                column->addLayout(line);
                column->addWidget(sections_.back().body);
                place = sections_.back().rows;
                continue;
            }
            place = column;
        } else if (row.depth == 0) {
            place = column;
        }
        addEditor(row, place == column ? 0 : kFold, *place);
        addStages(row, &row == &rows.back() ? nullptr : &row + 1, *place);
    }
    column->addStretch(1);
    // The old page may be the sender of the signal that brought us here.
    if (QWidget* old = takeWidget()) old->deleteLater();
    setWidget(page);
    for (const Section& s : sections_) open(s, !closed_.contains(s.key));
    Q_EMIT rebuilt();
    // Where one was looking: the new page has its height only once it is laid out.
    page->layout()->activate();
    QEvent laidOut(QEvent::LayoutRequest);
    QCoreApplication::sendEvent(page, &laidOut);
    verticalScrollBar()->setValue(scrolled);
    if (!focused.empty()) refocus(focused, onRemove);
    if (inStages && !stages_->isHidden()) inStages->setFocus();
}

void SetupForm::refocus(const std::string& path, bool toRemove) {
    SettingEditor* again = editor(path);
    // Of the item that was removed, the one that took its place, the one before it, or the list's button.
    if (const std::size_t dot = path.rfind('.'); toRemove && !again && dot != std::string::npos) {
        const std::string list = path.substr(0, dot);
        const long long before = std::atoll(path.c_str() + dot + 1) - 1;
        again = editor(list + "." + std::to_string(before));
        if (!again) again = editor(list);
    }
    if (!again) return;
    QWidget* place = again->field()          ? again->field()
                     : again->removeButton() ? static_cast<QWidget*>(again->removeButton())
                                             : again->addButton();
    if (!place) return;
    place->setFocus();
    ensureWidgetVisible(again, 0, 8);
}

bool SetupForm::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::MouseButtonRelease) {
        for (const Section& section : sections_)
            if (watched == section.label) section.header->click();
    }
    // A field's own undo knows only what was typed, and forgets it when an arrow changes the value; the
    // settings' undo knows every change. So these keys are the settings', wherever the focus is.
    if (event->type() != QEvent::ShortcutOverride && event->type() != QEvent::KeyPress)
        return QScrollArea::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool redo = key->matches(QKeySequence::Redo) ||
                      (key->key() == Qt::Key_Y && key->modifiers() == Qt::ControlModifier);
    if (!redo && !key->matches(QKeySequence::Undo)) return QScrollArea::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        event->ignore();  // a shortcut of the window may have it
        return true;
    }
    if (redo)
        document_.undoStack().redo();
    else
        document_.undoStack().undo();
    return true;
}

SetupForm::Section SetupForm::addSection(const FormRow& row) {
    Section section;
    section.key = QString::fromStdString(firstKey(row.path));
    section.header = new QToolButton;
    section.header->setAutoRaise(true);
    section.header->setCheckable(true);
    section.header->setFixedSize(kFold, 26);
    section.header->setIconSize({12, 12});
    section.header->setProperty("fold", true);
    section.header->setFocusPolicy(Qt::StrongFocus);
    section.header->setAccessibleName(tr("Show or hide %1").arg(QString::fromStdString(row.label)));
    section.body = new QWidget;
    section.rows = new QVBoxLayout(section.body);
    section.rows->setContentsMargins(kFold, 0, 0, 2);
    section.rows->setSpacing(2);
    connect(section.header, &QToolButton::clicked, this, [this, section](bool on) {
        if (on)
            closed_.remove(section.key);
        else
            closed_.insert(section.key);
        open(section, on);
    });
    return section;
}

void SetupForm::open(const Section& section, bool on) {
    section.header->setChecked(on);
    section.header->setIcon(icon(on ? QStringLiteral("down") : QStringLiteral("right"), theme_.mutedText));
    section.body->setVisible(on);
}

void SetupForm::addEditor(const FormRow& row, int leftTaken, QVBoxLayout& place) {
    auto* editor = new SettingEditor(row, leftTaken);
    editor->setTheme(theme_);
    connect(editor, &SettingEditor::edited, &document_, &SettingsDocument::change);
    connect(editor, &SettingEditor::finishedTyping, &document_, &SettingsDocument::endTyping);
    connect(editor, &SettingEditor::itemAdded, this, &SetupForm::addItem);
    connect(editor, &SettingEditor::itemRemoved, this, &SetupForm::removeItem);
    place.addWidget(editor);
    editors_.push_back(editor);
    for (QWidget* one : editor->tabOrder()) tabOrder_.push_back(one);
    if (editor->field()) editor->field()->installEventFilter(this);
}

void SetupForm::addItem(const std::string& path) {
    boost::json::value items = valueAt(document_.json(), path);
    if (!items.is_array()) items.emplace_array();
    const std::size_t place = items.as_array().size();
    items.as_array().push_back(freshItem(document_.validSpec(), path));
    document_.change(path, items, false);
    reveal(QString::fromStdString(path + "." + std::to_string(place)));
}

void SetupForm::removeItem(const std::string& path) {
    const std::size_t dot = path.rfind('.');
    const std::string list = path.substr(0, dot);
    boost::json::value items = valueAt(document_.json(), list);
    if (!items.is_array()) return;
    boost::json::array& all = items.as_array();
    const auto place = static_cast<std::size_t>(std::atoll(path.c_str() + dot + 1));
    if (place >= all.size()) return;
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(place));
    document_.change(list, items, false);
}

void SetupForm::showProblems() {
    std::map<SettingEditor*, QStringList> words;
    QStringList rest;
    for (const Problem& problem : document_.problems()) {
        SettingEditor* editor = editorFor(problem.where);
        if (editor)
            words[editor] << QString::fromStdString(problem.what);
        else
            rest << QString::fromStdString(problem.text());
    }
    if (SettingEditor* editor = blamed_.empty() ? nullptr : editorFor(blamed_)) words[editor] << blamedFor_;
    for (SettingEditor* editor : editors_) {
        const auto found = words.find(editor);
        const QString text = found == words.end() ? QString() : found->second.join('\n');
        if (text != editor->problem()) editor->setProblem(text);
        if (text.isEmpty()) continue;
        for (const Section& section : sections_)
            if (section.body->isAncestorOf(editor)) open(section, true);
    }
    general_->setText(rest.join('\n'));
    general_->setVisible(!rest.isEmpty());
}

void SetupForm::reveal(const QString& path) {
    SettingEditor* editor = editorFor(path.toStdString());
    if (!editor) return;
    for (const Section& section : sections_)
        if (section.body->isAncestorOf(editor)) open(section, true);
    ensureWidgetVisible(editor);
}

void SetupForm::focusFirstProblem() {
    for (const Problem& problem : document_.problems()) {
        SettingEditor* editor = editorFor(problem.where);
        if (!editor) continue;
        reveal(QString::fromStdString(problem.where));
        if (editor->field()) editor->field()->setFocus(Qt::OtherFocusReason);
        return;
    }
}

QStringList SetupForm::closedSections() const {
    return {closed_.begin(), closed_.end()};
}

void SetupForm::setClosedSections(const QStringList& sections) {
    closed_ = {sections.begin(), sections.end()};
    for (const Section& s : sections_) open(s, !closed_.contains(s.key));
}

}  // namespace rondo::ui
