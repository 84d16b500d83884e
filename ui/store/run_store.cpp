#include "ui/store/run_store.h"

#include <algorithm>

#include "engine/config/run_spec_json.h"
#include "ui/store/prediction_json.h"

namespace rondo::ui {

namespace {

// A stream is believed no further than this: a rank outside is not shown and can't make the store grow.
constexpr int kMostRanks = 8192;

double secondsAt(const Stamp& stamp) {
    return secondsOf(stamp.at);
}

}  // namespace

RunStore::RunStore(QObject* parent, const Remembered& most)
    : QObject(parent), most_(most), steps_(most.steps) {}

void RunStore::apply(std::span<const Event> batch) {
    if (batch.empty()) return;
    Changes changes;
    for (const Event& event : batch) {
        std::visit([&](const auto& one) { take(one, changes); }, event);
        duration_ = std::max(duration_, secondsAt(stampOf(event)));
    }
    eventsSeen_ += batch.size();
    changes.health = true;
    Q_EMIT changed(changes);
}

void RunStore::setUnderWay(double now, std::vector<Span> spans) {
    if (!hasRun() || ended_) return;
    std::erase_if(spans, [](const Span& span) {
        return span.stamp.rank.value < 0 || span.stamp.rank.value >= kMostRanks;
    });
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
        return std::pair(a.stamp.rank.value, a.lane) < std::pair(b.stamp.rank.value, b.lane);
    });
    for (const Span& span : spans) {
        phases_ |= 1u << static_cast<int>(span.phase);
        laneOf(span.stamp.rank.value, span.lane);
    }
    underWay_ = std::move(spans);
    duration_ = std::max(duration_, now);
    Changes changes;
    changes.spans = true;
    Q_EMIT changed(changes);
}

const Span* RunStore::underWay(int rank, Lane lane) const {
    if (over()) return nullptr;
    const auto it = std::partition_point(underWay_.begin(), underWay_.end(), [&](const Span& span) {
        return std::pair(span.stamp.rank.value, span.lane) < std::pair(rank, lane);
    });
    return it != underWay_.end() && it->stamp.rank.value == rank && it->lane == lane ? &*it : nullptr;
}

double RunStore::reached() const {
    const double known = steps_.points().empty() ? 0 : steps_.points().back().seconds;
    return std::max({known, openStepEnd_, underWay_.empty() || over() ? 0 : duration_});
}

void RunStore::clear() {
    forget();
    Changes changes;
    changes.reset = true;
    Q_EMIT changed(changes);
}

void RunStore::interrupt() {
    if (!hasRun() || over()) return;
    interrupted_ = true;
    Changes changes;
    changes.state = true;
    Q_EMIT changed(changes);
}

void RunStore::forget() {
    started_.reset();
    spec_ = {};
    prediction_ = {};
    state_ = RunState::Preparing;
    stateDetail_.clear();
    duration_ = 0;
    steps_.clear();
    evaluations_.clear();
    consensus_.clear();
    staleness_.clear();
    compression_.clear();
    faults_.clear();
    worlds_.clear();
    routes_.clear();
    notices_.clear();
    boundary_.reset();
    preview_.reset();
    lanes_.clear();
    spans_ = 0;
    phases_ = 0;
    splitBackward_ = false;
    messages_.clear();
    links_.clear();
    totalRate_ = {};
    meters_.clear();
    underWay_.clear();
    openStepEnd_ = 0;
    now_.clear();
    messagesEver_ = evaluationsEver_ = eventsSeen_ = eventsDropped_ = 0;
    ended_ = interrupted_ = false;
    report_.clear();
}

void RunStore::take(const RunStarted& event, Changes& changes) {
    forget();
    started_ = event;
    auto spec = parseRunSpec(event.spec);
    if (spec) spec_ = std::move(*spec);
    // The run knows the real size of its data, the settings alone may not.
    if (auto whole = wholePrediction(event.prediction)) {
        prediction_ = std::move(*whole);
    } else {
        if (spec) prediction_ = predict(spec_);
        mergePrediction(event.prediction, prediction_);
    }
    changes.reset = changes.state = true;
}

void RunStore::take(const RunStateChanged& event, Changes& changes) {
    if (ended_) return;  // a pause or stop that crossed the end on its way
    state_ = event.state;
    stateDetail_ = QString::fromStdString(event.detail);
    changes.state = true;
}

void RunStore::take(const RunEnded& event, Changes& changes) {
    ended_ = true;
    state_ = event.state;
    report_ = QByteArray::fromStdString(event.report);
    underWay_.clear();
    changes.state = true;
}

void RunStore::take(const Notice& event, Changes& changes) {
    if (notices_.size() >= most_.notices) return;
    notices_.push_back(event);
    changes.notices = true;
}

void RunStore::take(const Evaluated& event, Changes& changes) {
    if (evaluations_.size() >= most_.evaluations) {
        const auto half = static_cast<std::ptrdiff_t>(evaluations_.size() / 2);
        evaluations_.erase(evaluations_.begin(), evaluations_.begin() + half);
    }
    evaluations_.push_back(event);
    ++evaluationsEver_;
    changes.evaluations = true;
}

void RunStore::take(const ConsensusMeasured& event, Changes& changes) {
    if (consensus_.size() >= most_.evaluations)
        consensus_.erase(consensus_.begin(),
                         consensus_.begin() + static_cast<std::ptrdiff_t>(most_.evaluations / 2));
    consensus_.push_back(event);
    changes.evaluations = true;
}

void RunStore::take(const GradientApplied& event, Changes& changes) {
    if (event.staleness < 0) return;
    const auto place = static_cast<std::size_t>(std::min<std::int64_t>(event.staleness, kMostStaleness));
    if (staleness_.size() <= place) staleness_.resize(place + 1);
    ++staleness_[place];
    changes.staleness = true;
}

void RunStore::take(const CompressionMeasured& event, Changes& changes) {
    if (compression_.size() >= most_.evaluations)
        compression_.erase(compression_.begin(),
                           compression_.begin() + static_cast<std::ptrdiff_t>(compression_.size() / 2));
    compression_.push_back(event);
    changes.compression = true;
}

void RunStore::take(const FaultHappened& event, Changes& changes) {
    if (faults_.size() >= most_.notices) return;
    faults_.push_back(event);
    changes.faults = true;
}

void RunStore::take(const WorldChanged& event, Changes& changes) {
    if (worlds_.size() >= most_.notices) return;
    worlds_.push_back(event);
    changes.world = true;
}

void RunStore::take(const RouteChosen& event, Changes& changes) {
    if (routes_.size() >= most_.notices) return;
    routes_.push_back(event);
    changes.world = true;
}

void RunStore::take(const DecisionBoundary& event, Changes& changes) {
    boundary_ = event;
    changes.boundary = true;
}

void RunStore::take(const DataPreview& event, Changes& changes) {
    preview_ = event;
    changes.preview = true;
}

void RunStore::take(const Span& event, Changes& changes) {
    const int rank = event.stamp.rank.value;
    if (rank < 0 || rank >= kMostRanks) return;
    const std::int64_t end = event.stamp.at.count();
    if (spans_ >= most_.spans) forgetOldSpans();
    ++spans_;
    phases_ |= 1u << static_cast<int>(event.phase);
    splitBackward_ |= event.phase == Phase::BackwardInput && !event.fused;
    laneOf(rank, event.lane).add(LaneSpan::of(event));
    Now& now = nowOf(rank);
    if (end >= now.since) {
        now.phase = event.phase;
        now.since = end;
        if (event.step != kNone) now.step = event.step;
    }
    if (event.step > (steps_.points().empty() ? kNone : steps_.points().back().step))
        openStepEnd_ = std::max(openStepEnd_, secondsAt(event.stamp));
    changes.spans = true;
}

void RunStore::take(const Message& event, Changes& changes) {
    const LinkId id{event.from.value, event.to.value};
    if (id.from < 0 || id.to < 0 || id.from >= kMostRanks || id.to >= kMostRanks) return;
    if (messages_.size() >= kMostMessages) {
        messages_.erase(messages_.begin(),
                        messages_.begin() + static_cast<std::ptrdiff_t>(kMostMessages / 2));
    }
    messages_.push_back(event);
    ++messagesEver_;
    const double begin = secondsOf(event.begin), arrival = secondsAt(event.stamp);
    LinkCounter& link = links_[id];
    link.payloadBytes += event.payloadBytes;
    ++link.messages;
    link.bytesPerSecond = meters_[id].add(begin, arrival, event.payloadBytes);
    totalRate_.add(arrival, static_cast<double>(event.payloadBytes));
    Now& now = nowOf(id.to);
    if (event.stamp.at.count() > now.since) {
        now.phase = Phase::Synchronise;
        now.since = event.stamp.at.count();
        if (event.step != kNone) now.step = event.step;
    }
    changes.links = true;
}

void RunStore::take(const StepCompleted& event, Changes& changes) {
    steps_.add({event.step, event.epoch, 0, secondsAt(event.stamp), event.loss,
                static_cast<qint64>(event.samples), static_cast<qint64>(event.payloadBytes)});
    openStepEnd_ = 0;
    changes.steps = true;
}

void RunStore::take(const EventsDropped& event, Changes&) {
    eventsDropped_ += event.count;
}

void RunStore::forgetOldSpans() {
    // All lanes forget alike, so that what is left of them covers about the same time.
    spans_ = 0;
    for (SpanLane& lane : lanes_) {
        lane.forgetOldestHalf();
        spans_ += lane.spans().size();
    }
}

RunStore::Now& RunStore::nowOf(int rank) {
    const auto place = static_cast<std::size_t>(rank);
    if (place >= now_.size()) now_.resize(place + 1);
    return now_[place];
}

SpanLane& RunStore::laneOf(int rank, Lane lane) {
    int& place = nowOf(rank).lanes[static_cast<int>(lane)];
    if (place != kNone) return lanes_[static_cast<std::size_t>(place)];
    // Rare: once for every lane of a run.
    const auto next = std::find_if(lanes_.begin(), lanes_.end(), [&](const SpanLane& other) {
        return std::pair(other.rank(), other.lane()) > std::pair(rank, lane);
    });
    const auto at = next - lanes_.begin();
    lanes_.emplace(next, rank, lane);
    for (std::size_t i = static_cast<std::size_t>(at); i < lanes_.size(); ++i) {
        nowOf(lanes_[i].rank()).lanes[static_cast<int>(lanes_[i].lane())] = static_cast<int>(i);
    }
    return lanes_[static_cast<std::size_t>(at)];
}

std::optional<Phase> RunStore::currentPhase(int rank) const {
    const Span *compute = underWay(rank, Lane::Compute), *exchange = underWay(rank, Lane::Communication);
    // Who waits for a message that travels synchronises.
    if (exchange && (!compute || compute->phase == Phase::Wait)) return exchange->phase;
    if (compute) return compute->phase;
    if (rank < 0 || static_cast<std::size_t>(rank) >= now_.size()) return {};
    return now_[static_cast<std::size_t>(rank)].phase;
}

int RunStore::currentStep(int rank) const {
    if (const Span* span = underWay(rank, Lane::Compute); span && span->step != kNone) return span->step;
    if (rank < 0 || static_cast<std::size_t>(rank) >= now_.size()) return kNone;
    return now_[static_cast<std::size_t>(rank)].step;
}

}  // namespace rondo::ui
