#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rondo {

/// One thing that is wrong, said so that its reader can mend it: where (a settings path, a file), what, what
/// is allowed.
struct Problem {
    std::string where;
    std::string what;
    bool operator==(const Problem&) const = default;
    std::string text() const { return where.empty() ? what : where + ": " + what; }
};

using Problems = std::vector<Problem>;

/// Every problem on a line of its own.
inline std::string textOf(const Problems& problems) {
    std::string all;
    for (const Problem& problem : problems) {
        if (!all.empty()) all += '\n';
        all += problem.text();
    }
    return all;
}

/// A value, or all the problems that kept it from being made (never an empty list).
template <class T>
class Result {
  public:
    Result(T value) : state_(std::move(value)) {}
    Result(Problems problems) : state_(std::move(problems)) {}
    Result(Problem problem) : state_(Problems{std::move(problem)}) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    const T& value() const& { return std::get<0>(state_); }
    T& value() & { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    const T& operator*() const& { return value(); }
    T& operator*() & { return value(); }
    const T* operator->() const { return &value(); }
    const Problems& problems() const { return std::get<1>(state_); }
    std::string error() const { return textOf(problems()); }

  private:
    std::variant<T, Problems> state_;
};

/// What the user gave can't be used (exit code 2): carries the same problems where a return value can't
/// reach.
class BadInput : public std::runtime_error {
  public:
    explicit BadInput(Problems problems)
        : std::runtime_error(textOf(problems)), problems_(std::move(problems)) {}
    explicit BadInput(Problem problem) : BadInput(Problems{std::move(problem)}) {}
    const Problems& problems() const { return problems_; }

  private:
    Problems problems_;
};

}  // namespace rondo
