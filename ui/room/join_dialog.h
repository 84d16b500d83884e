#pragma once

#include <QDialog>

#include "ui/bridge/join_process.h"
#include "ui/draw/theme.h"

class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace rondo::ui {

/// Asks where a class is and for its code, and judges both while one types; a worker also for its name. A
/// whole line as a host shows it may be pasted in place of the address. Decides nothing about the rest:
/// whether the code is right only the host knows.
class JoinDialog final : public QDialog {
    Q_OBJECT
  public:
    /// `known`: what is filled in. `trouble`: what went wrong the last time, or nothing.
    JoinDialog(JoinProcess::Role role, const JoinPlace& known, const QString& trouble, const Theme& theme,
               QWidget* parent = nullptr);
    JoinPlace place() const;
    /// It can be tried.
    bool complete() const;

  private:
    struct Field {
        QLineEdit* edit = nullptr;
        QLabel* words = nullptr;
    };
    Field addField(QFormLayout& form, const QString& label, const QString& text, const char* name);
    void judge();
    void takeApart(const QString& typed);

    const JoinProcess::Role role_;
    Field address_, code_, fingerprint_, name_;
    QFormLayout* form_;
    QPushButton* accept_;
};

}  // namespace rondo::ui
