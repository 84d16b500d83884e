#pragma once

#include <functional>
#include <string>

namespace rondo::cli {

// A nursery is a process that has loaded LibTorch and becomes a worker whenever it is asked, by fork: loading
// costs most of a second of a core, forking a few milliseconds, and what was loaded is then there once for
// all. It has no other thread, now or ever. What it is asked and tells, a line each:
//
//     NAME                      a worker of that name, please
//     started PID               in the order in which they were asked for
//     ended PID exit CODE       or: ended PID signal NUMBER

/// Until standard input ends: then all that are left are ended, and it returns. `work` is carried out in the
/// new processes; what it returns is their exit code. They end when this process does, however that comes.
void runNursery(const std::function<int(const std::string& name)>& work);

}  // namespace rondo::cli
