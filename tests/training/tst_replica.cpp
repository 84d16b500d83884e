#include <torch/csrc/autograd/utils/lambda_post_hook.h>
#include <torch/torch.h>

#include <QtTest>

#include "engine/comm/virtual_time/fiber.h"
#include "engine/comm/virtual_time/virtual_runtime.h"
#include "engine/training/blas.h"
#include "engine/training/optimizer.h"
#include "engine/training/replica.h"

using namespace rondo;

namespace {
ModelPlan plan() {
    return planModel(LenetModel{}, SampleShape{{1, 28, 28}, 10});
}
}  // namespace

class TestReplica : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void equalSeeds_giveEqualBits() {
        Replica a(plan(), 3), b(plan(), 3), c(plan(), 4);
        QVERIFY(torch::equal(a.flatWeights(), b.flatWeights()));
        QVERIFY(!torch::equal(a.flatWeights(), c.flatWeights()));
    }

    void weightsStart_asLibTorchsLayersDo() {
        Replica replica(planModel(MlpModel{{20}}, SampleShape{{1, 28, 28}, 10}), 11);
        torch::manual_seed(11);
        const torch::nn::Linear first(784, 20), second(20, 10);
        QVERIFY(torch::equal(replica.parameters()[0].tensor, first->weight));
        QVERIFY(torch::equal(replica.parameters()[3].tensor, second->bias));
    }

    void forwardAndGradients_equalAModuleOfLibTorch() {
        Replica replica(plan(), 3);
        torch::nn::Conv2d conv1(torch::nn::Conv2dOptions(1, 6, 5).padding(2)),
            conv2(torch::nn::Conv2dOptions(6, 16, 5));
        torch::nn::Linear fc1(400, 120), fc2(120, 84), fc3(84, 10);
        std::vector<torch::Tensor> parameters{conv1->weight, conv1->bias, conv2->weight, conv2->bias,
                                              fc1->weight,   fc1->bias,   fc2->weight,   fc2->bias,
                                              fc3->weight,   fc3->bias};
        {
            const torch::NoGradGuard noGrad;
            for (std::size_t i = 0; i < parameters.size(); ++i)
                parameters[i].copy_(replica.parameters()[i].tensor);
        }
        const torch::Tensor x = torch::rand({5, 1, 28, 28}), y = torch::tensor({1, 2, 3, 4, 5});
        torch::Tensor h = torch::max_pool2d(torch::relu(conv1(x)), 2);
        h = torch::max_pool2d(torch::relu(conv2(h)), 2).flatten(1);
        h = fc3(torch::relu(fc2(torch::relu(fc1(h)))));
        torch::nn::functional::cross_entropy(h, y).backward();
        const torch::Tensor out = replica.forward(x);
        QVERIFY(torch::allclose(out, h, 1e-5, 1e-6));
        torch::nn::functional::cross_entropy(out, y).backward();
        for (std::size_t i = 0; i < parameters.size(); ++i)
            QVERIFY(torch::allclose(replica.parameters()[i].tensor.grad(), parameters[i].grad(), 1e-4, 1e-6));
    }

    void gradients_areViewsOfTheFlatBuffer() {
        Replica replica(plan(), 3);
        replica.forward(torch::rand({2, 1, 28, 28})).sum().backward();
        for (const auto& parameter : replica.parameters()) {
            const auto flat = replica.flatGradients().narrow(0, parameter.offset, parameter.tensor.numel());
            QVERIFY(torch::equal(parameter.tensor.grad().reshape(-1), flat));
        }
        QVERIFY(replica.flatGradients().abs().sum().item<float>() > 0);
    }

    void optimizers_followLibTorchsOwn_data() {
        QTest::addColumn<int>("kind");
        for (const int kind : {0, 1, 2}) QTest::addRow("kind=%d", kind) << kind;
    }
    void optimizers_followLibTorchsOwn() {
        QFETCH(int, kind);
        torch::Tensor mine = torch::ones({50}), theirs = torch::ones({50}, torch::requires_grad());
        std::unique_ptr<Optimizer> optimizer;
        std::unique_ptr<torch::optim::Optimizer> reference;
        if (kind == 0) {
            optimizer = makeOptimizer(SgdOptimizer{0.1, 0.9, 0.01});
            reference = std::make_unique<torch::optim::SGD>(
                std::vector{theirs}, torch::optim::SGDOptions(0.1).momentum(0.9).weight_decay(0.01));
        } else if (kind == 1) {
            optimizer = makeOptimizer(SgdOptimizer{0.1, 0, 0});
            reference =
                std::make_unique<torch::optim::SGD>(std::vector{theirs}, torch::optim::SGDOptions(0.1));
        } else {
            optimizer = makeOptimizer(AdamOptimizer{0.01, 0.9, 0.99, 1e-8});
            reference = std::make_unique<torch::optim::Adam>(
                std::vector{theirs}, torch::optim::AdamOptions(0.01).betas({0.9, 0.99}));
        }
        for (int step = 0; step < 10; ++step) {
            const torch::Tensor gradient = torch::randn({50});
            optimizer->update(mine, gradient);
            theirs.mutable_grad() = gradient.clone();
            reference->step();
        }
        QVERIFY(torch::allclose(mine, theirs, 1e-5, 1e-6));
    }

    void fiberThatSwitchesInABackwardPass_isCaught() {
        RunControl control(2, true);
        const auto runtime = makeVirtualRuntime(2, {}, 1, control);
        QVERIFY_EXCEPTION_THROWN(runtime->run([&](Rank) {
            Replica replica(planModel(LogisticModel{}, SampleShape{{2}, 2}), 1);
            auto accumulator = torch::autograd::impl::grad_accumulator(replica.parameters()[0].tensor);
            accumulator->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
                [&](const torch::autograd::variable_list& outputs, const torch::autograd::variable_list&) {
                    runtime->charge(Picoseconds{1});
                    return outputs;
                }));
            const NoSwitchSection section;
            replica.forward(torch::rand({3, 2})).sum().backward();
        }),
                                 std::logic_error);
    }

    void oneThread_isAllAWorkerUses() {
        useOneTorchThread();
        QCOMPARE(torch::get_num_threads(), 1);
        QVERIFY2(blasInfo().openblas, "libopenblas0-pthread is not the BLAS of this process");
    }
};

QTEST_GUILESS_MAIN(TestReplica)
#include "tst_replica.moc"
