#pragma once

#include <QWidget>
#include <vector>

#include "engine/config/form.h"
#include "ui/draw/theme.h"

class QLabel;
class QToolButton;

namespace rondo::ui {

/// One row of the form: label, an editor that fits the kind of setting, unit, and below it what is wrong, in
/// words.
class SettingEditor final : public QWidget {
    Q_OBJECT
  public:
    /// `leftTaken`: pixels of the row that stand left of it already.
    SettingEditor(const FormRow& row, int leftTaken, QWidget* parent = nullptr);

    const std::string& path() const { return row_.path; }
    /// The same editor can show this row: only the value differs.
    bool fits(const FormRow& row) const;
    /// A field that means this value already is left as typed.
    void show(const FormRow& row);
    void setProblem(const QString& words);
    QString problem() const;
    void setTheme(const Theme& theme);
    QWidget* field() const { return field_; }
    QWidget* label() const;
    /// Of a List and of an Item: the buttons that make the list longer, and shorter by this one.
    QToolButton* addButton() const { return add_; }
    QToolButton* removeButton() const { return remove_; }
    /// What Tab goes to, from the left.
    std::vector<QWidget*> tabOrder() const;

  Q_SIGNALS:
    void edited(const std::string& path, const boost::json::value& value, bool typing);
    void finishedTyping();
    void itemAdded(const std::string& path);
    void itemRemoved(const std::string& path);

  private:
    void makeField();
    void makeNumber(bool whole, bool optional);
    void makeText(bool path);
    void makeChoice();
    void makeListButton();
    boost::json::value meaningOf(const QString& text) const;

    FormRow row_;
    int leftTaken_;
    QLabel* label_;
    QWidget* field_ = nullptr;
    QWidget* problemBox_;
    QLabel *problemIcon_, *problemText_;
    QToolButton *add_ = nullptr, *remove_ = nullptr, *browse_ = nullptr;
};

/// A setting's name in a file as it is read aloud: "all_reduce" becomes "all-reduce".
QString wordOf(std::string_view name);
/// A value as it stands in a text field.
QString fieldText(const boost::json::value& value);

}  // namespace rondo::ui
