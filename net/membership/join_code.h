#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/core/join_code.h"

namespace rondo::net {

// What a code looks like is everybody's to know; where it comes from, and what it says of a certificate, is
// this folder's.
using rondo::JoinCode;
using rondo::kCodeAlphabet;
using rondo::readJoinCode;
using rondo::shown;

/// 30 random bits of the system's generator, all codes equally likely.
JoinCode makeJoinCode();

/// The first ten characters of a SHA-256 fingerprint in the code's alphabet, five bits each, high bits first.
std::string codeOfFingerprint(std::span<const unsigned char, 32> fingerprint);

/// What a student types in a terminal.
std::string joinLine(std::string_view url, const JoinCode& code);

}  // namespace rondo::net
