#include "engine/algorithms/parameter_server.h"

#include "engine/algorithms/clock_spread.h"
#include "engine/algorithms/server_clock.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/float_view.h"
#include "engine/compress/compressor.h"

namespace rondo {

namespace {

constexpr Tag kPush = 1, kPull = 2, kClock = 3;

/// What a worker pushes when it has no gradient any more: no float is one byte long.
const std::byte kGoodbye[1]{};

Values shardOf(Values whole, int servers, int index) {
    const auto [begin, end] = chunkOf(static_cast<std::int64_t>(whole.size()), servers, index);
    return whole.sub(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

}  // namespace

std::optional<Rank> ParameterServer::hear(Server& server,
                                          FunctionRef<void(Rank, std::span<const float>)> push) const {
    std::optional<Rank> leaver;
    const std::size_t elements = server.weights().floats().size();
    server.await([&](Communicator& comm) {
        comm.receiveAny(kPush, [&](Rank from, ReceivedBytes bytes) {
            if (bytes.size() == sizeof kGoodbye) {
                leaver = from;
            } else if (!codec_ || elements == 0) {
                push(from, floatsOf(bytes, elements));
            } else {
                std::vector<float> decoded(elements);
                codec_->add(bytes, decoded);
                push(from, decoded);
            }
        });
    });
    return leaver;
}

void ParameterServer::train(Worker& worker) const {
    const int servers = this->servers();
    const auto rankOf = [&](int server) { return Rank{workers_ + server}; };

    while (worker.beginStep()) {
        worker.forward();
        worker.backward();
        Step next{worker.step().value + 1};
        worker.synchronise([&](Communicator& comm) {
            std::vector<SendTicket> pushes;
            for (int server = 0; server < servers; ++server) {
                const Values shard = shardOf(worker.gradients(), servers, server);
                Compressor* compressor = worker.compressor();
                Parcel push =
                    compressor ? compressor->encode(shard, server, kPush) : parcelFrom(shard, kPush);
                push.chunk = server;
                pushes.push_back(comm.beginSend(rankOf(server), push));
            }
            if (spec_.backup > 0)
                receiveInto(comm, rankOf(0), kClock, std::as_writable_bytes(std::span(&next, 1)));
            // Whichever answers first: a server that waits to be heard may be the one another worker waits
            // for.
            for (int heard = 0; heard < servers; ++heard)
                comm.receiveAny(kPull, [&](Rank from, ReceivedBytes bytes) {
                    copyFloats(shardOf(worker.weights(), servers, from.value - workers_), bytes);
                });
            for (const SendTicket push : pushes) comm.finishSend(push);
        });
        worker.endStep();
        if (next.value > worker.step().value + 1) worker.skipTo(next);
    }
    worker.synchronise([&](Communicator& comm) {
        for (int server = 0; server < servers; ++server)
            send(comm, rankOf(server), {.tag = kPush, .bytes = kGoodbye, .traffic = Traffic::Control});
    });
}

void ParameterServer::serve(Server& server) const {
    if (spec_.mode == ServerMode::Async)
        serveAtOnce(server);
    else
        serveByClock(server);
}

void ParameterServer::serveByClock(Server& server) const {
    ServerClock clock(workers_, waitsFor(workers_), spec_.mode == ServerMode::Stale ? spec_.staleness : 0,
                      server.weights().floats().size());
    std::vector<std::int64_t> answered;
    for (int worker = 0; worker < workers_; ++worker) answered.push_back(server.startsWith(Rank{worker}));
    clock.goOn(server.firstStep().value, answered);
    ClockSpread spread(workers_, server.firstStep().value);
    for (int left = 0; left < workers_;) {
        if (const auto leaver = hear(
                server, [&](Rank from, std::span<const float> gradient) { clock.push(from, gradient); })) {
            clock.leave(*leaver);
            ++left;
        }
        while (auto update = clock.takeUpdate()) {
            // Gradients are weighted so that all N add up to the mean of the batch.
            const float missing = static_cast<float>(workers_) / static_cast<float>(update->gradients);
            if (update->gradients < workers_)
                for (float& value : update->gradient) value *= missing;
            server.update(update->gradient);
            for (const auto& [rank, updates] : update->staleness) server.noteStaleness(rank, updates);
        }
        const std::vector<Rank> answers = clock.takeAnswers();
        if (const auto missed = clock.missed())
            throw CommError(CommError::Kind::PeerGone,
                            "worker " + std::to_string(missed->value) + " has left, and update " +
                                std::to_string(clock.version()) + " needs the gradients of " +
                                std::to_string(waitsFor(workers_)) + " workers");
        if (answers.empty()) continue;
        for (const Rank worker : answers) spread.advance(worker, clock.clockOf(worker));
        spread.measure();
        server.noteClockSpread(spread.most());
        for (const Rank worker : answers) server.noteAnswer(worker, clock.version());
        server.answer([&](Communicator& comm) {
            for (const Rank worker : answers) {
                const Step next{static_cast<std::int32_t>(clock.clockOf(worker))};
                if (spec_.backup > 0)
                    send(comm, worker,
                         {.tag = kClock,
                          .bytes = std::as_bytes(std::span(&next, 1)),
                          .traffic = Traffic::Control});
                send(comm, worker, parcelFrom(server.weights(), kPull));
            }
        });
    }
}

void ParameterServer::serveAtOnce(Server& server) const {
    std::vector<std::int64_t> answered(static_cast<std::size_t>(workers_));
    std::vector<std::int64_t> pushes(answered.size());
    ClockSpread spread(workers_);
    std::int64_t version = 0;
    std::vector<float> gradient;
    for (int left = 0; left < workers_;) {
        Rank from;
        if (hear(server, [&](Rank worker, std::span<const float> values) {
                from = worker;
                gradient.assign(values.begin(), values.end());
            })) {
            ++left;
            continue;
        }
        server.noteStaleness(from, version - answered[from.index()]);
        server.update(gradient);
        answered[from.index()] = ++version;
        spread.advance(from, ++pushes[from.index()]);
        spread.measure();
        server.noteClockSpread(spread.most());
        server.answer([&](Communicator& comm) { send(comm, from, parcelFrom(server.weights(), kPull)); });
    }
}

std::vector<DirectedLink> ParameterServer::links(std::size_t most) const {
    std::vector<DirectedLink> links;
    if (std::size_t{2} * static_cast<std::size_t>(workers_) * static_cast<std::size_t>(servers()) > most)
        return links;
    for (int worker = 0; worker < workers_; ++worker)
        for (int server = workers_; server < workers_ + servers(); ++server)
            links.emplace_back(Rank{worker}, Rank{server});
    for (int server = workers_; server < workers_ + servers(); ++server)
        for (int worker = 0; worker < workers_; ++worker) links.emplace_back(Rank{server}, Rank{worker});
    return links;
}

std::string ParameterServer::picture() const {
    const auto many = [](int count, const char* what) {
        return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
    };
    std::string words = many(workers_, "worker") + " around " + many(servers(), "server");
    switch (spec_.mode) {
        case ServerMode::Sync:
            return words + (spec_.backup > 0 ? ", the slowest " + std::to_string(spec_.backup) + " dropped"
                                             : ", in step");
        case ServerMode::Async:
            return words + ", each at its own speed";
        case ServerMode::Stale:
            return words + ", at most " + std::to_string(spec_.staleness) + " steps ahead";
    }
    return words;
}

std::string ParameterServer::formula() const {
    const bool async = spec_.mode == ServerMode::Async;
    const std::string letters =
        "\nN workers, K servers, S bytes of the model, α latency and β bandwidth of a link";
    if (codec_)
        return (async ? "2α + (S/K + c)/β, and no step shorter than N·S/(Kβ)"
                      : "2α + (N·S/K + c)/β, and (N−1)·c/(Kβ) in the first step") +
               letters + "; c bytes that stand for the gradient";
    return (async ? "2α + (1/K + 1)·S/β, and no step shorter than N·S/(Kβ)"
                  : "2α + (N/K + 1)·S/β, and (N−1)·S/(Kβ) in the first step") +
           letters;
}

std::int64_t ParameterServer::pushBytes(std::int64_t elements, int server) const {
    const auto [begin, end] = chunkOf(elements, servers(), server);
    return codec_ ? codec_->bytesFor(end - begin) : (end - begin) * 4;
}

std::int64_t ParameterServer::pushBytes(std::int64_t elements) const {
    std::int64_t sum = 0;
    for (int server = 0; server < servers(); ++server) sum += pushBytes(elements, server);
    return sum;
}

std::int64_t ParameterServer::bytesSent(std::span<const BucketRange> buckets, Rank rank, int workers) const {
    const std::int64_t elements = elementsOf(buckets);
    if (rank.value < workers) return pushBytes(elements);
    const auto [begin, end] = chunkOf(elements, servers(), rank.value - workers);
    return (end - begin) * 4 * workers;
}

std::int64_t ParameterServer::messages(std::span<const BucketRange>, int workers) const {
    return std::int64_t{2} * workers * servers();
}

double ParameterServer::exchangeSeconds(const BucketRange& all, const NetworkTerms& network) const {
    const LinkTerms link = network.slowest();
    const int together = spec_.mode == ServerMode::Async ? 1 : waitsFor(network.ranks);
    const double answers = together * updateShare() * static_cast<double>(all.elements()) * 4;
    return 2 * link.latency +
           (answers + static_cast<double>(pushBytes(all.elements()))) / link.bytesPerSecond;
}

double ParameterServer::startSeconds(const BucketRange& all, const NetworkTerms& network) const {
    if (spec_.mode == ServerMode::Async) return 0;
    return (waitsFor(network.ranks) - 1) * static_cast<double>(pushBytes(all.elements(), 0)) /
           network.slowest().bytesPerSecond;
}

double ParameterServer::leastStepSeconds(const BucketRange& all, double update,
                                         const NetworkTerms& network) const {
    if (spec_.mode != ServerMode::Async) return 0;
    const double answer = updateShare() * static_cast<double>(all.elements()) * 4;
    return network.ranks * (answer / network.slowest().bytesPerSecond + updateShare() * update);
}

}  // namespace rondo
