#include "engine/algorithms/single.h"

namespace rondo {

void Single::train(Worker& worker) const {
    while (worker.beginStep()) {
        worker.forward();
        worker.backward();
        worker.update();
        worker.endStep();
    }
}

}  // namespace rondo
