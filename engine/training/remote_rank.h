#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "engine/comm/rank_network.h"
#include "engine/events/event_sink.h"
#include "engine/run/rank_messages.h"
#include "engine/training/training_run.h"

namespace rondo {

/// Carries out one rank, worker or server, of runs whose coordinator is in another process (or on another
/// thread of this one): world after world, as it is ordered, with the same algorithms as anywhere.
///
/// Thread: `run` is the rank's; `take` and `close` any. What goes wrong in a world is told to the coordinator
/// and ends neither the thread nor the process.
class RemoteRank {
  public:
    struct Surroundings {
        /// To the coordinator, by a rank of the world of that generation; never blocks; any thread.
        std::function<void(std::uint32_t generation, RankTold)> tell;
        /// The rank's events; never blocks.
        EventSink& events;
        /// The host's clock, as far as it is known here.
        std::function<Nanoseconds()> hostNow;
        /// Connects the rank with its peers; throws CommError with who can't be reached, Cancelled soon after
        /// `stop` asks for it. `now` is run time.
        std::function<std::unique_ptr<RankNetwork>(const BeginWorld&, std::function<Nanoseconds()> now,
                                                   std::stop_token stop)>
            connect;
        DataSource data = loadData;
    };
    explicit RemoteRank(Surroundings surroundings);
    ~RemoteRank();

    void take(RankOrder order);
    /// Nobody gives orders any more: what is under way is cancelled and run() returns.
    void close(const std::string& why);
    void run();

  private:
    class World;
    std::optional<RankOrder> nextOrder();
    void begin(BeginWorld order);

    const Surroundings surroundings_;
    std::mutex mutex_;
    std::condition_variable ordered_;
    std::deque<RankOrder> orders_;  ///< that the rank's own thread carries out
    std::optional<std::string> closed_;
    std::shared_ptr<World> current_;  ///< of whom other threads cancel waits; mutex held
    std::shared_ptr<World> latest_;   ///< the rank's own thread's: holds weights until the next begins
    std::pair<std::string, std::shared_ptr<const Dataset>> dataset_;  ///< and the settings that made it
};

}  // namespace rondo
