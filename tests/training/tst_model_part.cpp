#include <QtTest>
#include <barrier>
#include <thread>

#include "engine/core/result.h"
#include "engine/model/model_part.h"
#include "engine/training/replica.h"
#include "engine/training/split_backward.h"
#include "tests/support/small_models.h"

using namespace rondo;

namespace {

std::vector<float> taken(const ModelPart& part, const torch::Tensor& whole) {
    std::vector<float> own(static_cast<std::size_t>(part.parameters()));
    part.take({whole.data_ptr<float>(), static_cast<std::size_t>(whole.numel())}, own);
    return own;
}

/// What one rank of several made of a batch.
struct Outcome {
    torch::Tensor output, inputGradient, gradients;
    int sumsForward = 0, sumsBackward = 0;
};

/// All ranks of a tensor group, each a thread, with sums taken in rank order.
std::vector<Outcome> runGroup(const std::vector<ModelPart>& parts, const torch::Tensor& weights,
                              const torch::Tensor& x, const torch::Tensor& outputGradient, bool wantsInput) {
    const auto ranks = parts.size();
    std::vector<Outcome> outcomes(ranks);
    std::vector<torch::Tensor> slots(ranks);
    std::barrier meet(static_cast<std::ptrdiff_t>(ranks));
    std::vector<std::jthread> threads;
    for (std::size_t r = 0; r < ranks; ++r)
        threads.emplace_back([&, r] {
            Outcome& own = outcomes[r];
            std::vector<float> start = taken(parts[r], weights);
            const torch::Tensor flat = torch::from_blob(start.data(), {parts[r].parameters()});
            own.gradients = torch::zeros_like(flat);
            const auto tensors = tensorsOver(parts[r].plan, flat, own.gradients);
            bool backward = false;
            const auto sum = [&](torch::Tensor& tensor) {
                ++(backward ? own.sumsBackward : own.sumsForward);
                slots[r] = tensor;
                meet.arrive_and_wait();
                torch::Tensor total = slots[0].clone();
                for (std::size_t other = 1; other < ranks; ++other) total += slots[other];
                meet.arrive_and_wait();
                tensor = total;
            };
            SplitBackward pass(SplitBackward::Cut::EveryOperation, wantsInput);
            own.output = pass.forward(parts[r].plan.layers, tensors, x, sum);
            backward = true;
            own.inputGradient = pass.backwardInput(outputGradient, sum);
            pass.backwardWeight();
        });
    threads.clear();
    return outcomes;
}

}  // namespace

class TestModelPart : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void takeAndPut_areARoundTrip_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("ranks");
        for (const std::string& name : kSmallModels)
            QTest::addRow("%s ranks=1", name.c_str()) << QString::fromStdString(name) << 1;
        for (const char* name : {"mlp", "transformer"})
            for (const int ranks : {2, 4})
                QTest::addRow("%s ranks=%d", name, ranks) << QString(name) << ranks;
    }
    void takeAndPut_areARoundTrip() {
        QFETCH(QString, model);
        QFETCH(int, ranks);
        const ModelPlan plan = smallModel(model.toStdString()).plan;
        const torch::Tensor whole = torch::rand({plan.parameters()});
        torch::Tensor again = torch::full({plan.parameters()}, -1.0f);
        const int layers = static_cast<int>(plan.layers.size());
        std::int64_t held = 0;
        for (int begin = 0; begin < layers; begin += 2)
            for (int rank = 0; rank < ranks; ++rank) {
                const ModelPart part = partOf(plan, begin, std::min(begin + 2, layers), ranks, rank);
                const std::vector<float> own = taken(part, whole);
                part.put(own, {again.data_ptr<float>(), static_cast<std::size_t>(again.numel())});
                held += part.parameters();
            }
        QVERIFY(torch::equal(whole, again));
        if (ranks == 1)
            QCOMPARE(held, plan.parameters());
        else  // something is split, something is whole on each
            QVERIFY(held > plan.parameters() && held < ranks * plan.parameters());
    }

    void slicesTogether_equalTheWholeModel_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("ranks");
        for (const char* name : {"mlp", "transformer"})
            for (const int ranks : {2, 4})
                QTest::addRow("%s ranks=%d", name, ranks) << QString(name) << ranks;
    }
    void slicesTogether_equalTheWholeModel() {
        QFETCH(QString, model);
        QFETCH(int, ranks);
        const SmallModel small = smallModel(model.toStdString());
        Replica whole(small.plan, 3);
        const torch::Tensor output = whole.forward(small.x);
        const torch::Tensor outputGradient = torch::rand_like(output);
        output.backward(outputGradient);

        std::vector<ModelPart> parts;
        const int layers = static_cast<int>(small.plan.layers.size());
        for (int r = 0; r < ranks; ++r) parts.push_back(partOf(small.plan, 0, layers, ranks, r));
        const auto outcomes = runGroup(parts, whole.flatWeights(), small.x, outputGradient, false);
        torch::Tensor gradients = torch::zeros_like(whole.flatGradients());
        for (int r = 0; r < ranks; ++r) {
            const Outcome& own = outcomes[static_cast<std::size_t>(r)];
            QVERIFY(torch::allclose(own.output, output, 1e-4, 1e-5));
            // What is whole on each rank must stay equal on each: it is never synchronised.
            if (r > 0) {
                const ModelPart& part = parts[static_cast<std::size_t>(r)];
                std::vector<float> mine = taken(part, gradients);
                torch::Tensor before = torch::from_blob(mine.data(), {part.parameters()}).clone();
                const torch::Tensor shared = before.ne(0);
                QVERIFY(shared.any().item<bool>());
                QVERIFY(torch::equal(before.masked_select(shared), own.gradients.masked_select(shared)));
            }
            parts[static_cast<std::size_t>(r)].put(
                {own.gradients.data_ptr<float>(), static_cast<std::size_t>(own.gradients.numel())},
                {gradients.data_ptr<float>(), static_cast<std::size_t>(gradients.numel())});
        }
        QVERIFY(torch::allclose(gradients, whole.flatGradients(), 1e-4, 1e-5));
    }

    void aTransformerBlock_sumsTwiceEachWay() {
        const SmallModel small = smallModel("transformer");  // of two blocks
        Replica whole(small.plan, 3);
        std::vector<ModelPart> parts;
        for (int r = 0; r < 2; ++r) parts.push_back(partOf(small.plan, 0, 4, 2, r));
        const torch::Tensor gradient = torch::rand({small.x.size(0), 6, 7});
        for (const Outcome& own : runGroup(parts, whole.flatWeights(), small.x, gradient, false)) {
            QCOMPARE(own.sumsForward, 4);
            QCOMPARE(own.sumsBackward, 4);
        }
    }

    void aStageOfSlices_givesTheWholeInputGradient() {
        const SmallModel small = smallModel("transformer");
        Replica whole(small.plan, 3);
        const torch::Tensor x = torch::rand({4, 6, 16});
        const auto stage = [&](int ranks) {
            std::vector<ModelPart> parts;
            for (int r = 0; r < ranks; ++r) parts.push_back(partOf(small.plan, 1, 3, ranks, r));
            return runGroup(parts, whole.flatWeights(), x, torch::ones({4, 6, 16}), true);
        };
        const Outcome alone = stage(1)[0];
        for (const Outcome& shared : stage(4)) {
            QVERIFY(torch::allclose(shared.output, alone.output, 1e-4, 1e-5));
            QVERIFY(torch::allclose(shared.inputGradient, alone.inputGradient, 1e-4, 1e-5));
        }
    }

    void anOddLastLayer_isWholeOnEachRank() {
        const ModelPlan plan = planModel(MlpModel{{24, 16}}, SampleShape{{2}, 3});
        const ModelPart part = partOf(plan, 0, 3, 2, 1);
        QCOMPARE(part.plan.layers[0].parameters(), 12 * 2 + 12);
        QCOMPARE(part.plan.layers[1].parameters(), 16 * 12 + 16);
        QCOMPARE(part.plan.layers[2].parameters(), plan.layers[2].parameters());
        QVERIFY(part.plan.layers[2].ops[0].sumsForward == false);
    }

    void arithmetic_isSharedToo() {
        const ModelPlan plan = smallModel("transformer").plan;
        const ModelPart part = partOf(plan, 1, 2, 4, 0);
        const double whole = plan.layers[1].forwardFlops(), share = part.plan.forwardFlops();
        QVERIFY(share > whole / 4 && share < whole / 3);
        QVERIFY(part.plan.layers[0].activationElements() < plan.layers[1].activationElements());
        QCOMPARE(part.plan.layers[0].outputElements(), plan.layers[1].outputElements());
    }

    void whatCantBeShared_isNamed_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("ranks");
        QTest::addColumn<QString>("where");
        QTest::addColumn<QString>("what");
        QTest::newRow("heads") << "transformer" << 3 << "model.heads"
                               << "4, expected a multiple of the 3 tensor ranks";
        QTest::newRow("width") << "mlp" << 5 << "model.hidden"
                               << "24 outputs of fc1, expected a multiple of the 5 tensor ranks";
        QTest::newRow("convolution") << "lenet" << 2 << "model.kind"
                                     << "the convolution conv1 can't be shared";
        QTest::newRow("resnet") << "resnet20" << 2 << "model.kind"
                                << "the convolution stem can't be shared";
        QTest::newRow("one layer") << "logistic" << 2 << "model.kind"
                                   << "has nothing that 2 tensor ranks could share";
    }
    void whatCantBeShared_isNamed() {
        QFETCH(QString, model);
        QFETCH(int, ranks);
        QFETCH(QString, where);
        QFETCH(QString, what);
        const ModelPlan plan = smallModel(model.toStdString()).plan;
        try {
            partOf(plan, 0, static_cast<int>(plan.layers.size()), ranks, 0);
            QFAIL("shared");
        } catch (const BadInput& problem) {
            const QString text = QString::fromUtf8(problem.what());
            QVERIFY2(text.contains(where) && text.contains(what), problem.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestModelPart)
#include "tst_model_part.moc"
