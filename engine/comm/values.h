#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace rondo {

/// Floats that travel or are added up: where they lie, or, for a modelled run, only how many there are. A
/// view: whoever owns the floats keeps them.
class Values {
  public:
    Values() = default;
    Values(std::span<float> floats) : data_(floats.data()), size_(floats.size()) {}
    Values(std::vector<float>& floats) : Values(std::span(floats)) {}
    static Values counted(std::size_t size) {
        Values values;
        values.size_ = size;
        values.counted_ = true;
        return values;
    }

    std::size_t size() const { return size_; }
    /// Nothing lies anywhere: sizes go through the same steps, and nothing is added.
    bool onlyCounted() const { return counted_; }
    /// Empty when only counted.
    std::span<float> floats() const { return counted_ ? std::span<float>() : std::span(data_, size_); }
    Values sub(std::size_t first, std::size_t count) const {
        return counted_ ? counted(count) : Values(std::span(data_ + first, count));
    }

  private:
    float* data_ = nullptr;
    std::size_t size_ = 0;
    bool counted_ = false;
};

}  // namespace rondo
