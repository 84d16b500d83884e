#pragma once

#include <QPointF>
#include <QRectF>
#include <vector>

namespace rondo::ui {

/// Where the schedules of a race lie under one another: words on the left, lanes on one axis of time in the
/// middle, what each stage has come to on the right. Logical pixels; y from the top of the content, which may
/// be taller than what is seen.
class ScheduleLayout {
  public:
    struct Sizes {
        double words = 200, names = 20, bars = 150;            ///< widths
        double leastBlock = 32, leastLane = 8, mostLane = 26;  ///< heights
        double gap = 8;                                        ///< between schedules
    };
    /// `stages` of each schedule; 0: there is only something to say. Lanes are of one height, as tall as fits
    /// into `height`, in whole pixels.
    ScheduleLayout() = default;
    ScheduleLayout(double width, double height, std::vector<int> stages, const Sizes& sizes);

    double contentHeight() const { return contentHeight_; }
    double laneHeight() const { return laneHeight_; }
    double left() const { return left_; }    ///< of the lanes, where time begins
    double right() const { return right_; }  ///< of the lanes
    QRectF block(int racer) const;           ///< all of a schedule
    QRectF words(int racer) const;
    /// A pixel lower than the lane's share, so that lanes stay apart.
    QRectF lane(int racer, int stage) const;
    QRectF name(int racer, int stage) const;
    QRectF bars(int racer, int stage) const;

    struct Place {
        int racer = -1, stage = -1;  ///< −1: none
        bool operator==(const Place&) const = default;
    };
    Place at(QPointF point) const;  ///< a stage where the lane or its bars are

  private:
    std::vector<int> stages_;
    std::vector<double> tops_, heights_;
    Sizes sizes_;
    double width_ = 0, left_ = 0, right_ = 0, laneHeight_ = 0, contentHeight_ = 0;
};

}  // namespace rondo::ui
