#include "engine/comm/on_every_rank.h"

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace rondo {

void onEveryRank(int ranks, const std::function<void(int)>& body) {
    std::mutex mutex;
    std::exception_ptr failure;
    std::vector<std::thread> threads;
    for (int rank = 0; rank < ranks; ++rank)
        threads.emplace_back([&, rank] {
            try {
                body(rank);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!failure) failure = std::current_exception();
            }
        });
    for (auto& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace rondo
