#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>

#include "app/cli/command.h"
#include "app/cli/host_given.h"
#include "app/cli/interrupt.h"
#include "app/cli/join_report.h"
#include "app/cli/output_file.h"
#include "app/cli/standard_input.h"
#include "app/cli/terminal_progress.h"
#include "engine/events/recording.h"
#include "net/membership/member.h"

namespace rondo::cli {

namespace {

/// What came and was not yet taken: at most as much as the host was given credit for.
class Arrivals {
  public:
    void put(std::span<const std::byte> bytes) {
        {
            const std::lock_guard lock(mutex_);
            if (end_) return;
            const auto* first = reinterpret_cast<const char*>(bytes.data());
            pieces_.emplace_back(first, first + bytes.size());
        }
        changed_.notify_all();
    }
    void end(const net::MemberEnd& end) {
        {
            const std::lock_guard lock(mutex_);
            if (!end_) end_ = end;
        }
        changed_.notify_all();
    }
    /// None when no more will come; an empty one once it has joined.
    std::optional<std::string> next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return end_ || !pieces_.empty(); });
        if (pieces_.empty()) return std::nullopt;
        std::string piece = std::move(pieces_.front());
        pieces_.pop_front();
        return piece;
    }
    net::MemberEnd how() const { return *end_; }  ///< once next() has said that it is over

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> pieces_;
    std::optional<net::MemberEnd> end_;
};

bool writeAll(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

int watchCommand(const WatchOptions& options) {
    const HostGiven host = hostGiven(options.join, codeGiven(options.code), options.fingerprint);
    requireFolderOf("--record", options.record);
    std::ofstream file;
    if (!options.record.empty()) {
        file.open(options.record, std::ios::binary);
        if (!file) throw BadInput(Problem{"--record", options.record + " can't be written"});
    }

    constexpr std::int64_t kCredit = std::int64_t{4} << 20;
    Arrivals arrivals;
    const Interrupt interrupt([&] { arrivals.end({.why = "left", .joined = true}); });
    std::optional<InputEnd> parent;
    if (options.parent.leaveOnEof) parent.emplace([&] { arrivals.end({.why = "left", .joined = true}); });
    const JoinReport report("rondo-cli watch", options.parent, true);
    std::optional<TerminalProgress> progress;
    if (!options.stream && !options.quiet) progress.emplace();
    report.tell({.kind = JoinNews::Kind::Dialling});
    net::IoThread io;
    net::MemberOptions joining;
    joining.url = host.url;
    joining.code = host.code;
    joining.fingerprint = host.fingerprint;
    joining.role = net::Role::Viewer;
    joining.name = options.name.empty() ? "viewer" : options.name;
    joining.credit = 0;
    std::optional<net::Member> member(
        std::in_place, io, joining,
        net::MemberHandlers{
            .joined =
                [&](const net::Welcome& welcome) {
                    report.tell({.kind = JoinNews::Kind::Joined, .name = welcome.name});
                    arrivals.put({});
                },
            .binaryMessage =
                [&](const net::FrameHeader& header, std::span<const std::byte> body) {
                    if (header.kind == net::FrameHeader::Kind::Events) arrivals.put(body);
                },
            .controlMessage = [](const net::ControlMessage&) {},
            .closed = [&](const net::MemberEnd& end) { arrivals.end(end); },
        });

    BlockReader reader;
    std::vector<Event> events;
    while (const auto piece = arrivals.next()) {
        // Only what is dealt with makes room for more: who is slow here loses samples, and nobody waits.
        const auto taken = static_cast<std::int64_t>(piece->size());
        member->send(net::Credit{taken > 0 ? taken : kCredit});
        if (options.stream && !writeAll(STDOUT_FILENO, *piece))
            arrivals.end({.why = "nobody reads any more", .joined = true});
        if (file.is_open() && !file.write(piece->data(), static_cast<std::streamsize>(piece->size())).flush())
            throw std::runtime_error(options.record + ": the disk takes no more");
        if (!progress) continue;
        events.clear();
        if (const auto problem = reader.feed(*piece, events)) throw std::runtime_error(problem->text());
        progress->publish(std::span<Event>(events));
    }
    member.reset();
    const net::MemberEnd how = arrivals.how();
    return report.over(how.why, how.joined && how.code == net::CloseCode::Normal, how.mayRetry);
}

}  // namespace rondo::cli
