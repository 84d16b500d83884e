#include "engine/comm/collectives/all_reduce_by.h"

#include <stdexcept>

namespace rondo {

void allReduceBy(Collective collective, Communicator& comm, Values values, int groupSize,
                 CollectiveTraits traits) {
    switch (collective) {
        case Collective::Ring:
            return ringAllReduce(comm, values, traits);
        case Collective::Naive:
            return naiveAllReduce(comm, values, traits);
        case Collective::Tree:
            return treeAllReduce(comm, values, traits);
        case Collective::HalvingDoubling:
            return halvingDoublingAllReduce(comm, values, traits);
        case Collective::Hierarchical:
            return hierarchicalAllReduce(comm, values, groupSize, traits);
        case Collective::SendFirst:
            return sendFirstAllReduce(comm, values, traits);
        case Collective::Auto:
            break;
    }
    throw std::logic_error("`auto` is no collective until it is resolved");
}

}  // namespace rondo
