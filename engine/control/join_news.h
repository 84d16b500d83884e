#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace rondo {

// `rondo-cli worker --json` and `rondo-cli watch --json` tell how it goes on standard error, a JSON object a
// line, for the program that has started them. What is no JSON there is a complaint in words.
//
//     {"news":"dialling"}                     the host, for the first time or again
//     {"news":"joined","name":"desk 7"}       so the host calls it from now on
//     {"news":"training","rank":2,"workers":4,"run":"Welcome"}    a worker: its part in that run
//     {"news":"waiting"}                      a worker: that part is over
//     {"news":"lost","why":"…","again_in":4}  it dials again after so many seconds
//     {"news":"over","why":"…","well":false,"may_retry":true}     the last line

struct JoinNews {
    enum class Kind { Dialling, Joined, Training, Waiting, Lost, Over } kind = Kind::Dialling;
    std::string name;  ///< Joined
    std::int32_t rank = -1, workers = 0;
    std::string run;           ///< its name; may be empty
    std::string why;           ///< Lost, Over: in words
    std::int32_t againIn = 0;  ///< seconds
    bool well = false;         ///< it left, or the class is over
    bool mayRetry = false;     ///< dialling again, with the same code, makes sense
    bool operator==(const JoinNews&) const = default;
};

/// Without the line end; no line end is inside.
std::string toLine(const JoinNews& news);
/// A line whose like is not known is a problem: two programs that don't fit together.
Result<JoinNews> parseJoinNews(std::string_view line);
/// For a person at a terminal.
std::string wordsOf(const JoinNews& news);

}  // namespace rondo
