#pragma once

#include <QScrollArea>
#include <QSet>
#include <memory>
#include <vector>

#include "ui/draw/theme.h"
#include "ui/setup/setting_editor.h"
#include "ui/setup/settings_document.h"
#include "ui/setup/stage_table.h"

class QVBoxLayout;

namespace rondo::ui {

/// The settings as a form. Knows no setting: rows, words and limits come from the engine; only what a model
/// is cut into is told below the rows that say how. Sections open and close; one with a problem opens itself.
class SetupForm final : public QScrollArea {
    Q_OBJECT
  public:
    explicit SetupForm(SettingsDocument& document, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// Null when the form has no such row now.
    SettingEditor* editor(const std::string& path) const;
    StageTable& stages() const { return *stages_; }
    void focusFirstProblem();
    /// Opens the section of a setting and brings it into sight.
    void reveal(const QString& path);
    /// Marks a place the settings alone don't show to be wrong: a run failed on it. Until the next change.
    void blame(const std::string& path, const QString& words);
    QStringList closedSections() const;
    void setClosedSections(const QStringList& sections);
    /// Everything Tab goes to, from the top.
    const std::vector<QWidget*>& tabOrder() const { return tabOrder_; }

  Q_SIGNALS:
    void rebuilt();  ///< the rows are others now; tabOrder() has changed

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    struct Section {
        QString key;
        QToolButton* header = nullptr;
        QWidget* label = nullptr;
        QWidget* body = nullptr;
        QVBoxLayout* rows = nullptr;
    };
    void refresh();
    void rebuild(const std::vector<FormRow>& rows);
    Section addSection(const FormRow& row);
    void refocus(const std::string& path, bool toRemove);
    void addEditor(const FormRow& row, int leftTaken, QVBoxLayout& place);
    void addStages(const FormRow& row, const FormRow* next, QVBoxLayout& place);
    void showStages();
    void showProblems();
    void open(const Section& section, bool on);
    SettingEditor* editorFor(const std::string& where) const;
    void addItem(const std::string& path);
    void removeItem(const std::string& path);

    SettingsDocument& document_;
    StageTable* stages_;  ///< goes from page to page; out of sight of algorithms without stages
    Theme theme_ = Theme::light();
    std::vector<SettingEditor*> editors_;
    std::vector<Section> sections_;
    std::vector<QWidget*> tabOrder_;
    QSet<QString> closed_{QStringLiteral("cluster")};
    std::string blamed_;  ///< path; empty: none
    QString blamedFor_;
    class QLabel* general_ = nullptr;  ///< problems that belong to no row
};

}  // namespace rondo::ui
