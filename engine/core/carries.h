#pragma once

#include <cstdint>

namespace rondo {

/// What a message is to the algorithm, where it is more than an exchange of gradients or weights.
enum class Carries : std::uint8_t { Exchange, Activations, ActivationGradients, PartialSums };

}  // namespace rondo
