#include "engine/training/memory.h"

#include <malloc.h>

namespace rondo {

void keepFreedMemory() {
    ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most it takes; larger blocks are mapped each by itself
}

}  // namespace rondo
