#include "ui/draw/schedule_layout.h"

#include <algorithm>
#include <cmath>

namespace rondo::ui {

namespace {
constexpr double kLeastLanes = 60;  ///< of width; less is no picture
}

ScheduleLayout::ScheduleLayout(double width, double height, std::vector<int> stages, const Sizes& sizes)
    : stages_(std::move(stages)), sizes_(sizes), width_(width) {
    left_ = sizes.words + sizes.names;
    right_ = std::max(left_ + kLeastLanes, width - sizes.bars);
    const auto blockOf = [&](int count, double lane) { return std::max(sizes.leastBlock, count * lane); };
    const auto allOf = [&](double lane) {
        double all = 0;
        for (const int count : stages_) all += blockOf(count, lane) + sizes.gap;
        return all;
    };
    laneHeight_ = sizes.mostLane;
    while (laneHeight_ > sizes.leastLane && allOf(laneHeight_) > height) --laneHeight_;
    laneHeight_ = std::max(laneHeight_, sizes.leastLane);
    for (const int count : stages_) {
        tops_.push_back(contentHeight_);
        heights_.push_back(blockOf(count, laneHeight_));
        contentHeight_ += heights_.back() + sizes.gap;
    }
}

QRectF ScheduleLayout::block(int racer) const {
    const auto i = static_cast<std::size_t>(racer);
    return {0, tops_[i], std::max(width_, right_), heights_[i]};
}

QRectF ScheduleLayout::words(int racer) const {
    QRectF words = block(racer);
    words.setWidth(sizes_.words);
    return words;
}

QRectF ScheduleLayout::lane(int racer, int stage) const {
    const double top = tops_[static_cast<std::size_t>(racer)] + stage * laneHeight_;
    return {left_, top, right_ - left_, laneHeight_ - 1};
}

QRectF ScheduleLayout::name(int racer, int stage) const {
    const QRectF lane = this->lane(racer, stage);
    return {left_ - sizes_.names, lane.top(), sizes_.names, lane.height()};
}

QRectF ScheduleLayout::bars(int racer, int stage) const {
    const QRectF lane = this->lane(racer, stage);
    return {right_, lane.top(), sizes_.bars, lane.height()};
}

ScheduleLayout::Place ScheduleLayout::at(QPointF point) const {
    const auto after = std::upper_bound(tops_.begin(), tops_.end(), point.y());
    if (after == tops_.begin()) return {};
    const auto i = static_cast<std::size_t>(after - tops_.begin()) - 1;
    if (point.y() >= tops_[i] + heights_[i]) return {};
    const int racer = static_cast<int>(i), stage = static_cast<int>((point.y() - tops_[i]) / laneHeight_);
    return {racer, point.x() >= left_ && stage < stages_[i] ? stage : -1};
}

}  // namespace rondo::ui
