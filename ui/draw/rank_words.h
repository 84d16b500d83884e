#pragma once

#include <QString>

namespace rondo::ui {

/// "Worker 3", or "Server 0" for the first rank after the workers.
QString rankName(int rank, int workers);

}  // namespace rondo::ui
