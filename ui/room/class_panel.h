#pragma once

#include <QWidget>
#include <array>

#include "ui/draw/theme.h"
#include "ui/room/class_model.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace rondo::ui {

class ClassBoard;
class ClassCode;
class QrPicture;

/// The room of this computer: opened here, with what the machines need to join it, and who has. Thread: GUI
/// only.
class ClassPanel final : public QWidget {
    Q_OBJECT
  public:
    explicit ClassPanel(RoomKeeper& keeper, QWidget* parent = nullptr);
    ~ClassPanel() override;
    void setTheme(const Theme& theme);
    QTableView& table() { return *table_; }
    ClassModel& model() { return *model_; }

    void setListen(const QString& listen, bool secure);
    QString listen() const;
    bool secure() const;
    /// As its button does.
    void host();
    void closeRoom();  ///< asks first where somebody is there
    /// The code and how one joins, over the whole screen.
    void showToClass();
    void copyLine() const;
    QSize minimumSizeHint() const override;

  Q_SIGNALS:
    /// Opened by the person, as chosen.
    void hosted(const QString& listen, bool secure);

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent*) override;

  private:
    QWidget* makeClosedPage();
    QWidget* makeOpenPage();
    QToolButton* button(const QString& text, const QString& tip);
    void refresh();
    void refreshCounts();
    void fitColumns();
    void fitCard();
    void removeSelected();
    void renameCurrent();
    void showMenu(const QPoint& place);

    RoomKeeper& keeper_;
    Theme theme_ = Theme::light();
    ClassModel* model_;
    QStackedWidget* pages_;
    QLineEdit* listen_;
    QCheckBox* secure_;
    QPushButton* host_;
    QLabel* problem_;
    QWidget* card_;
    QrPicture* qr_;
    ClassCode* code_;
    QLabel *address_, *count_, *empty_, *notice_;
    QLineEdit* line_;
    QToolButton *copy_, *board_, *close_, *rename_, *remove_;
    QTableView* table_;
    QStackedWidget* roster_;
    ClassBoard* shown_ = nullptr;
    std::array<int, ClassModel::kColumns> widths_{};  ///< that their texts have needed
};

}  // namespace rondo::ui
