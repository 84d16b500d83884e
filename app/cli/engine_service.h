#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "app/cli/engine_events.h"
#include "app/cli/engine_room.h"
#include "app/cli/event_stream.h"
#include "engine/control/control.h"
#include "engine/data/dataset.h"
#include "engine/training/training_run.h"

namespace rondo::cli {

/// The training process of a window: obeys its commands (control.h), one run at a time on a thread of its
/// own, and writes its events to a descriptor. A start ends the run before. Thread: one.
class EngineService {
  public:
    explicit EngineService(int descriptor) : events_(descriptor) {}
    ~EngineService() { endRun(); }

    bool obey(const ControlCommand& command);  ///< false: time to go
    void complain(const std::string& text);    ///< tells the window what was wrong with its words

  private:
    /// The same data again is the most common next run: keeps what was generated. Files are read anew, since
    /// they may have changed.
    class DataKeeper {
      public:
        std::shared_ptr<const Dataset> get(const RunSpec& spec, const std::stop_token& stop);

      private:
        std::shared_ptr<const Dataset> data_;
        DataSpec spec_;
        std::int64_t seed_ = 0;
    };

    void begin(const StartRun& start);
    void inject(const FaultSpec& fault);
    void save(const std::string& file);
    void endRun();
    void leaveRoom();  ///< a run over its members ends
    void refuse(const std::string& why);

    EventStream events_;
    Watchers watchers_;
    EngineRoom room_{events_, watchers_};
    std::uint32_t run_ = 0;
    bool overRoom_ = false;                // the latest run is one over the room's members
    std::shared_ptr<RunControl> control_;  // of the latest run, also after its end
    RunSpec running_;                      // its settings
    double speed_ = 0;
    std::thread thread_;
    DataKeeper data_;  // of the run's thread, while there is one
};

}  // namespace rondo::cli
