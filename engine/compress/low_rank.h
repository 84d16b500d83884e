#pragma once

#include <cstdint>
#include <span>

namespace rondo {

// Arithmetic of a matrix M (n×m, by rows) and its thin factors P (n×r) and Q (m×r). Factors lie column by
// column, so that every inner loop runs along memory; n and m follow from their sizes and r.

/// P = M·Q. Cost 2·r·n·m.
void project(std::span<const float> m, std::span<const float> q, std::span<float> p, std::int64_t r);
/// Q = Mᵀ·P. Cost 2·r·n·m.
void projectBack(std::span<const float> m, std::span<const float> p, std::span<float> q, std::int64_t r);
/// M += sign·P·Qᵀ. Cost 2·r·n·m.
void addProduct(std::span<const float> p, std::span<const float> q, float sign, std::span<float> m,
                std::int64_t r);
/// Columns of P become orthonormal (Gram–Schmidt, each twice for rounding's sake). A column that is nothing
/// but a sum of those before becomes zero.
void orthonormalise(std::span<float> p, std::int64_t r);

}  // namespace rondo
