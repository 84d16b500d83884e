#pragma once

#include <memory>
#include <string>

#include "engine/events/recording.h"

namespace rondo::cli {

/// What becomes of --record.
class RunRecording {
  public:
    /// `file`: empty for none. BadInput when it can't be written.
    explicit RunRecording(const std::string& file);
    EventSink* sink() { return recorder_.get(); }  ///< null: none
    /// When no more events come; a word on standard error if not all is in the file.
    void finish();

  private:
    std::unique_ptr<Recorder> recorder_;
};

}  // namespace rondo::cli
