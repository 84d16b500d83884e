#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// A fuzz target is one file with both of these. Built by clang with -DRONDO_FUZZ=ON it is a libFuzzer
// program; built otherwise, smoke_driver.cpp feeds it a few thousand mutations of its seeds.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Good inputs to start from.
std::vector<std::string> fuzzSeeds();
