#include "engine/algorithms/algorithm.h"

#include "engine/algorithms/all_reduce.h"
#include "engine/algorithms/single.h"
#include "engine/core/overloaded.h"

namespace rondo {

std::unique_ptr<Algorithm> makeAlgorithm(const AlgorithmSpec& spec) {
    return std::visit(
        Overloaded{
            [](const SingleAlgorithm&) -> std::unique_ptr<Algorithm> { return std::make_unique<Single>(); },
            [](const AllReduceAlgorithm& s) -> std::unique_ptr<Algorithm> {
                return std::make_unique<AllReduce>(s);
            },
        },
        spec);
}

}  // namespace rondo
