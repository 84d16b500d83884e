#pragma once

namespace rondo {

/// What a training step frees, the next asks for again: from here on the process keeps up to a quarter of a
/// gigabyte of it. Given back to the system, as is the default, its pages must be cleared anew, step by step;
/// a backward pass in halves, which holds memory longer, took up to 1.3 times as long. Idempotent.
void keepFreedMemory();

}  // namespace rondo
