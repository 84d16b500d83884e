#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "app/cli/engine_events.h"
#include "app/cli/room/room.h"
#include "engine/control/control.h"

namespace rondo::cli {

/// The room of a window: opened and closed by its commands, there from run to run. What becomes of it is told
/// to the window as RoomChanged and MemberChanged. Thread: one, but for `train`.
class EngineRoom {
  public:
    EngineRoom(EventSink& window, Watchers& watchers);
    /// Members are not told that the class is over, unless it was closed before: they dial again, for a host
    /// that may be started again.
    ~EngineRoom();

    /// Returns at once: a name that is looked up may take its time. Ends the one before; its members come
    /// back by themselves where the code stays the same.
    void open(const OpenRoom& wish);
    /// The class is over: members need not come back. Nothing may be trained in it any more.
    void close();
    void rename(const RenameMember& wish);
    void remove(const RemoveMember& wish);

    /// Members that can train; none: there is no room.
    std::optional<int> ready();
    /// Throws BadInput unless a room is open and has a member for each worker of the settings.
    void require(const RunSpec& spec);
    /// A run over the members, whose events go to `events`. Another thread; the room must stay open.
    TrainingResult train(const RunSpec& spec, RunControl& control, EventSink& events, std::uint32_t run,
                         const DataSource& source);

  private:
    void openNow(const OpenRoom& wish);
    void end(bool classIsOver);
    Room* room();  ///< once it is open; null: none
    void tell(RoomChanged news) { window_.publish(std::move(news)); }

    EventSink& window_;
    Watchers& watchers_;
    RoomEvents events_;
    std::thread opening_;
    std::unique_ptr<Room> room_;  // of the thread that opens it, while there is one
    std::string code_;            // of the latest, as typed: what members of it dial with
};

}  // namespace rondo::cli
