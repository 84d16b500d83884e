#include "engine/comm/collectives/collective_links.h"

#include <set>
#include <stdexcept>

#include "engine/comm/collectives/fold.h"

namespace rondo {

namespace {

class Links {
  public:
    explicit Links(std::size_t most) : most_(most) {}
    void add(int from, int to) {
        if (from != to && links_.size() <= most_) links_.insert({Rank{from}, Rank{to}});
    }
    void both(int a, int b) {
        add(a, b);
        add(b, a);
    }
    void ring(int first, int count, int stride) {
        for (int i = 0; i < count; ++i) add(first + i * stride, first + (i + 1) % count * stride);
    }
    std::vector<DirectedLink> take() const {
        if (links_.size() > most_) return {};
        return {links_.begin(), links_.end()};
    }

  private:
    const std::size_t most_;
    std::set<DirectedLink> links_;
};

void tree(Links& links, int ranks) {
    for (int reach = 1; reach < ranks; reach *= 2)
        for (int parent = 0; parent + reach < ranks; parent += 2 * reach) links.both(parent, parent + reach);
}

void halvingDoubling(Links& links, int ranks) {
    const Fold fold(ranks);
    for (int pair = 0; pair < fold.pairs; ++pair) links.both(2 * pair, 2 * pair + 1);
    for (int distance = 1; distance < fold.power; distance *= 2)
        for (int me = 0; me < fold.power; ++me) links.add(fold.rankAt(me), fold.rankAt(me ^ distance));
}

void hierarchical(Links& links, int ranks, int groupSize) {
    for (int first = 0; first < ranks; first += groupSize) links.ring(first, groupSize, 1);
    for (int place = 0; place < groupSize; ++place) links.ring(place, ranks / groupSize, groupSize);
}

}  // namespace

std::vector<DirectedLink> linksOf(Collective collective, int ranks, int groupSize, std::size_t most) {
    Links links(most);
    switch (collective) {
        case Collective::Ring:
        case Collective::Naive:
        case Collective::SendFirst:
            links.ring(0, ranks, 1);
            return links.take();
        case Collective::Tree:
            tree(links, ranks);
            return links.take();
        case Collective::HalvingDoubling:
            halvingDoubling(links, ranks);
            return links.take();
        case Collective::Hierarchical:
            hierarchical(links, ranks, groupSize);
            return links.take();
        case Collective::Auto:
            break;
    }
    throw std::logic_error("`auto` has no links until it is resolved");
}

std::string_view formulaOf(Collective collective) {
    switch (collective) {
        case Collective::Ring:
            return "2(N−1)(α + S/(Nβ))";
        case Collective::Naive:
            return "2(N−1)(α + S/β)";
        case Collective::Tree:
            return "2⌈log₂N⌉(α + S/β)";
        case Collective::HalvingDoubling:
            return "2·log₂p·α + 2(p−1)/p·S/β, and 2(α + S/β) where N is no power of two";
        case Collective::Hierarchical:
            return "2(g−1)(α + S/(gβ)) + 2(N/g−1)(α' + S/(Nβ'))";
        case Collective::SendFirst:
            return "never: each waits for its right neighbour to receive";
        case Collective::Auto:
            return "the fastest of ring, halving-doubling, tree and hierarchical for each bucket";
    }
    return {};
}

}  // namespace rondo
