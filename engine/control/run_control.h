#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/control/save_plan.h"
#include "engine/core/ids.h"
#include "engine/events/event.h"

namespace rondo {

/// Pause, step, speed and stop of a run, at step borders. Ranks that go in lock-step share them: a rank never
/// waits here while another waits for it in a collective. Independent ranks have borders of their own.
/// Commands come from any thread and return at once; ranks ask at each border.
class RunControl {
  public:
    explicit RunControl(int workers, bool virtualTime);
    /// Ranks are in lock-step unless this says, before the first step, that none waits for another.
    void makeIndependent();

    // Commands.
    void pause();  ///< virtual: time freezes at once; elsewhere: at the next border
    void resume();
    void stepOnce();  ///< one step more on every rank, then pause
    void stop();      ///< every rank ends at the next border
    /// The same without hurry: a condition of the run is met. Pauses and speed stay as they are.
    void endAtNextBorder();
    void setSpeed(double factor);  ///< virtual seconds per wall second; 0 = no limit
    /// The run's state goes to that file, as it is at the next border that all ranks share. A wish of before
    /// the run begins waits for it. False: it is over.
    bool saveCheckpoint(std::string file);

    /// Tells `listener` the present state, Paused, Running or Stopping, and then what each command makes of
    /// it, on the commanding thread. Once this returns, the listener before is never called again.
    void listen(std::function<void(RunState)> listener);
    /// Something goes wrong, now: whoever listens hears of it, on the calling thread.
    void inject(const FaultSpec& fault);
    /// Once this returns, the listener before is never called again.
    void listenToFaults(std::function<void(const FaultSpec&)> listener);

    // Whoever carries the run out says once what becomes of wishes for checkpoints; `stopSaving` before it
    // goes.
    /// Workers in lock-step that begin at `first` are asked for their states: `give` is called for each save
    /// and worker, on its lane, before the worker crosses the border or ends there.
    void saveAtBorders(Step first, std::int64_t every, std::string file,
                       std::function<void(Rank, const Save&)> give);
    /// `wished` hears of each file at once, on the commanding thread.
    void listenToSaves(std::function<void(const std::string& file)> wished);
    /// All workers have given theirs.
    void saved(const Save& save);
    /// What not all workers have come to.
    std::vector<Save> stopSaving();

    /// Asked to stop once stop() was called: for work before the first step.
    std::stop_token stopToken() const { return stop_.get_token(); }

    // Ranks.
    enum class Gate { Open, Closed, End };
    /// Asks to cross the border before `step`; Open also notes that the rank has crossed it.
    Gate tryEnter(Rank rank, Step step);
    /// Blocks the thread until a command changes something after `seen`.
    void waitForCommand(std::uint64_t seen);
    /// The same until `due` at most; false when nothing was commanded until then.
    bool waitForCommandUntil(std::uint64_t seen, std::chrono::steady_clock::time_point due);
    std::uint64_t commands() const { return commands_.load(std::memory_order_acquire); }
    void wakeAll();  ///< counts as a command: used to end waits on cancel
    /// The run goes on with so many ranks, which have all crossed the border before `next` − 1 and no other;
    /// what was commanded still holds.
    void beginWorld(int workers, Step next);
    /// Calls `wake` after every command, on the commanding thread: for one who can't wait here. Once this
    /// returns, the one before is never called again.
    void wakeOnCommand(std::function<void()> wake);

    bool paused() const;
    bool frozen() const { return frozen_.load(std::memory_order_acquire); }
    double speed() const { return speed_.load(std::memory_order_relaxed); }

  private:
    static constexpr std::int32_t kNever = std::numeric_limits<std::int32_t>::max();
    std::int32_t nextBorder(std::size_t rank) const;                      // mutex held
    void wish(std::string file);                                          // mutex held
    void limit(std::vector<std::int32_t>& at, std::int32_t further = 0);  // mutex held
    bool pauses() const;                                                  // mutex held
    void announce(RunState becomes);                                      // mutex held
    void announce();                                                      // mutex held

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::int32_t> crossed_;           // per rank: the latest border it has crossed, −1 = none
    std::vector<std::int32_t> pauseAt_, stopAt_;  // per rank: the border that is closed
    bool independent_ = false;
    const bool virtualTime_;
    std::atomic<bool> frozen_ = false;
    std::atomic<double> speed_ = 0;
    std::atomic<std::uint64_t> commands_ = 0;
    std::function<void(RunState)> listener_;
    std::function<void()> wake_;
    std::optional<SavePlan> saves_;
    std::function<void(Rank, const Save&)> give_;
    std::function<void(const std::string&)> wished_;
    std::vector<std::string> wishes_;  ///< nobody knows yet what becomes of them
    bool savingOver_ = false;
    std::mutex faultMutex_;
    std::function<void(const FaultSpec&)> faultListener_;
    std::stop_source stop_;
};

}  // namespace rondo
