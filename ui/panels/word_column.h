#pragma once

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace rondo::ui {

/// What is said beside a picture: lines of words, one under the other, wrapped. An empty line takes no room.
class WordColumn final : public QWidget {
    Q_OBJECT
  public:
    explicit WordColumn(QWidget* parent = nullptr);
    /// `property`: "title" or "muted", as the style sheet has them.
    QLabel* addLine(const char* property = nullptr);
    static void say(QLabel* line, const QString& words);
    QString words() const;

  private:
    QVBoxLayout* column_;
    QList<QLabel*> lines_;
};

}  // namespace rondo::ui
