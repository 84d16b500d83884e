#pragma once

#include <QObject>
#include <optional>

#include "engine/control/control.h"
#include "ui/bridge/engine_process.h"
#include "ui/room/room_store.h"

namespace rondo::ui {

/// Opens and closes the room in the training process. When that dies the room is opened again, at the same
/// port and with the same code, as soon as the process is there again: its members dial by themselves.
/// Thread: GUI only.
class RoomKeeper final : public QObject {
    Q_OBJECT
  public:
    explicit RoomKeeper(EngineProcess& engine, QObject* parent = nullptr);

    /// `listen`: address:port, or :port on all addresses.
    void open(const QString& listen, bool secure);
    void close();
    void rename(int row, const QString& name);
    void remove(int row, const QString& why);
    /// What the process tells.
    void take(const std::vector<Event>& events);

    RoomStore& store() { return store_; }
    const RoomStore& store() const { return store_; }

  private:
    void onStream();
    void onEnded(const QString& why);

    EngineProcess& engine_;
    RoomStore store_;
    std::optional<OpenRoom> wish_;  ///< of a room that is to be open; as it was opened
    bool again_ = false;            ///< it is to be opened again
};

}  // namespace rondo::ui
