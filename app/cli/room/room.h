#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "app/cli/room/host_crew.h"
#include "app/cli/room/local_workers.h"
#include "engine/training/training_run.h"
#include "net/membership/relay.h"
#include "net/ws/io_thread.h"

namespace rondo::cli {

/// A host with the members that have joined it, and the runs they carry out. Members go on being there from
/// run to run; who is where is told as events.
///
/// Thread: one, but for `place` and what the host itself allows.
class Room {
  public:
    struct Options {
        net::HostOptions host;
        std::shared_ptr<const GlooStore> gloo;        ///< where ranks meet; none: over WebSockets
        bool viewers = false;                         ///< whoever has the code may watch
        std::function<void(const std::string&)> log;  ///< any thread
    };
    /// `events` gets what is to be known of members and runs; outlives the room.
    Room(Options options, EventSink& events);
    ~Room();

    /// Begins to listen. BadInput when the address can't be had.
    const net::HostPlace& open();
    /// Blocks until so many workers are ready; false when asked to stop first.
    bool waitFor(int workers, const std::stop_token& stop);
    /// Starts so many workers on this computer and waits for them; false when asked to stop first. Throws
    /// when one of them ends instead.
    bool startLocal(int workers, const std::stop_token& stop);
    /// Of the workers that were started here.
    std::vector<pid_t> localProcesses() const;

    /// One run; its ranks are the members that joined first.
    TrainingResult train(const RunSpec& spec, RunControl& control, std::uint32_t run = 0,
                         const DataSource& source = loadData);
    /// All is done: members need not come back when the room closes.
    void dismiss() { host_->dismiss(); }
    net::Host& host() { return *host_; }

  private:
    const Options options_;
    net::IoThread io_;
    CrewInbox inbox_;
    std::optional<net::HostPlace> place_;
    std::optional<net::Relay> relay_;
    std::unique_ptr<net::Host> host_;
    std::optional<FanOut> events_;  ///< to the caller's sink, and to those who watch
    std::unique_ptr<HostCrew> crew_;
    std::optional<LocalWorkers> local_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<MemberId, MemberChanged::State> states_;
};

/// Tells of a run that could not begin, and how it ended; its report.
TrainingResult endBeforeItBegan(const RunSpec& spec, EventSink& sink, std::uint32_t run, RunState state,
                                const std::string& error);

/// BadInput where the settings' ranks are in processes of their own, and something is to be saved or gone on
/// with.
void requireRanksHere(const RunSpec& spec, const TrainingOptions& options);

/// A run carried out as its settings say: in this process, or by workers of this computer that are started
/// for it. BadInput for `lab`, which needs a room that somebody has opened.
TrainingResult trainAsSet(const RunSpec& spec, RunControl& control, EventSink& sink,
                          const TrainingOptions& options = {});

}  // namespace rondo::cli
