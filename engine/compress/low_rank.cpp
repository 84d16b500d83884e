#include "engine/compress/low_rank.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/compress/squares.h"

namespace rondo {

namespace {

/// One column of a factor of r columns.
template <class T>
std::span<T> columnOf(std::span<T> factor, std::size_t r, std::size_t j) {
    const std::size_t length = factor.size() / r;
    return factor.subspan(j * length, length);
}

/// Sixteen sums side by side, which a processor adds to at once.
float dot(std::span<const float> a, std::span<const float> b) {
    std::array<float, 16> sums{};
    std::size_t i = 0;
    for (; i + sums.size() <= a.size(); i += sums.size())
        for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += a[i + k] * b[i + k];
    float sum = 0;
    for (; i < a.size(); ++i) sum += a[i] * b[i];
    for (const float part : sums) sum += part;
    return sum;
}

double exactDot(std::span<const float> a, std::span<const float> b) {
    return sumOf(a.size(), [&](std::size_t i) { return static_cast<double>(a[i]) * b[i]; });
}

void addScaled(float factor, std::span<const float> from, std::span<float> into) {
    for (std::size_t i = 0; i < into.size(); ++i) into[i] += factor * from[i];
}

}  // namespace

void project(std::span<const float> m, std::span<const float> q, std::span<float> p, std::int64_t r) {
    const auto columns = static_cast<std::size_t>(r);
    const std::size_t rows = p.size() / columns, width = q.size() / columns;
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            p[j * rows + i] = dot(m.subspan(i * width, width), columnOf(q, columns, j));
}

void projectBack(std::span<const float> m, std::span<const float> p, std::span<float> q, std::int64_t r) {
    const auto columns = static_cast<std::size_t>(r);
    const std::size_t rows = p.size() / columns, width = q.size() / columns;
    std::fill(q.begin(), q.end(), 0.0f);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            addScaled(p[j * rows + i], m.subspan(i * width, width), columnOf(q, columns, j));
}

void addProduct(std::span<const float> p, std::span<const float> q, float sign, std::span<float> m,
                std::int64_t r) {
    const auto columns = static_cast<std::size_t>(r);
    const std::size_t rows = p.size() / columns, width = q.size() / columns;
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            addScaled(sign * p[j * rows + i], columnOf(q, columns, j), m.subspan(i * width, width));
}

void orthonormalise(std::span<float> p, std::int64_t r) {
    const auto columns = static_cast<std::size_t>(r);
    for (std::size_t j = 0; j < columns; ++j) {
        const auto column = columnOf(p, columns, j);
        const double before = std::sqrt(squaredLength(column));
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t other = 0; other < j; ++other) {
                const auto direction = columnOf(p, columns, other);
                addScaled(-static_cast<float>(exactDot(column, direction)), direction, column);
            }
        const double length = std::sqrt(squaredLength(column));
        // What rounding leaves of a sum of the others is no direction. NaN is: it has to be seen. In double,
        // since one over the length of a vanishing column is more than a float holds.
        const double scale = length <= 1e-6 * before ? 0.0 : 1.0 / length;
        for (float& value : column) value = static_cast<float>(value * scale);
    }
}

}  // namespace rondo
