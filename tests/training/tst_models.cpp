#include <QtTest>

#include "engine/training/batch.h"
#include "engine/training/evaluator.h"
#include "engine/training/loss.h"
#include "engine/training/replica.h"
#include "tests/support/small_models.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;

class TestModels : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void resnet20_hasThePublishedSize() {
        // He et al. 2016: "0.27M"; 269,722 with shortcuts without parameters, as everyone counts them.
        QCOMPARE(planModel(Resnet20Model{}, SampleShape{{3, 32, 32}, 10}).parameters(), 269'722);
        QCOMPARE(planModel(Resnet20Model{}, SampleShape{{3, 32, 32}, 10}).layers.size(), std::size_t{11});
        // Published for 32×32: 40.8 million multiplications.
        const double flops = planModel(Resnet20Model{}, SampleShape{{3, 32, 32}, 10}).forwardFlops();
        QVERIFY2(std::abs(flops / 2 / 40.8e6 - 1) < 0.05, qPrintable(QString::number(flops / 2e6)));
    }

    void aTransformer_hasTheSizeOfItsTensors() {
        const std::int64_t v = 11, t = 16, w = 64, layers = 3;
        const std::int64_t block = 2 * 2 * w + (3 * w * w + 3 * w) + (w * w + w) + 2 * 4 * w * w + 5 * w;
        QCOMPARE(planModel(TransformerModel{layers, w, 4}, SampleShape{{t}, v, t}).parameters(),
                 v * w + t * w + layers * block + 2 * w + w * v + v);
    }

    void plannedSizes_areThoseLibTorchMakes_data() {
        QTest::addColumn<QString>("model");
        for (const std::string& name : kSmallModels)
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void plannedSizes_areThoseLibTorchMakes() {
        QFETCH(QString, model);
        const std::int64_t batch = 3;
        const SmallModel small = smallModel(model.toStdString(), batch);
        Flow flow{small.x};
        for (const LayerPlan& layer : small.plan.layers) {
            for (const OpPlan& op : layer.ops) {
                const std::vector<torch::Tensor> tensors = initialTensors(op);
                QCOMPARE(tensors.size(), op.tensors.size());
                for (std::size_t i = 0; i < tensors.size(); ++i)
                    QCOMPARE(tensors[i].sizes().vec(), op.tensors[i].shape);
                flow = apply(op, tensors, flow);
                QCOMPARE(flow.back().numel(), batch * op.outputElements);
                QVERIFY(op.keptElements >= op.outputElements);
            }
            QCOMPARE(flow.size(), std::size_t{1});  // a model may be cut here
            QCOMPARE(flow[0].numel(), batch * layer.outputElements());
        }
    }

    void plannedArithmetic_isThatOfTheMatrices() {
        // A linear layer: two operations for each weight and position; a convolution: and for each pixel.
        const auto opOf = [](const ModelPlan& plan, std::size_t layer, std::size_t op) {
            return plan.layers[layer].ops[op];
        };
        const ModelPlan mlp = smallModel("mlp").plan, transformer = smallModel("transformer").plan,
                        resnet = smallModel("resnet20").plan;
        QCOMPARE(opOf(mlp, 1, 0).forwardFlops, 2.0 * 24 * 16);
        QCOMPARE(opOf(transformer, 1, 1).forwardFlops, 6 * 2.0 * 16 * 48);
        QCOMPARE(opOf(transformer, 1, 2).forwardFlops, 2 * 2.0 * 6 * 6 * 16);  // attention
        QCOMPARE(opOf(transformer, 1, 2).backwardWeightFlops, 0.0);
        QCOMPARE(opOf(transformer, 1, 3).forwardFlops, 6 * 2.0 * 16 * 16);
        QCOMPARE(opOf(transformer, 1, 3).backwardWeightFlops, 6 * 2.0 * 16 * 16);
        QCOMPARE(opOf(resnet, 0, 0).forwardFlops, 64 * 2.0 * 3 * 16 * 9);
        QCOMPARE(opOf(resnet, 0, 0).backwardInputFlops, 0.0);
        QCOMPARE(opOf(resnet, 4, 0).forwardFlops, 16 * 2.0 * 16 * 32 * 9);  // half as many pixels each way
        QCOMPARE(opOf(resnet, 4, 0).backwardInputFlops, opOf(resnet, 4, 0).forwardFlops);
    }

    void aTransformer_doesNotLookAhead() {
        const SmallModel small = smallModel("transformer");
        const Replica replica(small.plan, 3);
        const torch::Tensor before = replica.forward(small.x);
        for (int changed = 0; changed < 6; ++changed) {
            torch::Tensor x = small.x.clone();
            x.select(1, changed).add_(1).remainder_(7);
            const torch::Tensor after = replica.forward(x);
            QVERIFY(torch::equal(after.narrow(1, 0, changed), before.narrow(1, 0, changed)));
            for (int t = changed; t < 6; ++t)  // it does look back
                QVERIFY(!torch::allclose(after.select(1, t), before.select(1, t)));
        }
    }

    void attention_equalsLibTorchsOwn() {
        const std::int64_t batch = 3, length = 5, width = 12, heads = 4;
        OpPlan op;
        op.before = {Fixed::Attention};
        op.heads = heads;
        const torch::Tensor x = torch::rand({length, batch, width});
        torch::nn::MultiheadAttention own(torch::nn::MultiheadAttentionOptions(width, heads));
        // Added to the scores: the C++ module does so with masks of any type.
        const torch::Tensor mask =
            torch::full({length, length}, -std::numeric_limits<double>::infinity()).triu(1);
        const torch::Tensor wanted = std::get<0>(own->forward(x, x, x, torch::Tensor(), false, mask));
        const torch::Tensor qkv =
            torch::linear(x, own->in_proj_weight, own->in_proj_bias).transpose(0, 1).contiguous();
        const torch::Tensor got =
            torch::linear(apply(op, {}, {qkv})[0], own->out_proj->weight, own->out_proj->bias);
        QVERIFY(torch::allclose(got.transpose(0, 1), wanted, 1e-4, 1e-5));
    }

    void resnetsShortcut_keepsEverySecondPoint() {
        OpPlan op;
        op.closesBranch = true;
        op.shortcutStride = 2;
        const torch::Tensor stream = torch::rand({2, 4, 6, 6}), branch = torch::zeros({2, 8, 3, 3});
        const torch::Tensor sum = apply(op, {}, {stream, branch})[0];
        for (int c = 0; c < 8; ++c)
            for (int i = 0; i < 3; ++i)
                for (int j = 0; j < 3; ++j) {
                    const bool lacking = c < 2 || c >= 6;
                    const float wanted = lacking ? 0 : stream[1][c - 2][2 * i][2 * j].item<float>();
                    QCOMPARE(sum[1][c][i][j].item<float>(), wanted);
                }
    }

    void aResnetsOutput_dependsOnItsSampleAlone() {  // so a batch may be cut into micro-batches
        const SmallModel small = smallModel("resnet20");
        const Replica replica(small.plan, 3);
        const torch::Tensor all = replica.forward(small.x);
        for (int i = 0; i < 6; ++i)
            QVERIFY(torch::allclose(replica.forward(small.x.narrow(0, i, 1))[0], all[i], 1e-4, 1e-5));
    }

    void lossAndAccuracy_countWhatIsAsked() {
        const std::int64_t n = kNotCounted;
        const torch::Tensor outputs = torch::rand({2, 3, 4});
        const torch::Tensor targets = torch::tensor({{n, 1L, 2L}, {n, n, 3L}}).view({2, 3});
        const auto one = [&](int sample, int position) {
            return -torch::log_softmax(outputs[sample][position],
                                       0)[targets[sample][position].item<std::int64_t>()]
                        .item<double>();
        };
        const double wanted = (one(0, 1) + one(0, 2)) / 2 + one(1, 2);
        const double got = lossSum(ModelPlan::Loss::CrossEntropy, outputs, targets).item<double>();
        QVERIFY(std::abs(got - wanted) < 1e-5);

        torch::Tensor sure = torch::zeros({2, 3, 4});
        sure[0][0][3] = 1;  // not asked
        sure[0][1][1] = 1;  // right
        sure[0][2][0] = 1;  // wrong
        sure[1][2][3] = 1;  // right, and all there is
        QCOMPARE(rightAnswers(sure, targets), 1.5);
    }

    void whatIsNotAsked_hasNoGradient() {
        const torch::Tensor outputs = torch::rand({2, 3, 4}).requires_grad_(true);
        torch::Tensor targets = torch::full({2, 3}, static_cast<std::int64_t>(kNotCounted), torch::kLong);
        targets[0][2] = 1;
        lossSum(ModelPlan::Loss::CrossEntropy, outputs, targets).backward();
        QVERIFY(outputs.grad()[0][2].abs().sum().item<float>() > 0.1f);
        QCOMPARE(outputs.grad()[0].narrow(0, 0, 2).abs().sum().item<float>(), 0.0f);
        QCOMPARE(outputs.grad()[1].abs().sum().item<float>(), 0.0f);
    }

    void aTransformer_learnsToCopy() {
        RunSpec spec = smallSpec(RunOn::Threads, 1, 32);
        spec.algorithm = SingleAlgorithm{};
        spec.data = SequencesData{SequenceTask::Copy, 5, 6, 3000, 200};
        spec.model = TransformerModel{2, 32, 4};
        spec.optimizer = AdamOptimizer{0.003, 0.9, 0.999, 1e-8};
        spec.stop = {.steps = 400};
        spec.evaluateEvery = 0;
        const auto result = train(spec);
        QVERIFY2(*result.report.testAccuracy > 0.9, qPrintable(QString::number(*result.report.testAccuracy)));
    }

    void sortingSequences_trainsTheSameOnFourWorkers() {
        RunSpec many = smallSpec(RunOn::Threads, 4, 8), one = smallSpec(RunOn::Threads, 1, 32);
        for (RunSpec* spec : {&many, &one}) {
            spec->data = SequencesData{SequenceTask::Sort, 4, 6, 300, 50};
            spec->model = TransformerModel{1, 16, 2};
        }
        compareRuns(train(many), train(one));
    }

    void resnet20_learnsDigits() {
        RunSpec spec = smallSpec(RunOn::Threads, 1, 32);
        spec.algorithm = SingleAlgorithm{};
        spec.seed = 1;
        spec.data = DigitsData{1000, 200};
        spec.model = Resnet20Model{};
        spec.optimizer = SgdOptimizer{0.1, 0.9, 0};
        spec.batch = 16;
        spec.stop = {.steps = 140};
        spec.evaluateEvery = 20;
        const auto result = train(spec);
        // From chance (2.30, 0.1): twenty layers begin slowly.
        QVERIFY(*result.report.history.front().trainLoss > 2.2);
        QVERIFY2(*result.report.trainLoss < 2.0, qPrintable(QString::number(*result.report.trainLoss)));
        QVERIFY2(*result.report.testAccuracy > 0.25,
                 qPrintable(QString::number(*result.report.testAccuracy)));
    }
};

QTEST_GUILESS_MAIN(TestModels)
#include "tst_models.moc"
