#include "ui/draw/chunk_subject.h"

#include <QCoreApplication>
#include <algorithm>

#include "engine/algorithms/algorithm.h"
#include "engine/comm/collectives/chunk_history.h"
#include "engine/comm/collectives/collective_cost.h"
#include "engine/core/overloaded.h"
#include "engine/core/result.h"
#include "engine/model/bucket_plan.h"

namespace rondo::ui {

namespace {

constexpr int kShownOfMany = 8;  ///< of more ranks than can be told apart
constexpr int kAsIf = 4;         ///< where the run has nobody to exchange with

QString words(const char* text) {
    return QCoreApplication::translate("rondo", text);
}

QString picture(const RunSpec& spec) {
    return QString::fromStdString(makeAlgorithm(spec)->picture());
}

/// Why a run of an algorithm passes on no chunks.
QString whyNone(const RunSpec& spec) {
    return std::visit(
        Overloaded{
            [](const SingleAlgorithm&) {
                return words(
                    "One worker alone exchanges nothing. Choose a collective above to see what it "
                    "does.");
            },
            [&](const AllReduceAlgorithm&) {
                if (spec.workers < 2)
                    return words(
                        "One worker alone has nobody to exchange with. Choose a collective above "
                        "to see what it does between more.");
                if (!std::holds_alternative<NoCompression>(spec.compression))
                    return words(
                               "Compressed gradients can't be added up on the way, so they go another "
                               "way: %1. Choose a collective above to see what it does without "
                               "compression.")
                        .arg(picture(spec));
                return QString();
            },
            [](const ParameterServerAlgorithm&) {
                return words(
                    "With parameter servers there are no chunks that go from worker to worker: "
                    "each worker pushes its whole gradient and gets the parameters back. Choose a "
                    "collective above to see what its workers could do instead.");
            },
            [](const GossipAlgorithm&) {
                return words(
                    "In gossip nothing is summed over all workers: each averages its whole weights "
                    "with its neighbours'. Choose a collective above to see what its workers could "
                    "do instead.");
            },
            [](const MapReduceAlgorithm&) {
                return words(
                    "Map and reduce send whole vectors, cut in no chunks: weights out, gradients "
                    "back. Choose a collective above to see what its workers could do instead.");
            },
            [](const PipelineAlgorithm&) {
                return words(
                    "Stages sum nothing: each hands whole activations up and their gradients down. "
                    "Choose a collective above to see what workers with the whole model could do.");
            },
            [](const TensorAlgorithm&) {
                return words(
                    "Ranks that share a layer sum its activations around a ring, not the gradient. "
                    "Choose Ring above to see how such a sum goes.");
            },
            [](const HybridAlgorithm&) {
                return words(
                    "Here several rings sum at once: the activations of ranks that share a layer, and the "
                    "gradients of each stage over the replicas. Choose Ring above to see how such a sum "
                    "goes.");
            },
        },
        spec.algorithm);
}

std::int64_t largestBucket(const RunSpec& spec) {
    std::int64_t most = 0;
    for (const BucketRange& bucket : planBuckets(planModel(spec, expectedShape(spec.data)), spec.algorithm))
        most = std::max(most, bucket.elements());
    return most;
}

/// How many of the workers are shown, and in which groups.
void fewer(ChunkSubject& subject, std::int64_t workers) {
    subject.ranks = static_cast<int>(std::min<std::int64_t>(workers, kMostChunkRanks + 1));
    if (workers < 2) {
        subject.ranks = kAsIf;
        subject.note = words("As if there were %1 workers.").arg(kAsIf);
    } else if (workers > kMostChunkRanks) {
        subject.ranks = kShownOfMany;
        subject.note =
            words("The run has %1 workers; it is shown as if there were %2.").arg(workers).arg(kShownOfMany);
        std::erase_if(subject.cluster.overrides,
                      [](const WorkerOverride& one) { return one.worker >= kShownOfMany; });
        // Groups as large as the world, or that don't divide it, would not show what groups do.
        auto& group = subject.cluster.groups.size;
        if (group > 0 && (group >= kShownOfMany || kShownOfMany % group != 0)) group = kShownOfMany / 2;
    }
}

}  // namespace

ChunkSubject chunkSubjectOf(const RunSpec& spec, std::optional<Collective> instead) {
    ChunkSubject subject;
    subject.cluster = spec.cluster;
    if (!instead) subject.why = whyNone(spec);
    if (!subject.why.isEmpty()) return subject;
    try {
        subject.elements = largestBucket(spec);
    } catch (const BadInput& error) {
        subject.why = QString::fromStdString(error.what());
        return subject;
    }
    Collective collective = instead.value_or(Collective::Ring);
    if (!instead) collective = std::get<AllReduceAlgorithm>(spec.algorithm).collective;
    const int workers = static_cast<int>(spec.workers);
    if (collective == Collective::Auto)
        collective = fastestCollective(4.0 * static_cast<double>(subject.elements),
                                       networkTermsOf(spec.cluster, workers));
    fewer(subject, spec.workers);
    if (collective == Collective::Hierarchical &&
        !canRun(collective, networkTermsOf(subject.cluster, subject.ranks))) {
        subject.why = words(
                          "Hierarchical works on groups of equal size: give the cluster's groups, in the "
                          "settings, a size that divides %1 workers.")
                          .arg(subject.ranks);
        return subject;
    }
    if (collective == Collective::SendFirst) {
        subject.why = words(
                          "%1: each waits for its right neighbour to receive, so that no round is ever "
                          "over.")
                          .arg(picture(spec));
        return subject;
    }
    if (spec.runOn != RunOn::Virtual) {
        if (!subject.note.isEmpty()) subject.note += QLatin1Char(' ');
        subject.note += words("Times are those of the modelled cluster, not of this computer.");
    }
    subject.collective = collective;
    return subject;
}

QString collectiveName(Collective collective) {
    switch (collective) {
        case Collective::Ring:
            return words("ring");
        case Collective::Naive:
            return words("naive");
        case Collective::Tree:
            return words("tree");
        case Collective::HalvingDoubling:
            return words("halving-doubling");
        case Collective::Hierarchical:
            return words("hierarchical");
        case Collective::Auto:
            return words("auto");
        case Collective::SendFirst:
            return words("send first");
    }
    return {};
}

}  // namespace rondo::ui
