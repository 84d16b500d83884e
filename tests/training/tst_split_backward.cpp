#include <QtTest>

#include "engine/comm/virtual_time/fiber.h"
#include "engine/training/replica.h"
#include "engine/training/split_backward.h"
#include "tests/support/small_models.h"

using namespace rondo;

Q_DECLARE_METATYPE(SplitBackward::Cut)

namespace {

const auto kNoSum = [](torch::Tensor&) { qFatal("there is nothing to sum"); };

/// Replica's tensors, as SplitBackward takes them.
std::vector<torch::Tensor> tensorsOf(const Replica& replica) {
    std::vector<torch::Tensor> tensors;
    for (const auto& parameter : replica.parameters()) tensors.push_back(parameter.tensor);
    return tensors;
}

/// The gradient of the loss, with respect to what a model gave.
torch::Tensor lossGradient(const Replica& replica, const torch::Tensor& outputs, const torch::Tensor& y) {
    const torch::Tensor leaf = outputs.detach().requires_grad_(true);
    return torch::autograd::grad({replica.lossSum(leaf, y)}, {leaf})[0];
}

bool close(const torch::Tensor& a, const torch::Tensor& b) {
    return torch::allclose(a, b, 1e-5, 1e-6);
}

}  // namespace

class TestSplitBackward : public QObject {
    Q_OBJECT
    void eachModel() {
        QTest::addColumn<QString>("model");
        for (const std::string& name : kSmallModels)
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

  private Q_SLOTS:
    void bothHalves_equalOneBackwardPass_data() { eachModel(); }
    void bothHalves_equalOneBackwardPass() {
        QFETCH(QString, model);
        const SmallModel small = smallModel(model.toStdString());
        Replica whole(small.plan, 3), split(small.plan, 3), uncut(small.plan, 3);
        const torch::Tensor outputs = whole.forward(small.x);
        whole.lossSum(outputs, small.y).backward();
        QVERIFY(whole.flatGradients().abs().sum().item<float>() > 0.1f);

        SplitBackward halves(SplitBackward::Cut::EveryOperation, false);
        const torch::Tensor out = halves.forward(small.plan.layers, tensorsOf(split), small.x, kNoSum);
        QVERIFY(!out.requires_grad());
        QVERIFY(torch::equal(out, outputs));
        QVERIFY(!halves.backwardInput(lossGradient(split, out, small.y), kNoSum).defined());
        QCOMPARE(split.flatGradients().abs().sum().item<float>(), 0.0f);  // B touches no weight gradient
        halves.backwardWeight();
        QVERIFY(close(split.flatGradients(), whole.flatGradients()));

        SplitBackward both(SplitBackward::Cut::OnlySums, false);
        const torch::Tensor again = both.forward(small.plan.layers, tensorsOf(uncut), small.x, kNoSum);
        both.backwardBoth(lossGradient(uncut, again, small.y), kNoSum);
        QVERIFY(close(uncut.flatGradients(), whole.flatGradients()));
    }

    void stages_handOverOutputsAndTheirGradients_data() { eachModel(); }
    void stages_handOverOutputsAndTheirGradients() {
        QFETCH(QString, model);
        const SmallModel small = smallModel(model.toStdString());
        Replica whole(small.plan, 3);
        whole.lossSum(whole.forward(small.x), small.y).backward();
        const std::span<const LayerPlan> layers(small.plan.layers);
        for (std::size_t cut = 1; cut < layers.size(); ++cut) {
            for (const auto how : {SplitBackward::Cut::EveryOperation, SplitBackward::Cut::OnlySums}) {
                Replica split(small.plan, 3);
                const auto tensors = tensorsOf(split);
                std::size_t before = 0;
                for (const LayerPlan& layer : layers.first(cut))
                    for (const OpPlan& op : layer.ops) before += op.tensors.size();
                const std::span<const torch::Tensor> all(tensors);
                SplitBackward first(how, false), second(how, true);
                const torch::Tensor between =
                    first.forward(layers.first(cut), all.first(before), small.x, kNoSum);
                const torch::Tensor out =
                    second.forward(layers.subspan(cut), all.subspan(before), between, kNoSum);
                const torch::Tensor gradient = lossGradient(split, out, small.y);
                if (how == SplitBackward::Cut::OnlySums) {
                    first.backwardBoth(second.backwardBoth(gradient, kNoSum), kNoSum);
                } else {
                    first.backwardInput(second.backwardInput(gradient, kNoSum), kNoSum);
                    first.backwardWeight();  // in another order than B
                    second.backwardWeight();
                }
                QVERIFY2(close(split.flatGradients(), whole.flatGradients()),
                         small.plan.layers[cut].name.c_str());
            }
        }
    }

    void gradientsOfMicroBatches_addUp() {
        const SmallModel small = smallModel("mlp");
        Replica whole(small.plan, 3), split(small.plan, 3);
        whole.lossSum(whole.forward(small.x), small.y).backward();
        std::vector<SplitBackward> passes(3, {SplitBackward::Cut::EveryOperation, false});
        for (int m = 0; m < 3; ++m) {
            const torch::Tensor out =
                passes[m].forward(small.plan.layers, tensorsOf(split), small.x.narrow(0, 2 * m, 2), kNoSum);
            passes[m].backwardInput(lossGradient(split, out, small.y.narrow(0, 2 * m, 2)), kNoSum);
        }
        for (const int m : {2, 0, 1}) passes[m].backwardWeight();
        QVERIFY(close(split.flatGradients(), whole.flatGradients()));
    }

    void frozenLayers_haveNoGradient_andTheOthersTheSame_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("frozen");
        for (const char* name : {"mlp", "resnet20", "transformer"})
            for (const int frozen : {1, 2, 3})
                QTest::addRow("%s frozen=%d", name, frozen) << QString(name) << frozen;
    }
    void frozenLayers_haveNoGradient_andTheOthersTheSame() {
        QFETCH(QString, model);
        QFETCH(int, frozen);
        const SmallModel small = smallModel(model.toStdString());
        Replica whole(small.plan, 3);
        whole.lossSum(whole.forward(small.x), small.y).backward();
        for (const auto how : {SplitBackward::Cut::EveryOperation, SplitBackward::Cut::OnlySums}) {
            Replica split(small.plan, 3);
            auto tensors = tensorsOf(split);
            std::int64_t still = 0;
            std::size_t count = 0;
            for (int i = 0; i < frozen; ++i)
                for (const OpPlan& op : small.plan.layers[static_cast<std::size_t>(i)].ops)
                    for (std::size_t t = 0; t < op.tensors.size(); ++t) {
                        still += tensors[count].numel();
                        tensors[count++].requires_grad_(false);
                    }
            SplitBackward pass(how, false);
            const torch::Tensor out = pass.forward(small.plan.layers, tensors, small.x, kNoSum);
            const torch::Tensor gradient = lossGradient(split, out, small.y);
            if (how == SplitBackward::Cut::OnlySums) {
                pass.backwardBoth(gradient, kNoSum);
            } else {
                pass.backwardInput(gradient, kNoSum);
                pass.backwardWeight();
            }
            const std::int64_t moves = small.plan.parameters() - still;
            QCOMPARE(split.flatGradients().narrow(0, 0, still).abs().sum().item<float>(), 0.0f);
            QVERIFY(close(split.flatGradients().narrow(0, still, moves),
                          whole.flatGradients().narrow(0, still, moves)));
        }
    }

    void sums_happenOutsideOfLibTorch() {
        SmallModel small = smallModel("mlp");
        small.plan.layers[1].ops[0].sumsForward = true;
        small.plan.layers[1].ops[0].sumsBackward = true;
        for (const auto how : {SplitBackward::Cut::EveryOperation, SplitBackward::Cut::OnlySums}) {
            Replica replica(small.plan, 3);
            int sums = 0;
            const auto sum = [&sums](torch::Tensor& tensor) {
                QVERIFY(!NoSwitchSection::open());
                QVERIFY(torch::GradMode::is_enabled());  // no guard of a fiber's is left open
                QVERIFY(tensor.is_contiguous());
                ++sums;
            };
            SplitBackward pass(how, false);
            const torch::Tensor out = pass.forward(small.plan.layers, tensorsOf(replica), small.x, sum);
            QCOMPARE(sums, 1);
            const torch::Tensor gradient = lossGradient(replica, out, small.y);
            if (how == SplitBackward::Cut::OnlySums) {
                pass.backwardBoth(gradient, sum);
            } else {
                pass.backwardInput(gradient, sum);
                pass.backwardWeight();
            }
            QCOMPARE(sums, 2);
        }
    }
};

QTEST_GUILESS_MAIN(TestSplitBackward)
#include "tst_split_backward.moc"
