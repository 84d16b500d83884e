#pragma once

#include <QAbstractTableModel>

#include "ui/draw/theme.h"
#include "ui/room/room_keeper.h"

namespace rondo::ui {

/// The roster as a table. Names can be changed in place: the room is asked, and tells what it made of it.
class ClassModel final : public QAbstractTableModel {
    Q_OBJECT
  public:
    enum Column { Name, State, RankColumn, Cores, Speed, RoundTrip, Clock, Address, Detail, kColumns };
    explicit ClassModel(RoomKeeper& keeper, QObject* parent = nullptr);
    void setTheme(const Theme& theme);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

  private:
    QString textOf(const RoomStore::Member& member, int column) const;

    RoomKeeper& keeper_;
    Theme theme_ = Theme::light();
    int rows_ = 0;  ///< as the views know them
};

}  // namespace rondo::ui
