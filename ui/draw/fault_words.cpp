#include "ui/draw/fault_words.h"

#include <QCoreApplication>
#include <cmath>

#include "engine/core/overloaded.h"
#include "ui/draw/axis.h"
#include "ui/draw/rank_words.h"
#include "ui/store/fault_times.h"

namespace rondo::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

QString nameOf(FaultKind kind, int worker, int peer, double factor, int workers) {
    const QString badge = faultBadge(kind, factor);
    if (isOfLink(kind)) {
        const auto end = [&](int rank) {
            return rank < workers ? QString::number(rank) : rankName(rank, workers).toLower();
        };
        return tr("link %1–%2 %3").arg(end(worker), end(peer), badge);
    }
    return tr("%1 %2").arg(rankName(worker, workers).toLower(), badge);
}

/// Of an algorithm in which nobody goes on before everybody has come.
QString allWait(FaultKind kind, bool lasts) {
    switch (kind) {
        case FaultKind::Kill:
            return tr("synchronous: the others can't go on without it, and the run ends");
        case FaultKind::CutLink:
            return lasts ? tr("synchronous: who needs the link waits, and all wait for those")
                         : tr("synchronous: once somebody needs the link, the run ends");
        case FaultKind::DegradeLink:
            return tr("synchronous: who needs the link takes longer, and all wait for those");
        case FaultKind::Slow:
        case FaultKind::Pause:
        case FaultKind::Restart:
            break;
    }
    return tr("synchronous: all wait for it");
}

/// Of a model in parts: nobody else has what this one holds.
QString ofParts(FaultKind kind, bool lasts) {
    if (kind == FaultKind::Kill) return tr("a model in parts: nobody else has its layers, and the run ends");
    if (kind == FaultKind::CutLink && !lasts)
        return tr("a model in parts: once somebody needs the link, the run ends");
    if (isOfLink(kind)) return tr("a model in parts: its two ends wait, and then all others");
    return tr("a model in parts: no micro-batch gets past it, and all wait in the end");
}

QString ofServer(const ParameterServerAlgorithm& server, FaultKind kind, bool lasts) {
    const bool gone = kind == FaultKind::Kill || (kind == FaultKind::CutLink && !lasts);
    // Cut off for good, the worker never comes to its end, unlike one that has left.
    const bool stuck = gone && kind != FaultKind::Kill;
    switch (server.mode) {
        case ServerMode::Async:
            return stuck  ? tr("asynchronous: the others go on, but the run fails in the end: this worker "
                                "never gets there")
                   : gone ? tr("asynchronous: the others go on without it")
                          : tr("asynchronous: the others go on");
        case ServerMode::Stale:
            return gone ? tr("stale: the others can't go on for long, and the run ends")
                        : tr("stale: the others go on until they are %1 steps ahead, then wait")
                              .arg(server.staleness);
        case ServerMode::Sync:
            break;
    }
    if (server.backup > 0)
        return gone
                   ? tr("backup workers: updates are made without it, as long as no more than %1 are missing")
                         .arg(server.backup)
                   : tr("backup workers: its late gradients are dropped, and nobody waits");
    return allWait(kind, lasts);
}

}  // namespace

QString faultBadge(FaultKind kind, double factor) {
    switch (kind) {
        case FaultKind::Slow:
        case FaultKind::DegradeLink:
            return tr("×%1 slower").arg(factor, 0, 'g', 3);
        case FaultKind::Pause:
            return tr("paused");
        case FaultKind::Restart:
            return tr("restarts");
        case FaultKind::Kill:
            return tr("gone");
        case FaultKind::CutLink:
            return tr("cut");
    }
    return {};
}

QString faultName(const FaultHappened& fault, int workers) {
    return nameOf(fault.kind, fault.stamp.rank.value, fault.peer.value, fault.factor, workers);
}

QString faultName(const FaultSpec& fault, int workers) {
    return nameOf(fault.kind, static_cast<int>(fault.worker), static_cast<int>(fault.peer.value_or(kNone)),
                  fault.factor, workers);
}

QString faultTip(const FaultHappened& fault, int workers) {
    const double begin = secondsOf(fault.stamp.at);
    const QString step = fault.step == kNone
                             ? QString()
                             : tr(" (step %1 of worker %2)").arg(fault.step).arg(fault.stamp.rank.value);
    const bool lasts = std::isfinite(fault.seconds) && fault.kind != FaultKind::Kill;
    const QString when =
        lasts ? tr("from %1 on, for %2%3").arg(durationText(begin), durationText(fault.seconds), step)
              : tr("from %1 on, for good%2").arg(durationText(begin), step);
    return faultName(fault, workers) + QLatin1Char('\n') + when;
}

QString whatFollows(const RunSpec& spec, FaultKind kind, bool lasts) {
    return std::visit(
        Overloaded{
            [](const SingleAlgorithm&) { return tr("one worker alone: nobody waits for it"); },
            [&](const AllReduceAlgorithm&) { return allWait(kind, lasts); },
            [&](const ParameterServerAlgorithm& server) { return ofServer(server, kind, lasts); },
            [&](const GossipAlgorithm&) {
                if (kind == FaultKind::Kill)
                    return tr("gossip: its neighbours can't go on without it, and the run ends");
                if (kind == FaultKind::CutLink && !lasts)
                    return tr("gossip: the two can't go on without each other, and the run ends");
                if (isOfLink(kind)) return tr("gossip: the two wait, and their neighbours a step later");
                return tr("gossip: its neighbours wait for it, and theirs a step later");
            },
            [&](const MapReduceAlgorithm&) {
                if (kind == FaultKind::Restart)
                    return tr("map and reduce: its map task is run again, and all wait for it");
                return allWait(kind, lasts);
            },
            [&](const auto&) { return ofParts(kind, lasts); },
        },
        spec.algorithm);
}

QString whatFollows(const RunSpec& spec, const FaultHappened& fault) {
    return whatFollows(spec, fault.kind, std::isfinite(fault.seconds));
}

}  // namespace rondo::ui
