#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.h"

namespace rondo {

/// A checkpoint that is wanted: the state of every worker as it comes to a step border, for a file.
struct Save {
    std::int64_t number = 0;  ///< 1, 2, … through the run
    Step border;
    std::string file;
    bool asked = false;  ///< somebody wished for it
};

/// Which checkpoints are wanted, and which of them a worker still owes its state. Knows nothing of states.
///
/// Thread: none of its own.
class SavePlan {
  public:
    /// Of so many workers that begin at `first`: every `every` steps (0: none but those wished for) to
    /// `file`.
    SavePlan(int workers, Step first, std::int64_t every, std::string file)
        : last_(static_cast<std::size_t>(workers)),
          every_(every),
          file_(std::move(file)),
          planned_(first.value) {}

    /// At a border that nobody has crossed yet.
    void add(Step border, std::string file) { add(border, std::move(file), true); }
    /// What a worker that has come to that border owes there, each once. Ask until there is none.
    std::optional<Save> next(Rank worker, Step border) {
        if (every_ > 0 && border.value > planned_ && border.value % every_ == 0) {
            planned_ = border.value;
            add(border, file_, false);
        }
        std::int64_t& last = last_[worker.index()];
        for (const Save& save : saves_) {
            if (save.number <= last || save.border > border) continue;
            last = save.number;
            return save;
        }
        return std::nullopt;
    }
    /// It was written, or never will be.
    void done(std::int64_t number) {
        std::erase_if(saves_, [&](const Save& save) { return save.number == number; });
    }
    /// Those that not all have come to.
    const std::deque<Save>& open() const { return saves_; }

  private:
    void add(Step border, std::string file, bool asked) {
        saves_.push_back({next_++, border, std::move(file), asked});
    }
    std::vector<std::int64_t> last_;  ///< by worker, the latest it was told of
    const std::int64_t every_;
    const std::string file_;
    std::int32_t planned_;  ///< the latest border of those every so many steps
    std::int64_t next_ = 1;
    std::deque<Save> saves_;
};

}  // namespace rondo
