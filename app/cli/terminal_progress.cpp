#include "app/cli/terminal_progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "engine/config/run_spec_json.h"

namespace rondo::cli {

namespace {

using Clock = std::chrono::steady_clock;

template <class... Args>
std::string format(const char* pattern, Args... args) {
    char text[256];
    std::snprintf(text, sizeof text, pattern, args...);
    return text;
}

int terminalWidth() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string duration(double seconds) {
    const auto whole = static_cast<long>(seconds + 0.5);
    return whole < 3600 ? format("%ld:%02ld", whole / 60, whole % 60)
                        : format("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

TerminalProgress::TerminalProgress() : terminal_(isatty(STDERR_FILENO) != 0), thread_([this] { serve(); }) {}

TerminalProgress::~TerminalProgress() {
    queue_.close();
    thread_.join();
    if (barShown_) std::fputs("\r\033[K", stderr);
}

void TerminalProgress::serve() {
    std::vector<Event> batch;
    while (queue_.wait(std::chrono::milliseconds(100))) {
        // Not awake for every step of every worker.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        queue_.drain(batch);
        for (const Event& event : batch) take(event);
        tellRelayed();
        if (terminal_ && running_ && Clock::now() - drawn_ >= std::chrono::milliseconds(100)) redraw();
    }
}

void TerminalProgress::line(std::string text) {
    // Names come from files: none may steer the terminal.
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    std::fprintf(stderr, "%s%s\n", barShown_ ? "\r\033[K" : "", text.c_str());
    barShown_ = false;
}

void TerminalProgress::take(const Event& event) {
    std::visit(
        Overloaded{
            [&](const RunStarted& e) {
                planned_ = e.plannedSteps;
                const auto spec = parseRunSpec(e.spec);
                name_ = spec ? spec->name : "Run";
                line(format("%s: %d %s, %lld parameters%s", name_.c_str(), e.workers,
                            e.workers == 1 ? "worker" : "workers", static_cast<long long>(e.parameters),
                            e.virtualTime ? ", virtual time" : ""));
            },
            [&](const RunStateChanged& e) {
                if (e.state == RunState::Preparing && !e.detail.empty()) line(e.detail + " …");
                if (e.state == RunState::Running && !running_) began_ = Clock::now();
                running_ = e.state == RunState::Running;
            },
            [&](const RunEnded&) { running_ = false; },
            [&](const Notice& e) {
                line((e.kind == Notice::Kind::Information ? "note: " : "warning: ") + e.text);
            },
            [&](const Evaluated& e) {
                accuracy_ = e.testAccuracy;
                line(format("step %6d   train loss %8.4f   test loss %8.4f   test accuracy %6.2f %%", e.step,
                            e.trainLoss, e.testLoss, 100 * e.testAccuracy));
            },
            [&](const StepCompleted& e) {
                step_ = std::int64_t{e.step} + 1;
                loss_ = e.loss;
            },
            [&](const Throughput& e) { rate_ = e.samplesPerSecond; },
            [](const ConsensusMeasured&) {},
            [](const GradientApplied&) {},
            [](const CompressionMeasured&) {},
            [](const FaultHappened&) {},
            [&](const MemberChanged& e) {
                // What is measured of a member changes all the time: only its states are news.
                std::string news = e.name + " is " + std::string(nameOf(e.state));
                if (!e.detail.empty()) news += ": " + e.detail;
                if (std::exchange(members_[e.member], news) != news) line(news);
            },
            [&](const WorldChanged& e) {
                if (e.generation > 0)
                    line(format("from step %d on with %d workers: ", e.firstStep, e.workers) + e.why);
            },
            [&](const RouteChosen& e) {
                if (e.relayed) relayed_.emplace_back(e.stamp.rank.value, e.peer.value);
            },
            [](const RoomChanged&) {},
            [](const DecisionBoundary&) {},
            [](const DataPreview&) {},
            [](const Span&) {},
            [](const Message&) {},
            [](const EventsDropped&) {},
        },
        event);
}

/// One line for all that came together: a room behind a firewall has many pairs.
void TerminalProgress::tellRelayed() {
    if (relayed_.empty()) return;
    constexpr std::size_t kNamed = 8;
    std::string pairs;
    for (std::size_t i = 0; i < std::min(relayed_.size(), kNamed); ++i)
        pairs += (i > 0 ? ", " : "") + format("%d and %d", relayed_[i].second, relayed_[i].first);
    if (relayed_.size() > kNamed) pairs += format(" and %zu more pairs", relayed_.size() - kNamed);
    line("relayed by the host: ranks " + pairs);
    relayed_.clear();
}

void TerminalProgress::redraw() {
    drawn_ = Clock::now();
    std::string text = format("  loss %.4f", loss_);
    if (accuracy_ >= 0) text += format("  accuracy %.1f %%", 100 * accuracy_);
    if (rate_ > 0) text += format("  %.0f samples/s", rate_);
    if (planned_ > 0 && step_ > 0) {
        const double passed = std::chrono::duration<double>(Clock::now() - began_).count();
        text += "  " + duration(passed / static_cast<double>(step_) * static_cast<double>(planned_ - step_)) +
                " left";
    }
    const std::string count =
        planned_ > 0 ? format("%lld/%lld", static_cast<long long>(step_), static_cast<long long>(planned_))
                     : format("step %lld", static_cast<long long>(step_));
    const int room = std::clamp(terminalWidth() - static_cast<int>(text.size() + count.size()) - 5, 0, 40);
    std::string bar;
    if (planned_ > 0 && room >= 5) {
        const double share = static_cast<double>(step_) / static_cast<double>(planned_);
        const auto full = static_cast<int>(room * std::clamp(share, 0.0, 1.0));
        bar = '[';
        bar.append(static_cast<std::size_t>(full), '#').append(static_cast<std::size_t>(room - full), '-');
        bar += "] ";
    }
    std::fprintf(stderr, "\r\033[K%s%s%s", bar.c_str(), count.c_str(), text.c_str());
    std::fflush(stderr);
    barShown_ = true;
}

}  // namespace rondo::cli
