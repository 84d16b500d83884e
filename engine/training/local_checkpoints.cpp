#include "engine/training/local_checkpoints.h"

#include "engine/run/resumed_books.h"
#include "engine/training/card_state.h"

namespace rondo {

namespace {

int count(std::size_t n) {
    return static_cast<int>(n);
}

}  // namespace

LocalCheckpoints::Gathering LocalCheckpoints::begin() const {
    const RanksOfRun& ranks = run_.ranks;
    return {StatesTogether(count(ranks.workers.size()), count(ranks.servers.size())),
            FiguresOfRanks(ranks.workers.size() + ranks.servers.size()),
            {},
            {}};
}

void LocalCheckpoints::addWorker(Gathering& gathering, Rank rank, RankState state,
                                 RankFigures figures) const {
    if (rank.value == 0) {
        gathering.history = run_.overseer.history();
        gathering.place = run_.ranks.workers.front()->place();
    }
    if (run_.virtualTime) addCard(state, run_.virtualTime->card(rank));
    gathering.states.add(rank, std::move(state));
    gathering.figures[rank.index()] = std::move(figures);
    ++gathering.workers;
}

bool LocalCheckpoints::give(Rank rank, const Save& save) {
    TorchWorker& worker = *run_.ranks.workers[rank.index()];
    RankState state = worker.state(true);
    RankFigures figures = figuresOf(worker, run_.runtime);
    std::optional<Gathering> whole;
    {
        const std::lock_guard lock(mutex_);
        const auto place = open_.try_emplace(save.number, begin()).first;
        addWorker(place->second, rank, std::move(state), std::move(figures));
        if (place->second.workers < count(run_.ranks.workers.size())) return false;
        whole = std::move(open_.extract(place).mapped());
    }
    auto checkpoint = complete(*std::move(whole), save.border);
    if (checkpoint) writer_.write(save.file, save.asked, *std::move(checkpoint));
    return checkpoint.has_value();
}

std::optional<Checkpoint> LocalCheckpoints::atEnd(std::int64_t stepsDone) {
    Gathering all = begin();
    for (const auto& worker : run_.ranks.workers) {
        RankState state = worker->state(true);
        if (state.stepsDone != stepsDone) return std::nullopt;
        addWorker(all, worker->rank(), std::move(state), figuresOf(*worker, run_.runtime));
    }
    return complete(std::move(all), Step{static_cast<std::int32_t>(stepsDone)});
}

std::optional<Checkpoint> LocalCheckpoints::complete(Gathering gathering, Step border) const {
    for (const auto& server : run_.ranks.servers) {
        const Rank rank{count(run_.ranks.workers.size()) + server->index()};
        auto [state, figures] = server->atBorder(border);
        if (state.stepsDone != border.value) return std::nullopt;
        gathering.states.add(rank, std::move(state));
        gathering.figures[rank.index()] = std::move(figures);
    }
    Checkpoint checkpoint;
    checkpoint.spec = run_.spec;
    checkpoint.stepsDone = border.value;
    checkpoint.place = gathering.place;
    checkpoint.states = gathering.states.take();
    checkpoint.books = booksAt(gathering, border);
    return checkpoint;
}

CheckpointBooks LocalCheckpoints::booksAt(Gathering& gathering, Step border) const {
    const int workers = count(run_.ranks.workers.size()), servers = count(run_.ranks.servers.size());
    CheckpointBooks books;
    if (run_.resumed) books.worlds = worldsBefore(*run_.resumed, workers, servers);
    books.worlds.push_back({workers, std::move(gathering.figures)});
    books.history = std::move(gathering.history);
    run_.overseer.complete(books.history);
    // All have ended the step before, and none the one after.
    const auto last = run_.ledger.completed(Step{border.value - 1});
    books.payloadBytes = last ? last->payloadBytes : run_.resumed ? run_.resumed->books.payloadBytes : 0;
    books.samples = run_.ledger.samplesTrained();
    const StepTimes times = stepTimes(books);
    books.seconds = secondsOf(times.ended - times.began);
    books.wallSeconds = run_.wallSeconds();
    const auto [fractions, steps] = run_.bubbles.sum();
    books.bubbleSum = fractions;
    books.bubbleSteps = steps;
    return books;
}

}  // namespace rondo
