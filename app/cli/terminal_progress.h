#pragma once

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/events/event_queue.h"

namespace rondo::cli {

/// Shows on stderr how a run gets on: a bar that redraws itself on a terminal, plain lines elsewhere. Works
/// on a thread of its own; asks for no spans or messages.
class TerminalProgress final : public EventSink {
  public:
    TerminalProgress();
    ~TerminalProgress() override;  ///< shows what came until now and ends
    using EventSink::publish;
    bool wantsSamples() const override { return false; }
    void publish(std::span<Event> batch) override { queue_.publish(batch); }

  private:
    void serve();
    void take(const Event& event);
    void tellRelayed();
    void redraw();
    void line(std::string text);

    EventQueue queue_{4096};
    const bool terminal_;
    bool barShown_ = false;
    std::string name_;
    std::map<std::uint32_t, std::string> members_;                // what was last said of each
    std::vector<std::pair<std::int32_t, std::int32_t>> relayed_;  // ranks, of what came together
    bool running_ = false;
    std::int64_t planned_ = 0, step_ = 0;
    double loss_ = 0, accuracy_ = -1, rate_ = 0;
    std::chrono::steady_clock::time_point began_{}, drawn_{};
    std::thread thread_;
};

}  // namespace rondo::cli
