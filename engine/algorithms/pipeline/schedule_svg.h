#pragma once

#include <string>

#include "engine/algorithms/pipeline/play_schedule.h"

namespace rondo {

/// A played schedule as a picture in SVG: a lane a stage, boxes for passes with the number of the micro-batch
/// where there is room, hatched where the stage waits between its first start and its last end; under it how
/// long it took and the share of the bubble. `title` stands above; any text.
std::string svgOf(const PipelineSchedule& schedule, const PlayedSchedule& played, const std::string& title);

}  // namespace rondo
