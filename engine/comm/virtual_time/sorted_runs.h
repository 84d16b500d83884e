#pragma once

#include <array>
#include <boost/heap/d_ary_heap.hpp>
#include <cstddef>
#include <deque>
#include <functional>

namespace rondo {

/// A priority queue, smallest first, for what mostly comes in order: equal ranks that do the same one after
/// the other. An item goes behind the first of a few runs whose last item is smaller, and into a heap where
/// there is none; the smallest is then among few. Items in order cost O(1), others O(log n).
template <class Item>
class SortedRuns {
  public:
    bool empty() const { return size_ == 0; }
    void push(const Item& item) {
        ++size_;
        for (auto& run : runs_)
            if (run.empty() || item > run.back()) return run.push_back(item);
        heap_.push(item);
    }
    /// Takes the smallest out; there must be one.
    Item pop() {
        --size_;
        std::deque<Item>* smallest = nullptr;
        for (auto& run : runs_)
            if (!run.empty() && (!smallest || smallest->front() > run.front())) smallest = &run;
        if (!smallest || (!heap_.empty() && smallest->front() > heap_.top())) {
            const Item item = heap_.top();
            heap_.pop();
            return item;
        }
        const Item item = smallest->front();
        smallest->pop_front();
        return item;
    }
    void clear() {
        for (auto& run : runs_) run.clear();
        heap_.clear();
        size_ = 0;
    }

  private:
    std::array<std::deque<Item>, 4> runs_;
    boost::heap::d_ary_heap<Item, boost::heap::arity<4>, boost::heap::compare<std::greater<>>> heap_;
    std::size_t size_ = 0;
};

}  // namespace rondo
