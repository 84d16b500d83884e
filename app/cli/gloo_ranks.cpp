// How ranks started by hand find each other. Rank 0 opens a store at the master's address, opens a room as
// any host does, and leaves the room's port and code in the store; the others read them there and join as any
// worker does. They are called one after the other, since ranks go by the order in which members join.
#include "app/cli/gloo_ranks.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "app/cli/join_report.h"
#include "app/cli/room/room.h"
#include "app/cli/room/worker_session.h"
#include "engine/config/run_spec_json.h"
#include "engine/training/gloo/gloo_board.h"
#include "engine/training/gloo/own_address.h"

namespace rondo::cli {

namespace {

using SteadyClock = std::chrono::steady_clock;

// What lies at the store.
const std::string kSettings = "settings", kRoom = "room";
std::string takenKey(int rank) {
    return "taken/" + std::to_string(rank);
}
std::string turnKey(int rank) {
    return "turn/" + std::to_string(rank);
}

std::string inEnvironment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// A number from the option, or else from the environment.
std::optional<int> numberOf(const std::optional<int>& option, const char* variable) {
    if (option) return option;
    const std::string text = inEnvironment(variable);
    if (text.empty()) return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        throw BadInput(Problem{variable, "\"" + text + "\" in the environment, expected a number"});
    return number;
}

net::Url masterOf(const std::string& option) {
    const auto inBrackets = [](const std::string& host) {
        return host.find(':') == std::string::npos || host.starts_with('[') ? host : "[" + host + "]";
    };
    std::string where = "--master", text = option;
    if (text.empty()) {
        const std::string host = inEnvironment("MASTER_ADDR"), port = inEnvironment("MASTER_PORT");
        if (host.empty() || port.empty())
            throw BadInput(Problem{where,
                                   "missing, expected HOST:PORT of rank 0, or MASTER_ADDR and MASTER_PORT in "
                                   "the environment"});
        where = "MASTER_ADDR and MASTER_PORT";
        text = inBrackets(host) + ":" + port;
    }
    const auto place = net::readListenAddress(text);
    if (!place) throw BadInput(Problem{where, place.error()});
    if (place->host.empty() || place->port == 0 || !text.ends_with(":" + std::to_string(place->port)))
        throw BadInput(Problem{where, text + ", expected HOST:PORT of rank 0, such as 192.168.1.20:29500"});
    return *place;
}

std::string textOfSettings(const RunSpec& spec) {
    return prettyPrint(toJson(spec));
}

/// The first line in which they differ, for people.
std::string firstDifference(const std::string& here, const std::string& there) {
    const auto lineAt = [](const std::string& text, std::size_t at) {
        const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
        std::string line = text.substr(begin, text.find('\n', at) - begin);
        line.erase(0, line.find_first_not_of(' '));
        if (line.ends_with(',')) line.pop_back();
        return line;
    };
    const auto [a, b] = std::mismatch(here.begin(), here.end(), there.begin(), there.end());
    return lineAt(here, static_cast<std::size_t>(a - here.begin())) + ", expected rank 0's " +
           lineAt(there, static_cast<std::size_t>(b - there.begin()));
}

/// Asks to stop when the run is stopped, or when the time has come.
class Due {
  public:
    Due(SteadyClock::time_point due, const std::stop_token& stop)
        : stopped_(stop, [this] { source_.request_stop(); }),
          thread_([this, due](const std::stop_token& over) {
              std::mutex mutex;
              std::unique_lock lock(mutex);
              std::condition_variable_any sleep;
              sleep.wait_until(lock, over, due, [] { return false; });
              if (!over.stop_requested()) source_.request_stop();
          }) {}
    std::stop_token token() const { return source_.get_token(); }

  private:
    std::stop_source source_;
    std::stop_callback<std::function<void()>> stopped_;
    std::jthread thread_;
};

std::string namesOfMissing(GlooBoard& board, const GlooRank& place, int present) {
    std::vector<std::string> missing;
    for (int rank = present; rank < place.world; ++rank)
        if (!board.read(takenKey(rank))) missing.push_back(std::to_string(rank));
    // It has come to the store, and not from there to the room.
    if (missing.empty()) return "rank " + std::to_string(present) + " has come, but could not join";
    std::string names = missing.size() == 1 ? "rank " : "ranks ";
    for (std::size_t i = 0; i < missing.size(); ++i)
        names += (i == 0 ? "" : i + 1 == missing.size() ? " and " : ", ") + missing[i];
    return names + (missing.size() == 1 ? " has" : " have") + " not come";
}

/// The room with everybody in it; false when the run was stopped before.
bool gather(Room& room, const net::HostPlace& host, const GlooRank& place, const RunSpec& spec,
            const std::stop_token& stop) {
    const auto due = SteadyClock::now() + place.patience;
    GlooBoard board("127.0.0.1", place.masterPort, {due, stop});
    board.write(kSettings, textOfSettings(spec));
    board.write(kRoom, std::to_string(host.port) + " " + shown(host.code));
    const Due untilThen(due, stop);
    for (int present = 0; present < place.world; ++present) {
        board.write(turnKey(present), "join");
        if (room.waitFor(present + 1, untilThen.token())) continue;
        if (stop.stop_requested()) return false;
        throw CommError(CommError::Kind::Deadline, namesOfMissing(board, place, present) + " within " +
                                                       std::to_string(place.patience.count()) + " s");
    }
    return true;
}

WorkerSession::Options sessionOf(const GlooRank& place, std::string host, std::uint16_t port,
                                 const net::JoinCode& code, bool quiet) {
    return {
        .url = {false, std::move(host), port},
        .code = code,
        .fingerprint = {},
        .name = "rank-" + std::to_string(place.rank),
        .returns = false,
        .say = [report = JoinReport("rondo-cli", {}, quiet)](const JoinNews& news) { report.tell(news); }};
}

}  // namespace

std::optional<GlooRank> glooRankOf(const GlooRankOptions& options, const RunSpec& spec) {
    const bool asked = options.given();
    if (spec.runOn != RunOn::Gloo) {
        // A launcher's environment is no word about a run that doesn't need it.
        if (asked)
            throw BadInput(
                Problem{"--rank, --world, --master",
                        "given, expected only with run_on gloo: other runs start their workers themselves"});
        return std::nullopt;
    }
    const auto rank = numberOf(options.rank, "RANK"), world = numberOf(options.world, "WORLD_SIZE");
    if (!asked && !rank && !world) return std::nullopt;
    if (!rank)
        throw BadInput(Problem{"--rank", "missing, expected this process's, or RANK in the environment"});
    if (!world)
        throw BadInput(
            Problem{"--world", "missing, expected the number of ranks, or WORLD_SIZE in the environment"});
    if (*world != spec.workers)
        throw BadInput(Problem{"--world", std::to_string(*world) + ", expected " +
                                              std::to_string(spec.workers) + ", the run's workers"});
    if (*rank < 0 || *rank >= *world)
        throw BadInput(
            Problem{"--rank", std::to_string(*rank) + ", expected 0 to " + std::to_string(*world - 1)});
    const net::Url master = masterOf(options.master);
    return GlooRank{*rank, *world, master.host, master.port, std::chrono::seconds(options.within)};
}

TrainingResult trainAsRankZero(const GlooRank& place, const RunSpec& spec, RunControl& control,
                               EventSink& sink) {
    // It ends when the room does, which is told to it as to any other.
    std::jthread worker;
    std::optional<Room> room;
    try {
        if (!isOwnAddress(place.masterHost))
            throw BadInput(Problem{
                "--master", place.masterHost + ", expected an address of this machine, since it is rank 0"});
        Room::Options options;
        options.gloo = std::make_shared<GlooStore>(place.masterPort);
        // A name may lead home only from here: who is named by it may come from elsewhere all the same.
        if (place.masterHost == "localhost" || place.masterHost.starts_with("127."))
            options.host.address = "127.0.0.1";
        room.emplace(std::move(options), sink);
        const net::HostPlace& host = room->open();
        room->dismiss();
        worker = std::jthread([session = sessionOf(place, "127.0.0.1", host.port, host.code, true)] {
            try {
                WorkerSession(session).run();
            } catch (const std::exception& error) {
                std::fprintf(stderr, "rondo-cli: rank 0: %s\n", error.what());
            }
        });
        if (!gather(*room, host, place, spec, control.stopToken()))
            return endBeforeItBegan(spec, sink, 0, RunState::Stopped, {});
    } catch (const std::exception& error) {
        endBeforeItBegan(spec, sink, 0, RunState::Failed, error.what());
        throw;
    }
    return room->train(spec, control);
}

int workAsRank(const GlooRank& place, const RunSpec& spec, bool quiet) {
    const GlooBoard::Patience patience{SteadyClock::now() + place.patience, {}};
    const auto session = [&] {
        GlooBoard board(place.masterHost, place.masterPort, patience, [quiet](const std::string& news) {
            if (!quiet) std::fprintf(stderr, "rondo-cli: %s\n", news.c_str());
        });
        const std::string settings = board.await(kSettings, patience, "rank 0");
        if (const std::string own = textOfSettings(spec); own != settings)
            throw BadInput(Problem{"settings", firstDifference(own, settings)});
        if (board.count(takenKey(place.rank)) > 1)
            throw BadInput(Problem{"--rank", std::to_string(place.rank) +
                                                 ", expected another one: somebody has come as that rank"});
        const std::string room = board.await(kRoom, patience, "rank 0's room");
        const std::size_t blank = room.find(' ');
        int port = 0;
        std::from_chars(room.data(), room.data() + std::min(blank, room.size()), port);
        const auto code = net::readJoinCode(blank == std::string::npos ? "" : room.substr(blank + 1));
        if (port < 1 || port > 65'535 || !code)
            throw CommError(CommError::Kind::WrongPeer, "the store at " + place.masterHost + ":" +
                                                            std::to_string(place.masterPort) +
                                                            " holds no room of a Rondo");
        board.await(turnKey(place.rank), patience, "the turn of rank " + std::to_string(place.rank));
        return sessionOf(place, place.masterHost, static_cast<std::uint16_t>(port), *code, quiet);
    }();
    const net::MemberEnd end = WorkerSession(session).run();
    const bool well = end.joined && end.code == net::CloseCode::Normal;
    if (!well) std::fprintf(stderr, "rondo-cli: rank %d: %s\n", place.rank, end.why.c_str());
    return well ? kDone : kRunFailed;
}

}  // namespace rondo::cli
