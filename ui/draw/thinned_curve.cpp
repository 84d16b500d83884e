#include "ui/draw/thinned_curve.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace rondo::ui {

void ThinnedCurve::Bucket::take(const CurvePoint& point) {
    if (!std::isfinite(point.value)) {
        if (!broken) broken = point;
        return;
    }
    if (!least || point.value < least->value) least = point;
    if (!most || point.value > most->value) most = point;
}

void ThinnedCurve::Bucket::take(const Bucket& next) {
    for (const auto& point : {next.least, next.most, next.broken})
        if (point) take(*point);
    count += next.count;
}

void ThinnedCurve::add(const CurvePoint& point) {
    if (buckets_.size() >= most_ && buckets_.back().count >= wide_) {
        for (std::size_t i = 0; i < buckets_.size(); i += 2) {
            Bucket both = buckets_[i];
            if (i + 1 < buckets_.size()) both.take(buckets_[i + 1]);
            buckets_[i / 2] = both;
        }
        buckets_.resize((buckets_.size() + 1) / 2);
        wide_ *= 2;
    }
    if (buckets_.empty() || buckets_.back().count >= wide_) buckets_.emplace_back();
    buckets_.back().take(point);
    ++buckets_.back().count;
}

void ThinnedCurve::clear() {
    buckets_.clear();
    wide_ = 1;
}

std::vector<CurvePoint> ThinnedCurve::points() const {
    std::vector<CurvePoint> all;
    all.reserve(buckets_.size() * 2);
    for (const Bucket& bucket : buckets_) {
        const auto from = static_cast<std::ptrdiff_t>(all.size());
        if (bucket.least) all.push_back(*bucket.least);
        if (bucket.most && bucket.most->step != bucket.least->step) all.push_back(*bucket.most);
        if (bucket.broken) all.push_back(*bucket.broken);
        std::sort(all.begin() + from, all.end(),
                  [](const CurvePoint& a, const CurvePoint& b) { return a.step < b.step; });
    }
    return all;
}

}  // namespace rondo::ui
