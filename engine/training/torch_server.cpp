#include "engine/training/torch_server.h"

#include "engine/comm/collectives/collectives.h"

namespace rondo {

TorchServer::TorchServer(SharedRun& shared, Rank rank)
    : shared_(shared),
      rank_(rank),
      sequence_{shared.run, rank},
      lane_(shared.runtime, sequence_, Lane::Compute, shared.sink),
      optimizer_(makeOptimizer(updateRule(shared.spec))) {
    shared.runtime.observe(rank, Lane::Compute, &lane_);
    const auto [begin, end] = chunkOf(shared.model.parameters(), servers(), index());
    elements_ = static_cast<std::size_t>(end - begin);
    if (shared.spec.weights.modelled) return;
    // The same start as every worker's, without asking one for it.
    Replica whole(shared.model, static_cast<std::uint64_t>(shared.spec.seed));
    weights_ = whole.flatWeights().narrow(0, begin, end - begin).clone();
}

TorchServer::~TorchServer() {
    shared_.runtime.observe(rank_, Lane::Compute, nullptr);
}

Values TorchServer::weights() {
    if (!weights_.defined()) return Values::counted(elements_);
    return std::span(weights_.data_ptr<float>(), elements_);
}

RankState TorchServer::state(bool floats) const {
    RankState state;
    if (!floats || !weights_.defined()) return state;
    const float* first = weights_.data_ptr<float>();
    state.floats.emplace_back("weights", std::vector<float>(first, first + weights_.numel()));
    optimizer_->save(state);
    return state;
}

void TorchServer::restore(const RankState& state) {
    if (!weights_.defined()) return;
    for (const auto& [name, values] : state.floats) {
        if (name != "weights") continue;
        if (values.size() != elements_)
            throw BadInput(Problem{"state.weights", std::to_string(values.size()) + " numbers, expected " +
                                                        std::to_string(elements_)});
        std::copy(values.begin(), values.end(), weights_.data_ptr<float>());
    }
    optimizer_->restore(state, weights_.numel());
}

void TorchServer::await(FunctionRef<void(Communicator&)> receive) {
    lane_.span(Phase::Wait, [&] { receive(communicator()); });
}

void TorchServer::answer(FunctionRef<void(Communicator&)> send) {
    lane_.span(Phase::Synchronise, [&] { send(communicator()); });
    lane_.flush();
}

void TorchServer::update(std::span<const float> gradient) {
    lane_.span(Phase::Update, [&] {
        if (weights_.defined()) {
            // from_blob takes no constant memory; the optimiser only reads it.
            const torch::Tensor view = torch::from_blob(const_cast<float*>(gradient.data()),
                                                        {static_cast<std::int64_t>(gradient.size())});
            optimizer_->update(weights_, view);
        }
        shared_.runtime.charge(shared_.costs.update(rank_) / servers());
    });
}

void TorchServer::noteStaleness(Rank worker, std::int64_t updates) {
    if (shared_.sink.wantsSamples()) {
        GradientApplied event;
        event.stamp = sequence_.stamp(nanosecondsOf(shared_.runtime.now()));
        event.worker = worker;
        event.staleness = updates;
        shared_.sink.publish(event);
    }
    const auto place = static_cast<std::size_t>(updates);
    if (staleness_.size() <= place) staleness_.resize(place + 1);
    ++staleness_[place];
}

}  // namespace rondo
