#include "engine/comm/collectives/neighbour_average.h"

#include <algorithm>

#include "engine/comm/collectives/float_view.h"

namespace rondo {

void neighbourAverage(Communicator& comm, Values values, std::span<const int> neighbours,
                      std::span<const int> sendOrder, double own, std::span<const double> weights,
                      CollectiveTraits traits) {
    std::vector<SendTicket> sends;
    for (const int neighbour : sendOrder)
        sends.push_back(comm.beginSend(Rank{neighbour}, parcelFrom(values, traits)));
    // The own values are lent to the neighbours until all have read them.
    const auto floats = values.floats();
    std::vector<float> sum(floats.size());
    const auto add = [&](std::span<const float> from, double weight) {
        const auto factor = static_cast<float>(weight);
        for (std::size_t i = 0; i < from.size(); ++i) sum[i] += factor * from[i];
    };
    bool ownAdded = false;
    for (std::size_t k = 0; k < neighbours.size(); ++k) {
        if (!ownAdded && neighbours[k] > comm.rank().value) {
            add(floats, own);
            ownAdded = true;
        }
        comm.receive(Rank{neighbours[k]}, traits.tag,
                     [&](ReceivedBytes bytes) { add(floatsOf(bytes, floats.size()), weights[k]); });
    }
    if (!ownAdded) add(floats, own);
    for (const SendTicket send : sends) comm.finishSend(send);
    std::copy(sum.begin(), sum.end(), floats.begin());
}

}  // namespace rondo
