// What optimisers and stages remember, written down and read again: going on makes the same bits.
#include <QtTest>
#include <cmath>
#include <numeric>

#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/config/run_spec_json.h"
#include "engine/core/result.h"
#include "engine/model/model_plan.h"
#include "engine/training/layers.h"
#include "engine/training/optimizer.h"
#include "engine/training/replica.h"
#include "engine/training/stage_weights.h"
#include "engine/training/torch_stage.h"
#include "tests/support/made_gradients.h"
#include "tests/support/parts_runs.h"

using namespace rondo;
using namespace rondo::test;

namespace {

struct Named {
    const char* name;
    OptimizerSpec spec;
    bool remembers;
};
const std::vector<Named> kAll{
    {"sgd", SgdOptimizer{0.1, 0, 0.01}, false},
    {"momentum", SgdOptimizer{0.1, 0.9, 0.01}, true},
    {"adam", AdamOptimizer{}, true},
    {"accelerated", AcceleratedOptimizer{}, true},
};
constexpr int kSteps = 9;
constexpr std::int64_t kParameters = 101;

torch::Tensor tensorOf(std::vector<float> values) {
    return torch::tensor(values);
}
std::vector<float> valuesOf(const torch::Tensor& t) {
    return {t.data_ptr<float>(), t.data_ptr<float>() + t.numel()};
}
torch::Tensor gradient(int step) {
    return tensorOf(gaussian(kParameters, static_cast<std::uint64_t>(step)));
}

enum class Then { Same, Restored, WithoutPrevious, Forgotten };

/// Weights after all steps, when before step `at` the optimiser makes place for a new one.
std::vector<float> trained(const OptimizerSpec& spec, int at, Then then) {
    auto optimizer = makeOptimizer(spec);
    torch::Tensor weights = tensorOf(gaussian(kParameters, 99));
    for (int step = 0; step < kSteps; ++step) {
        if (step == at && then != Then::Same) {
            RankState state;
            optimizer->save(state);
            optimizer = makeOptimizer(spec);
            if (then == Then::Restored) optimizer->restore(state, kParameters);
        }
        optimizer->update(weights, gradient(step));
    }
    return valuesOf(weights);
}

RankState stateAfter(const OptimizerSpec& spec, int steps) {
    const auto optimizer = makeOptimizer(spec);
    torch::Tensor weights = tensorOf(gaussian(kParameters, 99));
    for (int step = 0; step < steps; ++step) optimizer->update(weights, gradient(step));
    RankState state;
    optimizer->save(state);
    return state;
}

void addOptimizers() {
    QTest::addColumn<int>("which");
    for (std::size_t which = 0; which < kAll.size(); ++which)
        QTest::addRow("%s", kAll[which].name) << static_cast<int>(which);
}

/// Half of a small model, its first layer to be frozen after a while.
struct MadeStage {
    ModelPlan plan = [] {
        RunSpec spec;
        spec.model = MlpModel{{13, 11}};
        return planModel(spec, {{1, 4, 4}, 5, 1});
    }();
    std::vector<float> initial = valuesOf(initialWeights(plan, 3));
    std::unique_ptr<StageWeights> make(const OptimizerSpec& optimizer) const {
        return std::make_unique<StageWeights>(std::vector{partOf(plan, 0, 2, 1, 0)}, initial, 1, optimizer);
    }
};

std::vector<float> stageTrained(const MadeStage& made, const OptimizerSpec& spec, int at, Then then) {
    auto stage = made.make(spec);
    for (int step = 0; step < kSteps; ++step) {
        if (step == at && then != Then::Same) {
            RankState state;
            stage->save(state);
            stage = made.make(spec);
            if (then == Then::Restored) stage->restore(state);
        }
        if (step >= 6) stage->freeze();
        const auto into = stage->gradients();
        const auto values = gaussian(into.size(), static_cast<std::uint64_t>(step));
        std::copy(values.begin(), values.end(), into.begin());
        stage->update();
    }
    const auto weights = stage->values();
    return {weights.begin(), weights.end()};
}

/// A pipeline of one stage, its micro-batches one after the other; before step `at` the stage makes place for
/// a new one.
std::vector<float> pipelineTrained(ScheduleChoice schedule, int at, Then then) {
    RunSpec spec = pipelineSpec(RunOn::Virtual, schedule, 1);
    stagesIn(spec).microBatches = 2;
    const Dataset data = loadDataset(spec.data, 1);
    const ModelPlan model = planModel(spec, data.train.shape);
    const StagePlan plan = planStages(spec, model);
    const PartCosts costs(spec, model, plan);
    const auto initial = valuesOf(initialWeights(model, 1));
    BubbleMeter bubbles(1);
    const SharedParts shared{plan, costs, initial, bubbles};
    RunControl control(1, true);
    const auto runtime = makeVirtualRuntime(1, {}, 1, control);
    Nobody nobody;
    std::vector<float> whole(initial.size());
    runtime->run([&](Rank rank) {
        EventSequence sequence{0, rank};
        LaneRecorder lane(*runtime, sequence, Lane::Compute, nobody);
        const auto make = [&] {
            return std::make_unique<TorchStage>(spec, model, shared, rank, *runtime, lane,
                                                [](Picoseconds, Picoseconds) {});
        };
        auto stage = make();
        const auto update = [&](Step step) { stage->update(step); };
        for (std::int32_t step = 0; step < kSteps; ++step) {
            if (step == at && then != Then::Same) {
                RankState state;
                stage->save(state);
                stage = make();
                const auto previous = [](const auto& entry) {
                    return entry.first.starts_with("stage.previous");
                };
                if (then == Then::WithoutPrevious) std::erase_if(state.floats, previous);
                if (then == Then::WithoutPrevious) std::erase_if(state.counts, previous);
                if (then != Then::Forgotten) stage->restore(state);
            }
            std::vector<std::int64_t> samples(8);
            std::iota(samples.begin(), samples.end(), std::int64_t{8} * step);
            stage->begin(Step{step}, 8, 8, batchOf(data.train, samples));
            for (std::int32_t micro = 0; micro < 2; ++micro) {
                for (const Pass half : {Pass::Forward, Pass::Backward})
                    stage->compute({{half, micro, 0}, Step{step}}, [](Values) {});
                if (plan.updatesEachMicroBatch()) update(Step{step});
            }
            if (!plan.updatesEachMicroBatch()) update(Step{step});
            stage->end(Step{step});
        }
        stage->put(whole);
    });
    return whole;
}

}  // namespace

class TestState : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void restoredOptimizer_goesOnToTheSameBits_data() { addOptimizers(); }
    void restoredOptimizer_goesOnToTheSameBits() {
        QFETCH(int, which);
        const Named& method = kAll[static_cast<std::size_t>(which)];
        const auto whole = trained(method.spec, 0, Then::Same);
        for (int at = 0; at < kSteps; ++at) QCOMPARE(trained(method.spec, at, Then::Restored), whole);
        QCOMPARE(trained(method.spec, 4, Then::Forgotten) != whole, method.remembers);
    }

    void optimizerThatHasDoneNothing_writesNothingDown() {
        for (const Named& method : kAll) QCOMPARE(stateAfter(method.spec, 0), RankState{});
    }

    void restoringNothing_beginsAnew() {
        for (const Named& method : kAll) {
            const auto optimizer = makeOptimizer(method.spec);
            torch::Tensor weights = tensorOf(gaussian(kParameters, 99));
            optimizer->update(weights, gradient(100));
            optimizer->restore({}, kParameters);
            weights = tensorOf(gaussian(kParameters, 99));
            for (int step = 0; step < kSteps; ++step) optimizer->update(weights, gradient(step));
            QCOMPARE(valuesOf(weights), trained(method.spec, 0, Then::Same));
        }
    }

    void savedState_isACopy() {
        const auto optimizer = makeOptimizer(SgdOptimizer{0.1, 0.9, 0});
        torch::Tensor weights = tensorOf(gaussian(kParameters, 99));
        optimizer->update(weights, gradient(0));
        RankState before;
        optimizer->save(before);
        const RankState kept = before;
        optimizer->update(weights, gradient(1));
        QCOMPARE(before, kept);
        RankState after;
        optimizer->save(after);
        QVERIFY(after != before);
        optimizer->restore(before, kParameters);
        optimizer->update(weights, gradient(2));
        QCOMPARE(before, kept);
    }

    void whatDoesNotFit_isRefused_andChangesNothing_data() { addOptimizers(); }
    void whatDoesNotFit_isRefused_andChangesNothing() {
        QFETCH(int, which);
        const Named& method = kAll[static_cast<std::size_t>(which)];
        const RankState good = stateAfter(method.spec, 5);
        QCOMPARE(!good.floats.empty(), method.remembers);
        const auto optimizer = makeOptimizer(method.spec);
        optimizer->restore(good, kParameters);
        const auto refuses = [&](const RankState& bad, std::int64_t parameters = kParameters) {
            QVERIFY_EXCEPTION_THROWN(optimizer->restore(bad, parameters), BadInput);
            RankState after;
            optimizer->save(after);
            QCOMPARE(after, good);
        };
        for (std::size_t i = 0; i < good.floats.size(); ++i) {
            RankState bad = good;
            bad.floats[i].second.pop_back();
            refuses(bad);
            bad = good;
            bad.floats[i].first += "s";
            refuses(bad);
            bad = good;
            bad.floats.erase(bad.floats.begin() + static_cast<std::ptrdiff_t>(i));
            if (bad.floats.size() + bad.counts.size() > 0) refuses(bad);
            refuses(good, kParameters + 1);
        }
        for (std::size_t i = 0; i < good.counts.size(); ++i) {
            RankState bad = good;
            bad.counts[i].second = 0;
            refuses(bad);
            bad = good;
            bad.counts.erase(bad.counts.begin() + static_cast<std::ptrdiff_t>(i));
            refuses(bad);
        }
        for (const Named& other : kAll)
            if (other.remembers && other.spec.index() != method.spec.index())
                refuses(stateAfter(other.spec, 2));
    }

    void problem_namesWhatAndHowMany() {
        try {
            makeOptimizer(AdamOptimizer{})->restore(stateAfter(AdamOptimizer{}, 2), 100, "optimizer");
            QFAIL("taken");
        } catch (const BadInput& problem) {
            QCOMPARE(problem.problems(), (Problems{{"optimizer.mean", "101 values, expected 100"}}));
        }
    }

    void twoOptimizersOfOneRank_haveNamesOfTheirOwn() {
        const auto a = makeOptimizer(AdamOptimizer{}), b = makeOptimizer(AdamOptimizer{});
        torch::Tensor weights = tensorOf(gaussian(kParameters, 99));
        a->update(weights, gradient(1));
        b->update(weights, gradient(2));
        RankState state, again;
        a->save(state, "optimizer.0");
        b->save(state, "optimizer.1");
        const auto c = makeOptimizer(AdamOptimizer{}), d = makeOptimizer(AdamOptimizer{});
        c->restore(state, kParameters, "optimizer.0");
        d->restore(state, kParameters, "optimizer.1");
        c->save(again, "optimizer.0");
        d->save(again, "optimizer.1");
        QCOMPARE(again, state);
    }

    void restoredStage_goesOnToTheSameBits_data() { addOptimizers(); }
    void restoredStage_goesOnToTheSameBits() {
        QFETCH(int, which);
        const Named& method = kAll[static_cast<std::size_t>(which)];
        const MadeStage made;
        const auto whole = stageTrained(made, method.spec, 0, Then::Same);
        // Before, at and after the step from which the first layer is frozen.
        for (int at = 0; at < kSteps; ++at)
            QCOMPARE(stageTrained(made, method.spec, at, Then::Restored), whole);
        QVERIFY(stageTrained(made, method.spec, 4, Then::Forgotten) != whole);
    }

    void restoredPipelineStage_goesOnToTheSameBits_data() {
        QTest::addColumn<int>("schedule");
        QTest::newRow("1f1b") << static_cast<int>(ScheduleChoice::OneFOneB);
        QTest::newRow("pipedream") << static_cast<int>(ScheduleChoice::PipeDream);
        QTest::newRow("pipedream_2bw") << static_cast<int>(ScheduleChoice::PipeDream2bw);
    }
    void restoredPipelineStage_goesOnToTheSameBits() {
        QFETCH(int, schedule);
        const auto choice = static_cast<ScheduleChoice>(schedule);
        const auto whole = pipelineTrained(choice, 0, Then::Same);
        for (const int at : {0, 1, 2, 5}) QCOMPARE(pipelineTrained(choice, at, Then::Restored), whole);
        QVERIFY(pipelineTrained(choice, 5, Then::Forgotten) != whole);
        QCOMPARE(pipelineTrained(choice, 5, Then::WithoutPrevious) != whole,
                 choice == ScheduleChoice::PipeDream2bw);
    }

    void stageOfAnotherShape_isRefused() {
        const MadeStage made;
        RankState state;
        made.make(AdamOptimizer{})->save(state);
        state.floats[0].second.pop_back();
        const auto stage = made.make(AdamOptimizer{});
        QVERIFY_EXCEPTION_THROWN(stage->restore(state), BadInput);
        QVERIFY_EXCEPTION_THROWN(stage->restore({}), BadInput);
    }
};

QTEST_GUILESS_MAIN(TestState)
#include "tst_state.moc"
