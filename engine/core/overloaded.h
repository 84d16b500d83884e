#pragma once

namespace rondo {

/// For exhaustive visits: std::visit(Overloaded{[](const Span&) {…}, …}, event).
template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace rondo
