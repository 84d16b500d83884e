#include "engine/training/local_books.h"

#include "engine/training/torch_worker.h"

namespace rondo {

void LocalBooks::addLoss(Rank rank, Step step, double lossSum, std::int64_t samples) {
    ledger_.addLoss(rank, step, lossSum, samples);
}

void LocalBooks::endStep(TorchWorker& worker, Step step, std::int64_t payloadBytes) {
    if (const auto completed = ledger_.endStep(worker.rank(), step, payloadBytes)) worker.tell(*completed);
    overseer_.afterStep(worker, step);
}

void LocalBooks::skip(TorchWorker& worker, Step first, Step next) {
    for (const auto& completed : ledger_.skip(worker.rank(), first, next)) worker.tell(completed);
}

void LocalBooks::leave(TorchWorker& worker, Step first) {
    for (const auto& completed : ledger_.leave(worker.rank(), first)) worker.tell(completed);
}

}  // namespace rondo
