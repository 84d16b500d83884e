#include "ui/setup/setting_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <charconv>
#include <cmath>

#include "engine/config/run_spec_json.h"
#include "ui/setup/number_edit.h"
#include "ui/window/icons.h"

namespace rondo::ui {

namespace json = boost::json;
using Editor = FormRow::Editor;

namespace {

constexpr double kLabelEms = 10.8;  ///< with what it is indented by, so that all fields begin at one place
constexpr double kFieldEms = 3.5;   ///< at least, beside a unit
constexpr int kIndent = 10;

bool isPath(Editor editor) {
    return editor == Editor::Folder || editor == Editor::File;
}

/// A number as it is typed; text that is none stays text, so that validation can name it.
json::value numberOf(const QString& typed) {
    const std::string text = typed.trimmed().toStdString();
    std::int64_t whole = 0;
    if (const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
        error == std::errc() && end == text.data() + text.size())
        return whole;
    double real = 0;
    if (const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
        error == std::errc() && end == text.data() + text.size() && std::isfinite(real))
        return real;
    return json::value(text);
}

}  // namespace

QString wordOf(std::string_view name) {
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())).replace('_', '-');
}

QString fieldText(const json::value& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return QString::fromUtf8(value.as_string().c_str());
    if (const json::array* items = value.if_array()) {
        // A pair within a list: "0-1, 1-2".
        QStringList words;
        for (const json::value& item : *items)
            words << (item.is_array() ? fieldText(item).replace(QStringLiteral(", "), QStringLiteral("-"))
                                      : fieldText(item));
        return words.join(QStringLiteral(", "));
    }
    return QString::fromStdString(prettyPrint(value)).trimmed();
}

SettingEditor::SettingEditor(const FormRow& row, int leftTaken, QWidget* parent)
    : QWidget(parent), row_(row), leftTaken_(leftTaken) {
    auto* grid = new QGridLayout(this);
    const int indent = kIndent * std::max(0, row.depth - 1);
    grid->setContentsMargins(indent, 1, 0, 1);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(1);
    label_ = new QLabel(QString::fromStdString(row.label), this);
    label_->setWordWrap(true);
    grid->addWidget(label_, 0, 0);

    makeField();
    QString tip = QString::fromStdString(row.help);
    if (!row.allowed.empty()) tip += tr("\nAllowed: %1").arg(QString::fromStdString(row.allowed));
    tip += tr("\nIn the file: %1").arg(QString::fromStdString(row.path));
    setToolTip(tip);
    if (field_) {
        field_->setAccessibleName(QString::fromStdString(row.label));
        field_->setAccessibleDescription(QString::fromStdString(row.help));
        label_->setBuddy(field_);
        auto* line = new QHBoxLayout;
        line->setSpacing(4);
        line->addWidget(field_, 1);
        if (isPath(row.editor)) {
            const bool file = row.editor == Editor::File;
            const QString what = file ? tr("Choose a file") : tr("Choose a folder");
            auto* browse = browse_ = new QToolButton(this);
            browse->setFocusPolicy(Qt::StrongFocus);
            browse->setText(QStringLiteral("…"));
            browse->setToolTip(what);
            browse->setAccessibleName(what);
            connect(browse, &QToolButton::clicked, this, [this, file] {
                const QString now = static_cast<QLineEdit*>(field_)->text();
                const QString chosen = file ? QFileDialog::getOpenFileName(this, tr("File"), now)
                                            : QFileDialog::getExistingDirectory(this, tr("Folder"), now);
                if (!chosen.isEmpty()) Q_EMIT edited(row_.path, json::value(chosen.toStdString()), false);
            });
            line->addWidget(browse);
        }
        if (!row.unit.empty()) {
            auto* unit = new QLabel(QString::fromStdString(row.unit), this);
            unit->setProperty("muted", true);
            line->addWidget(unit);
        }
        // A path needs the whole width to be read.
        if (isPath(row.editor))
            grid->addLayout(line, 1, 0, 1, 2);
        else
            grid->addLayout(line, 0, 1);
    } else if (row.editor == Editor::List || row.editor == Editor::Item) {
        makeListButton();
        auto* line = new QHBoxLayout;
        line->addStretch(1);
        line->addWidget(add_ ? add_ : remove_);
        grid->addLayout(line, 0, 1);
        if (row.editor == Editor::Item) label_->setProperty("heading", true);
    } else {
        label_->setProperty("heading", true);
    }
    grid->setColumnStretch(1, 1);

    problemBox_ = new QWidget(this);
    auto* problemLine = new QHBoxLayout(problemBox_);
    problemLine->setContentsMargins(0, 0, 0, 3);
    problemLine->setSpacing(5);
    problemIcon_ = new QLabel(problemBox_);
    problemText_ = new QLabel(problemBox_);
    problemText_->setWordWrap(true);
    problemText_->setProperty("problem", true);
    problemText_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    problemLine->addWidget(problemIcon_, 0, Qt::AlignTop);
    problemLine->addWidget(problemText_, 1);
    problemBox_->hide();
    grid->addWidget(problemBox_, 2, 0, 1, 2);
    show(row);
}

void SettingEditor::makeField() {
    switch (row_.editor) {
        case Editor::Heading:
        case Editor::List:
        case Editor::Item:
            return;
        case Editor::Text:
            return makeText(false);
        case Editor::Folder:
        case Editor::File:
            return makeText(true);
        case Editor::Integers:
        case Editor::Pairs:
            return makeText(false);
        case Editor::Integer:
            return makeNumber(true, false);
        case Editor::OptionalInteger:
            return makeNumber(true, true);
        case Editor::Real:
            return makeNumber(false, false);
        case Editor::OptionalReal:
            return makeNumber(false, true);
        case Editor::Choice:
        case Editor::Kind:
            return makeChoice();
        case Editor::Boolean: {
            auto* box = new QCheckBox(this);
            connect(box, &QCheckBox::clicked, this,
                    [this](bool on) { Q_EMIT edited(row_.path, json::value(on), false); });
            field_ = box;
            return;
        }
    }
}

void SettingEditor::makeNumber(bool whole, bool optional) {
    auto* edit = new NumberEdit({row_.low, row_.high, whole}, this);
    if (optional) edit->setPlaceholder(tr("not set"));
    connect(edit, &NumberEdit::edited, this,
            [this](const QString& text) { Q_EMIT edited(row_.path, meaningOf(text), true); });
    connect(edit, &NumberEdit::editingFinished, this, &SettingEditor::finishedTyping);
    field_ = edit;
}

void SettingEditor::makeText(bool path) {
    auto* edit = new QLineEdit(this);
    if (path) edit->setPlaceholderText(tr("folder"));
    connect(edit, &QLineEdit::textEdited, this,
            [this](const QString& text) { Q_EMIT edited(row_.path, meaningOf(text), true); });
    connect(edit, &QLineEdit::editingFinished, this, &SettingEditor::finishedTyping);
    field_ = edit;
}

void SettingEditor::makeChoice() {
    auto* box = new QComboBox(this);
    box->setFocusPolicy(Qt::StrongFocus);
    // A long choice must not make every field of the form wider than the form.
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    for (const std::string& choice : row_.choices)
        box->addItem(wordOf(choice), QString::fromStdString(choice));
    connect(box, &QComboBox::activated, this, [this, box](int index) {
        Q_EMIT edited(row_.path, json::value(box->itemData(index).toString().toStdString()), false);
    });
    // One passes over it when scrolling the form.
    box->installEventFilter(new WheelGuard(box));
    field_ = box;
}

void SettingEditor::makeListButton() {
    const bool item = row_.editor == Editor::Item;
    const QString name = QString::fromStdString(row_.label);
    auto* button = new QToolButton(this);
    button->setText(item ? tr("Remove") : tr("Add"));
    button->setToolTip(item ? tr("Remove %1").arg(name) : tr("One more of %1").arg(name));
    button->setAccessibleName(button->toolTip());
    button->setFocusPolicy(Qt::StrongFocus);
    (item ? remove_ : add_) = button;
    connect(button, &QToolButton::clicked, this, [this, item] {
        if (item)
            Q_EMIT itemRemoved(row_.path);
        else
            Q_EMIT itemAdded(row_.path);
    });
}

json::value SettingEditor::meaningOf(const QString& text) const {
    switch (row_.editor) {
        case Editor::OptionalInteger:
        case Editor::OptionalReal:
            return text.trimmed().isEmpty() ? json::value() : numberOf(text);
        case Editor::Integer:
        case Editor::Real:
            return numberOf(text);
        case Editor::Integers: {
            json::array items;
            if (text.trimmed().isEmpty()) return items;
            for (const QString& word : text.split(',')) items.push_back(numberOf(word));
            return items;
        }
        case Editor::Pairs: {
            json::array items;
            if (text.trimmed().isEmpty()) return items;
            for (const QString& word : text.split(',')) {
                json::array pair;
                for (const QString& number : word.split('-')) pair.push_back(numberOf(number));
                items.push_back(std::move(pair));
            }
            return items;
        }
        default:
            return json::value(text.toStdString());
    }
}

bool SettingEditor::fits(const FormRow& row) const {
    return row.editor == row_.editor && row.path == row_.path && row.choices == row_.choices &&
           row.depth == row_.depth;
}

void SettingEditor::show(const FormRow& row) {
    row_.value = row.value;
    const QString text = fieldText(row.value);
    if (auto* number = qobject_cast<NumberEdit*>(field_)) {
        if (meaningOf(number->typed()) != row.value) number->setTyped(text);
    } else if (auto* edit = qobject_cast<QLineEdit*>(field_)) {
        if (meaningOf(edit->text()) != row.value) {
            edit->setText(text);
            edit->setCursorPosition(0);
        }
        if (isPath(row_.editor)) edit->setToolTip(text);
    } else if (auto* box = qobject_cast<QComboBox*>(field_)) {
        box->setCurrentIndex(box->findData(text));
    } else if (auto* check = qobject_cast<QCheckBox*>(field_)) {
        check->setChecked(row.value.is_bool() && row.value.as_bool());
    } else if (row_.editor == Editor::List) {
        const auto count = row.value.is_int64() ? row.value.as_int64() : 0;
        label_->setText(tr("%1 (%2)").arg(QString::fromStdString(row_.label)).arg(count));
    }
}

void SettingEditor::setProblem(const QString& words) {
    problemText_->setText(words);
    problemBox_->setVisible(!words.isEmpty());
    if (!field_) return;
    field_->setProperty("fault", words.isEmpty() ? "false" : "true");
    field_->setAccessibleDescription(words.isEmpty() ? QString::fromStdString(row_.help) : words);
    field_->style()->unpolish(field_);
    field_->style()->polish(field_);
}

std::vector<QWidget*> SettingEditor::tabOrder() const {
    std::vector<QWidget*> order;
    for (QWidget* one : {field_, static_cast<QWidget*>(browse_), static_cast<QWidget*>(remove_),
                         static_cast<QWidget*>(add_)}) {
        if (one) order.push_back(one);
    }
    return order;
}

QWidget* SettingEditor::label() const {
    return label_;
}

QString SettingEditor::problem() const {
    return problemText_->text();
}

void SettingEditor::setTheme(const Theme& theme) {
    const int indent = kIndent * std::max(0, row_.depth - 1);
    // What a field would like to be wide must not push its right edge, and all others', out of the form.
    if (field_ && row_.editor != Editor::Boolean) {
        field_->setSizePolicy(QSizePolicy::Ignored, field_->sizePolicy().verticalPolicy());
        field_->setMinimumWidth(static_cast<int>(kFieldEms * theme.fontPixels));
    }
    if (row_.editor != Editor::Heading)
        label_->setFixedWidth(static_cast<int>(kLabelEms * theme.fontPixels) - indent - leftTaken_);
    problemIcon_->setPixmap(icon(QStringLiteral("error"), theme.fault).pixmap(14, 14));
}

}  // namespace rondo::ui
