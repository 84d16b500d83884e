#include "engine/comm/collectives/collectives.h"
#include "engine/comm/sub_communicator.h"

namespace rondo {

void hierarchicalAllReduce(Communicator& comm, Values values, int groupSize, CollectiveTraits traits) {
    const int ranks = comm.worldSize(), rank = comm.rank().value;
    if (groupSize < 1 || ranks % groupSize != 0)
        throw std::invalid_argument("groups of " + std::to_string(groupSize) + " don't divide " +
                                    std::to_string(ranks) + " ranks");
    const int group = rank / groupSize, place = rank % groupSize;
    SubCommunicator inside = SubCommunicator::range(comm, group * groupSize, groupSize, 1);
    SubCommunicator across = SubCommunicator::range(comm, place, ranks / groupSize, groupSize);

    ringReduceScatter(inside, values, traits);
    // What this rank holds of its group's sum now is summed with those that hold the same in other groups.
    ringAllReduce(across, chunksOf(values, groupSize, (place + 1) % groupSize), traits);
    ringAllGather(inside, values, traits);
}

}  // namespace rondo
