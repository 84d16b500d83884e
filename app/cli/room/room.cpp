#include "app/cli/room/room.h"

#include <boost/json/serialize.hpp>

#include "engine/config/run_spec_json.h"
#include "engine/training/coordinated_run.h"

namespace rondo::cli {

Room::Room(Options options, EventSink& events) : options_(std::move(options)) {
    const net::HostHandlers handlers{
        .memberChanged =
            [this](const net::MemberInfo& member) {
                bool isNew = false;
                {
                    const std::lock_guard lock(mutex_);
                    auto& state = states_.try_emplace(member.member, net::MemberState::Joining).first->second;
                    isNew = member.state == net::MemberState::Ready && state == net::MemberState::Joining;
                    state = member.state;
                }
                changed_.notify_all();
                events_->publish(eventOf(member));
                if (isNew) crew_->ready(member);
            },
        .memberGone =
            [this](const net::MemberInfo& member) {
                {
                    const std::lock_guard lock(mutex_);
                    states_[member.member] = net::MemberState::Joining;
                }
                changed_.notify_all();
                events_->publish(eventOf(member));
                crew_->gone(member);
                relay_->memberGone(member.member);
            },
        .binaryMessage = [this](MemberId member, const net::FrameHeader& header,
                                std::span<const std::byte> body) { crew_->heard(member, header, body); },
        .wanted = [this](MemberId member, const net::Want& want) { crew_->wanted(member, want); },
        .drained = [this](MemberId member) { crew_->drained(member); },
        .relay = [this](net::RelayRequest request) { relay_->take(std::move(request)); },
        .viewerJoined = {},
        .log =
            [this](const std::string& line) {
                if (options_.log) options_.log(line);
            },
    };
    host_ = std::make_unique<net::Host>(io_, options_.host, handlers);
    relay_.emplace(io_, net::Relay::Options{}, [host = host_.get()](Rank rank, const net::Relayed& news) {
        for (const net::MemberInfo& member : host->roster())
            if (member.rank == rank && member.present()) host->send(member.member, news);
    });
    std::vector<EventSink*> sinks{&events};
    if (options_.viewers) sinks.push_back(&host_->viewers());
    events_.emplace(std::move(sinks));
    crew_ = std::make_unique<HostCrew>(*host_, inbox_, *events_, options_.gloo);
}

Room::~Room() {
    // Servers speak to their peers and to the inbox, members to the crew: in this order nobody is left
    // behind that calls what is gone.
    crew_->endServers();
    host_.reset();
    crew_.reset();
}

const net::HostPlace& Room::open() {
    auto place = host_->start();
    if (!place) throw BadInput(place.problems());
    place_ = *std::move(place);
    return *place_;
}

bool Room::waitFor(int workers, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { changed_.notify_all(); });
    std::unique_lock lock(mutex_);
    const auto enough = [&] {
        return std::count_if(states_.begin(), states_.end(), [](const auto& state) {
                   return state.second == net::MemberState::Ready;
               }) >= workers;
    };
    while (!enough() && !stop.stop_requested()) changed_.wait_for(lock, std::chrono::milliseconds(100));
    return enough();
}

bool Room::startLocal(int workers, const std::stop_token& stop) {
    local_.emplace().start(workers, *place_);
    std::stop_source gone;
    const std::stop_callback both(stop, [&] { gone.request_stop(); });
    std::string died;
    std::jthread watch([&](const std::stop_token& done) {
        while (!done.stop_requested()) {
            if (const auto ended = local_->ended()) {
                died = "a worker of this computer ended before it had joined: " + *ended;
                gone.request_stop();
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    });
    const bool came = waitFor(workers, gone.get_token());
    watch.request_stop();
    watch.join();
    if (!came && !died.empty()) throw std::runtime_error(died);
    return came;
}

std::vector<pid_t> Room::localProcesses() const {
    return local_ ? local_->processes() : std::vector<pid_t>();
}

TrainingResult Room::train(const RunSpec& spec, RunControl& control, std::uint32_t run,
                           const DataSource& source) {
    TrainingResult result = [&] {
        const HostCrew::Run carriedOut(*crew_, run);
        return coordinateTraining(spec, control, *events_, *crew_, inbox_, run, source);
    }();
    for (const net::MemberInfo& member : host_->roster())
        if (member.state == net::MemberState::Training) host_->setRank(member.member, std::nullopt);
    return result;
}

TrainingResult endBeforeItBegan(const RunSpec& spec, EventSink& sink, std::uint32_t run, RunState state,
                                const std::string& error) {
    TrainingResult result;
    result.report.spec = spec;
    result.report.status = state;
    result.report.error = error;
    RunEnded ended;
    ended.stamp.run = run;
    ended.state = state;
    ended.report = boost::json::serialize(toJson(result.report));
    sink.publish(ended);
    return result;
}

void requireRanksHere(const RunSpec& spec, const TrainingOptions& options) {
    if (!ranksAreProcesses(spec) || (!options.resume && options.checkpoints.file.empty())) return;
    throw BadInput(Problem{"run_on",
                           std::string(toJson(spec).at("run_on").as_string()) +
                               ", expected threads or virtual to be saved in a checkpoint or to go on at one"});
}

TrainingResult trainAsSet(const RunSpec& spec, RunControl& control, EventSink& sink,
                          const TrainingOptions& options) {
    if (!ranksAreProcesses(spec)) return runTraining(spec, control, sink, options);
    const std::uint32_t run = options.run;
    std::optional<Room> room;
    try {
        requireRanksHere(spec, options);
        if (spec.runOn == RunOn::Lab)
            throw BadInput(Problem{"run_on",
                                   "lab, expected another one here: `rondo-cli host` waits for machines "
                                   "to join and carries the run out on them"});
        Room::Options options;
        options.host.address = "127.0.0.1";
        if (spec.runOn == RunOn::Gloo) options.gloo = std::make_shared<GlooStore>();
        room.emplace(std::move(options), sink);
        room->open();
        room->dismiss();
        if (!room->startLocal(static_cast<int>(spec.workers), control.stopToken()))
            return endBeforeItBegan(spec, sink, run, RunState::Stopped, {});
    } catch (const std::exception& error) {
        endBeforeItBegan(spec, sink, run, RunState::Failed, error.what());
        throw;
    }
    return room->train(spec, control, run, options.source);
}

}  // namespace rondo::cli
