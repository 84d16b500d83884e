// What holds for every network between ranks, over Gloo.
#include "tests/support/communicator_conformance.h"
#include "tests/support/gloo_world.h"

using namespace rondo;

namespace {

class World final : public test::WorldUnderTest {
  public:
    explicit World(int size) : world_(size) {}
    void run(const std::function<void(Communicator&)>& body) override { world_.run(body); }
    void cancel() override { world_.cancel("the run was cancelled"); }
    std::int64_t payloadSent(int rank) override {
        return world_.network(rank).meter(Lane::Compute).payloadBytes();
    }

  private:
    test::GlooWorld world_;
};

}  // namespace

std::vector<QByteArray> test::kindsOfWorlds() {
    return {"gloo"};
}
std::unique_ptr<test::WorldUnderTest> test::makeWorld(const QString&, int size) {
    return std::make_unique<World>(size);
}

class TestGlooConformance : public test::CommunicatorConformance {
    Q_OBJECT
};

QTEST_GUILESS_MAIN(TestGlooConformance)
#include "tests/support/moc_communicator_conformance.cpp"
#include "tst_gloo_conformance.moc"
