#include "ui/draw/chunk_words.h"

#include <QCoreApplication>
#include <algorithm>
#include <numeric>

#include "ui/draw/axis.h"

namespace rondo::ui {

namespace {

/// What sets a stretch of rounds apart from the next.
struct Phase {
    bool added = false;
    bool whole = false;    ///< every chunk at once, where there are more
    bool between = false;  ///< groups
    bool operator==(const Phase&) const = default;
};

QString words(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

Phase phaseOf(const ChunkHistory& history, std::size_t round, int groupSize) {
    const auto& messages = history.rounds[round].messages;
    Phase phase;
    for (const ChunkMessage& message : messages) {
        phase.added |= message.added;
        phase.whole |= history.chunks() > 1 && message.count == history.chunks();
        phase.between |= groupSize > 0 && message.from.value / groupSize != message.to.value / groupSize;
    }
    return phase;
}

/// Which round of its phase, from 1, and of how many.
std::pair<int, int> placeIn(const ChunkHistory& history, std::size_t round, int groupSize) {
    const Phase phase = phaseOf(history, round, groupSize);
    std::size_t first = round, end = round + 1;
    while (first > 0 && phaseOf(history, first - 1, groupSize) == phase) --first;
    while (end < history.rounds.size() && phaseOf(history, end, groupSize) == phase) ++end;
    return {static_cast<int>(round - first) + 1, static_cast<int>(end - first)};
}

QString chunkCount(int count) {
    return count == 1 ? words("one chunk") : words("%1 chunks").arg(count);
}

RoundWords ringWords(const ChunkMessage&, const Phase& phase) {
    if (phase.added)
        return {words("Reduce-scatter"),
                words("Each worker passes one chunk to its right neighbour, which adds it to its own.")};
    return {words("All-gather"),
            words("Each worker passes one finished chunk to its right neighbour, which takes it over.")};
}

RoundWords naiveWords(const ChunkMessage& message, const Phase& phase) {
    if (phase.added)
        return {
            words("The sum goes round"),
            words(
                "Worker %1 passes the whole vector to worker %2, which adds it to its own. All others wait.")
                .arg(message.from.value)
                .arg(message.to.value)};
    return {words("The result goes round"),
            words("Worker %1 passes the whole result to worker %2. All others wait.")
                .arg(message.from.value)
                .arg(message.to.value)};
}

RoundWords treeWords(const ChunkMessage& message, const Phase& phase, std::size_t messages) {
    const int apart = std::abs(message.from.value - message.to.value);
    if (phase.added) {
        return {words("Up the tree (reduce)"),
                messages == 1
                    ? words("Worker %1 passes its whole sum to worker %2, which adds it to its own.")
                          .arg(message.from.value)
                          .arg(message.to.value)
                    : words("%1 workers pass their whole sum to the one %2 before them, which adds "
                            "it to its own.")
                          .arg(messages)
                          .arg(apart)};
    }
    return {
        words("Down the tree (broadcast)"),
        messages == 1
            ? words("Worker %1 passes the whole result to worker %2.")
                  .arg(message.from.value)
                  .arg(message.to.value)
            : words("%1 workers pass the whole result to the one %2 after them.").arg(messages).arg(apart)};
}

RoundWords halvingWords(const ChunkMessage& message, const Phase& phase, std::size_t messages) {
    if (phase.whole && phase.added)
        return {words("Fold to a power of two"),
                words("%1 of the first workers lend their whole vector to their neighbour, which works for "
                      "both.")
                    .arg(messages)};
    if (phase.whole)
        return {words("Unfold"), words("Those that lent their vector get the whole result back.")};
    const QString count = chunkCount(message.count);
    if (phase.added)
        return {words("Reduce-scatter by halving"),
                words("In pairs: each gives %1 to its partner, the half that it will not keep; the partner "
                      "adds it to its own.")
                    .arg(count)};
    return {words("All-gather by doubling"),
            words("In pairs: each gives %1 to its partner, all that it has finished; so both have twice as "
                  "much.")
                .arg(count)};
}

RoundWords hierarchicalWords(const ChunkMessage& message, const Phase& phase) {
    const QString count = chunkCount(message.count);
    if (phase.between)
        return phase.added
                   ? RoundWords{words("Reduce-scatter between groups"),
                                words("Each worker passes %1 to the next group, over the slower links, which "
                                      "adds it to its own.")
                                    .arg(count)}
                   : RoundWords{
                         words("All-gather between groups"),
                         words("Each worker passes %1 that it has finished to the next group, over the "
                               "slower links.")
                             .arg(count)};
    return phase.added
               ? RoundWords{words("Reduce-scatter inside groups"),
                            words("Each worker passes %1 to its right neighbour in the group, which adds it "
                                  "to its own.")
                                .arg(count)}
               : RoundWords{words("All-gather inside groups"),
                            words("Each worker passes %1 that it has finished to its right neighbour in the "
                                  "group.")
                                .arg(count)};
}

RoundWords wordsOf(const ChunkRound& round, const Phase& phase, Collective collective) {
    const ChunkMessage& message = round.messages.front();
    switch (collective) {
        case Collective::Naive:
            return naiveWords(message, phase);
        case Collective::Tree:
            return treeWords(message, phase, round.messages.size());
        case Collective::HalvingDoubling:
            return halvingWords(message, phase, round.messages.size());
        case Collective::Hierarchical:
            return hierarchicalWords(message, phase);
        default:
            return ringWords(message, phase);
    }
}

}  // namespace

RoundWords roundWords(const ChunkHistory& history, Collective collective, int groupSize, std::size_t done) {
    if (done == 0)
        return {words("Before the first round"),
                history.chunks() > 1
                    ? words("Each worker holds its own gradient, cut in %1 chunks.").arg(history.chunks())
                    : words("Each worker holds its own gradient, in one piece.")};
    const int group = collective == Collective::Hierarchical ? groupSize : 0;
    const Phase phase = phaseOf(history, done - 1, group);
    const auto [place, count] = placeIn(history, done - 1, group);
    RoundWords said = wordsOf(history.rounds[done - 1], phase, collective);
    said.phase = words("%1, round %2 of %3").arg(said.phase).arg(place).arg(count);
    if (done == history.rounds.size())
        said.deed += QLatin1Char(' ') + words("Now every worker holds the whole sum.");
    return said;
}

QString vectorWords(const ChunkHistory& history) {
    const auto [least, most] = std::minmax_element(history.chunkBytes.begin(), history.chunkBytes.end());
    const auto all = std::accumulate(history.chunkBytes.begin(), history.chunkBytes.end(), std::int64_t{0});
    const auto text = [](std::int64_t bytes) { return bytesText(static_cast<double>(bytes)); };
    if (history.chunks() == 1) return words("A bucket of %1, in one piece").arg(text(all));
    const QString each =
        text(*least) == text(*most) ? text(*most) : words("%1 to %2").arg(text(*least), text(*most));
    return words("A bucket of %1 in %2 chunks of %3").arg(text(all)).arg(history.chunks()).arg(each);
}

QString doneWords(const ChunkHistory& history, int rank, std::size_t done) {
    const auto& row = history.rowsAfter(done)[static_cast<std::size_t>(rank)];
    const auto count = std::count(row.begin(), row.end(), history.everyone());
    if (history.chunks() == 1) return count == 1 ? words("done") : words("not done");
    if (count == history.chunks()) return words("all done");
    return words("%1 of %2 done").arg(count).arg(history.chunks());
}

}  // namespace rondo::ui
