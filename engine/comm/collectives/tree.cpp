#include "engine/comm/collectives/collectives.h"
#include "engine/comm/collectives/float_view.h"

namespace rondo {

namespace {

/// The binomial tree as seen from the root: the rank at position p, and p's own position.
struct Tree {
    int ranks, position, root;
    Tree(const Communicator& comm, Rank root)
        : ranks(comm.worldSize()),
          position((comm.rank().value - root.value + ranks) % ranks),
          root(root.value) {}
    Rank at(int p) const { return Rank{(p + root) % ranks}; }
    /// At this level positions come in pairs `reach` apart, the lower one nearer to the root.
    bool isChild(int reach) const { return position % (2 * reach) == reach; }
    bool isParent(int reach) const { return position % (2 * reach) == 0 && position + reach < ranks; }
};

}  // namespace

void reduce(Communicator& comm, Rank root, Values values, CollectiveTraits traits) {
    const Tree tree(comm, root);
    for (int reach = 1; reach < tree.ranks; reach *= 2) {
        if (tree.isChild(reach))
            return send(comm, tree.at(tree.position - reach), parcelFrom(values, traits));
        if (tree.isParent(reach))
            comm.receive(tree.at(tree.position + reach), traits.tag,
                         [&](ReceivedBytes bytes) { addFloats(values, bytes); });
    }
}

void broadcast(Communicator& comm, Rank root, Values values, CollectiveTraits traits) {
    const Tree tree(comm, root);
    int reach = 1;
    while (reach < tree.ranks) reach *= 2;
    for (reach /= 2; reach >= 1; reach /= 2) {
        if (tree.isChild(reach))
            comm.receive(tree.at(tree.position - reach), traits.tag,
                         [&](ReceivedBytes bytes) { copyFloats(values, bytes); });
        else if (tree.isParent(reach))
            send(comm, tree.at(tree.position + reach), parcelFrom(values, traits));
    }
}

void treeAllReduce(Communicator& comm, Values values, CollectiveTraits traits) {
    reduce(comm, Rank{0}, values, traits);
    broadcast(comm, Rank{0}, values, traits);
}

}  // namespace rondo
