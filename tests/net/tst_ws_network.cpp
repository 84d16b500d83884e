// The conformance suite over WebSockets on loopback, and what is special about them.
#include <QtTest>

#include "tests/support/communicator_conformance.h"
#include "tests/support/ws_world.h"

using namespace rondo;
using namespace rondo::test;

std::vector<QByteArray> rondo::test::kindsOfWorlds() {
    return {"websocket"};
}
std::unique_ptr<WorldUnderTest> rondo::test::makeWorld(const QString&, int size) {
    return makeWsWorld(size);
}

class TestWsNetwork : public CommunicatorConformance {
    Q_OBJECT
  private Q_SLOTS:
};

QTEST_GUILESS_MAIN(TestWsNetwork)
#include "tests/support/moc_communicator_conformance.cpp"
#include "tst_ws_network.moc"
