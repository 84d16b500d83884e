#include "engine/algorithms/model_parallel.h"

#include <algorithm>
#include <deque>

#include "engine/algorithms/pipeline/schedule_stream.h"
#include "engine/algorithms/stage.h"
#include "engine/comm/collectives/collective_cost.h"
#include "engine/comm/collectives/collectives.h"
#include "engine/comm/sub_communicator.h"
#include "engine/model/model_part.h"

namespace rondo {

namespace {

constexpr Tag kReplicas = 0, kPartialSums = 1, kFirstOfCuts = 2;

void receiveInto(Communicator& comm, Rank from, Tag tag, Values out) {
    if (out.onlyCounted())
        comm.receive(from, tag, [](ReceivedBytes) {});
    else
        receiveInto(comm, from, tag, std::as_writable_bytes(out.floats()));
}

/// One rank's passes, with what they need from its neighbours and what these need from it.
class Passages {
  public:
    Passages(Worker& worker, const StagePlan& plan)
        : worker_(worker), stage_(*worker.stage()), plan_(plan), place_(placeOf(plan.mesh, worker.rank())) {}

    void perform(const StageOp& op) {
        const int part = plan_.partOf(place_.stage, op.op.chunk);
        const int last = static_cast<int>(plan_.parts.size()) - 1;
        const PipelineSchedule& schedule = plan_.scheduleAt(op.step);
        const bool forward = op.op.pass == Pass::Forward;
        const bool backward = schedule.beginsBackward(op.op.pass, part);
        if (forward && part > 0) take(op, part - 1, upTag(op, part - 1), stage_.input(op));
        if (backward && part < last) take(op, part + 1, downTag(op, part), stage_.outputGradient(op));
        stage_.compute(op, [&](Values values) { sumOverTensorRanks(op, values); });
        if (forward && part < last)
            give(op, part + 1, upTag(op, part), stage_.output(op), Carries::Activations);
        if (backward && part > schedule.frozenParts)
            give(op, part - 1, downTag(op, part - 1), stage_.inputGradient(op), Carries::ActivationGradients);
    }

    /// What was sent in steps before has been taken, or will be without anything from here. Where steps
    /// overlap, the next one's first sends lie among this one's.
    void endStep(Step step) {
        for (std::size_t i = 0; i < sends_.size();)
            if (sends_[i].step < step)
                finish(i);
            else
                ++i;
    }
    void end() {
        while (!sends_.empty()) finish(0);
    }

  private:
    struct Sent {
        Step step;
        SendTicket ticket;
    };
    // Two messages of one pair of ranks may overtake each other in the lists of the two: a tag for each cut,
    // direction and micro-batch. Equal ones keep their order from step to step.
    Tag upTag(const StageOp& op, int cut) const { return tag(op, cut, 0); }
    Tag downTag(const StageOp& op, int cut) const { return tag(op, cut, 1); }
    Tag tag(const StageOp& op, int cut, int down) const {
        const auto parts = static_cast<int>(plan_.parts.size());
        return kFirstOfCuts + static_cast<Tag>((op.op.microBatch * parts + cut) * 2 + down);
    }
    Rank holderOf(int part) const {
        return rankOf(plan_.mesh, {place_.data, plan_.stageOf(part), place_.tensor});
    }

    void take(const StageOp& op, int part, Tag tag, Values room) {
        const Rank from = holderOf(part);
        worker_.await(from, op, [&](Communicator& comm) { receiveInto(comm, from, tag, room); });
    }
    void give(const StageOp& op, int part, Tag tag, Values values, Carries carries) {
        Parcel parcel = parcelFrom(values, tag);
        parcel.microBatch = op.op.microBatch;
        parcel.carries = carries;
        sends_.push_back({op.step, worker_.network().beginSend(holderOf(part), parcel)});
    }
    void finish(std::size_t place) {
        const SendTicket ticket = sends_[place].ticket;
        sends_.erase(sends_.begin() + static_cast<std::ptrdiff_t>(place));
        worker_.network().finishSend(ticket);
    }
    void sumOverTensorRanks(const StageOp& op, Values values) {
        const int first = rankOf(plan_.mesh, {place_.data, place_.stage, 0}).value;
        auto group = SubCommunicator::range(worker_.network(), first, plan_.mesh.tensor, 1);
        ringAllReduce(group, values,
                      {.tag = kPartialSums, .microBatch = op.op.microBatch, .carries = Carries::PartialSums});
    }

    Worker& worker_;
    Stage& stage_;
    const StagePlan& plan_;
    const MeshPlace place_;
    std::deque<Sent> sends_;
};

}  // namespace

ModelParallel::ModelParallel(const RunSpec& spec, const ModelPlan& model)
    : plan_(planStages(spec, model)), batch_(static_cast<int>(spec.batch)) {
    for (const LayerRange& range : plan_.parts) {
        const ModelPart part = partOf(model, range.first, range.end, plan_.mesh.tensor, 0);
        PartTraffic& traffic = parts_.emplace_back();
        traffic.sums = partSums(model, part);
        traffic.cutElements = model.layers[static_cast<std::size_t>(range.end - 1)].outputElements();
        traffic.parameters = part.parameters();
    }
}

void ModelParallel::train(Worker& worker) const {
    if (plan_.streams())
        trainWithoutFlush(worker);
    else
        trainBatchByBatch(worker);
}

void ModelParallel::trainBatchByBatch(Worker& worker) const {
    const auto stage = static_cast<std::size_t>(placeOf(plan_.mesh, worker.rank()).stage);
    Passages passages(worker, plan_);
    while (worker.beginStep()) {
        const Step step = worker.step();
        for (const PipelineOp& op : plan_.scheduleAt(step).stages[stage]) passages.perform({op, step});
        sumOverReplicas(worker, step);
        worker.update();
        passages.endStep(step);
        worker.endStep();
    }
    passages.end();
}

void ModelParallel::trainWithoutFlush(Worker& worker) const {
    Passages passages(worker, plan_);
    StageStream stream(plan_.schedule, placeOf(plan_.mesh, worker.rank()).stage);
    std::int64_t begun = 0;  // batches
    while (const auto next = stream.next()) {
        if (next->batch == begun) {
            if (!worker.beginStep()) {
                stream.endBefore(begun);
                continue;
            }
            ++begun;
        }
        const StageOp op{next->op, Step{static_cast<std::int32_t>(next->batch)}};
        passages.perform(op);
        if (!next->thenUpdate) continue;
        sumOverReplicas(worker, op.step);
        worker.stage()->update(op.step);
        if (op.op.microBatch < plan_.microBatches() - 1) continue;
        passages.endStep(op.step);
        worker.endStep();
    }
    passages.end();
}

void ModelParallel::sumOverReplicas(Worker& worker, Step step) const {
    if (plan_.mesh.data == 1) return;
    const MeshPlace place = placeOf(plan_.mesh, worker.rank());
    worker.synchronise([&](Communicator& comm) {
        auto group = SubCommunicator::range(comm, rankOf(plan_.mesh, {0, place.stage, place.tensor}).value,
                                            plan_.mesh.data, plan_.mesh.pipeline * plan_.mesh.tensor);
        for (const Values& values : worker.stage()->learning(step))
            ringAllReduce(group, values, {.tag = kReplicas});
    });
}

std::vector<DirectedLink> ModelParallel::links(std::size_t most) const {
    std::vector<DirectedLink> links;
    const MeshShape& mesh = plan_.mesh;
    const auto ring = [&](int n, auto rankAt) {
        for (int i = 0; i < n && n > 1; ++i) links.emplace_back(rankAt(i), rankAt((i + 1) % n));
    };
    const int ranks = mesh.data * mesh.pipeline * mesh.tensor;
    if (static_cast<std::size_t>(ranks) * 2 > most) return {};
    for (int d = 0; d < mesh.data; ++d)
        for (int s = 0; s < mesh.pipeline; ++s)
            for (int t = 0; t < mesh.tensor; ++t) {
                const Rank own = rankOf(mesh, {d, s, t});
                const bool wraps = plan_.chunks() > 1;
                if (mesh.pipeline > 1 && (s + 1 < mesh.pipeline || wraps)) {
                    const Rank next = rankOf(mesh, {d, (s + 1) % mesh.pipeline, t});
                    links.emplace_back(own, next);
                    links.emplace_back(next, own);
                }
                if (t == 0) ring(mesh.tensor, [&](int i) { return rankOf(mesh, {d, s, i}); });
                if (d == 0) ring(mesh.data, [&](int i) { return rankOf(mesh, {i, s, t}); });
            }
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    if (links.size() > most) links.clear();
    return links;
}

std::string ModelParallel::picture() const {
    const auto many = [](int n, const char* what) {
        return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
    };
    const MeshShape& mesh = plan_.mesh;
    std::string said;
    if (mesh.data > 1) said += many(mesh.data, "replica") + " of ";
    if (mesh.pipeline > 1 || mesh.tensor == 1)
        said += many(mesh.pipeline, "stage") + (mesh.tensor > 1 ? " of " : " in a line");
    if (mesh.tensor > 1) said += many(mesh.tensor, "rank") + " that share each layer";
    return said;
}

std::string ModelParallel::formula() const {
    const MeshShape& mesh = plan_.mesh;
    std::string said;
    if (mesh.pipeline > 1)
        said +=
            "m(α + A/(mβ)) up each cut, and down again\nm micro-batches, A bytes of a batch's activations at "
            "the cut";
    if (mesh.tensor > 1)
        said += std::string(said.empty() ? "" : "\n") +
                "2(t−1)(α + A/(tβ)) for each sum over t ranks, A bytes of the activations that are summed";
    if (mesh.data > 1)
        said += std::string(said.empty() ? "" : "\n") +
                "2(d−1)(α + S/(dβ)) for the gradients of d replicas, S bytes of a rank's weights";
    return said + "\nα latency and β bandwidth of a link";
}

/// Floats of every sum over tensor ranks that a stage of a step takes part in.
template <class Each>
void ModelParallel::eachSum(int stage, Each&& each) const {
    const std::int64_t samples = batch_ / plan_.microBatches();
    for (int chunk = 0; chunk < plan_.chunks(); ++chunk) {
        const PartTraffic& part = parts_[static_cast<std::size_t>(plan_.partOf(stage, chunk))];
        for (int m = 0; m < plan_.microBatches(); ++m) {
            for (int again = 0; again <= (plan_.schedule.recompute ? 1 : 0); ++again)
                for (const std::int64_t elements : part.sums.forward) each(elements * samples);
            for (const std::int64_t elements : part.sums.backward) each(elements * samples);
        }
    }
}

std::int64_t ModelParallel::bytesSent(std::span<const BucketRange>, Rank rank, int) const {
    const MeshShape& mesh = plan_.mesh;
    const MeshPlace place = placeOf(mesh, rank);
    std::int64_t bytes = 0, parameters = 0;
    for (int chunk = 0; chunk < plan_.chunks(); ++chunk) {
        const auto part = static_cast<std::size_t>(plan_.partOf(place.stage, chunk));
        parameters += parts_[part].parameters;
        if (part + 1 < parts_.size()) bytes += batch_ * parts_[part].cutElements * 4;
        if (part > 0) bytes += batch_ * parts_[part - 1].cutElements * 4;
    }
    eachSum(place.stage, [&](std::int64_t elements) {
        bytes += rondo::bytesSent(Collective::Ring, elements, Rank{place.tensor}, mesh.tensor, 0);
    });
    const int updates = plan_.updatesEachMicroBatch() ? plan_.microBatches() : 1;
    return bytes + updates * rondo::bytesSent(Collective::Ring, parameters, Rank{place.data}, mesh.data, 0);
}

std::int64_t ModelParallel::messages(std::span<const BucketRange>, int) const {
    const MeshShape& mesh = plan_.mesh;
    const std::int64_t m = plan_.microBatches(), cuts = static_cast<std::int64_t>(parts_.size()) - 1;
    std::int64_t sums = 0;
    for (int stage = 0; stage < mesh.pipeline; ++stage) eachSum(stage, [&](std::int64_t) { ++sums; });
    const std::int64_t updates = plan_.updatesEachMicroBatch() ? m : 1;
    return mesh.data * (cuts * 2 * m * mesh.tensor + sums * messagesOf(Collective::Ring, mesh.tensor, 0)) +
           updates * mesh.pipeline * mesh.tensor * messagesOf(Collective::Ring, mesh.data, 0);
}

}  // namespace rondo
