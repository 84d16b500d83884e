#include <QComboBox>
#include <QSlider>
#include <QToolButton>
#include <QtTest>

#include "tests/support/ring_run.h"
#include "ui/widgets/chunk_view.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::RingRun;

namespace {

RunSpec ringSpec(std::int64_t workers, Collective collective = Collective::Ring) {
    RunSpec spec;
    spec.workers = workers;
    spec.algorithm = AllReduceAlgorithm{.collective = collective};
    return spec;
}

}  // namespace

class tst_chunk_view : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void init() {
        store_ = std::make_unique<RunStore>();
        view_ = std::make_unique<ChunkView>(*store_);
        view_->setPreview(ringSpec(4));
        view_->resize(1366, 225);
        view_->show();
        QVERIFY(QTest::qWaitForWindowActive(view_.get()));
    }
    void cleanup() { view_.reset(); }

    void keys_goThroughTheRounds() {
        view_->setFocus();
        QCOMPARE(view_->rounds(), std::size_t{6});
        QTest::keyClick(view_->focusWidget(), Qt::Key_Left);
        QCOMPARE(view_->done(), std::size_t{0});
        QTest::keyClick(view_->focusWidget(), Qt::Key_Right);
        QTest::keyClick(view_->focusWidget(), Qt::Key_Right);
        QCOMPARE(view_->done(), std::size_t{2});
        QVERIFY2(view_->words().contains("Reduce-scatter, round 2 of 3"), qPrintable(view_->words()));
        QCOMPARE(view_->findChild<QSlider*>()->value(), 2);
        QTest::keyClick(view_->focusWidget(), Qt::Key_End);
        QCOMPARE(view_->done(), std::size_t{6});
        QTest::keyClick(view_->focusWidget(), Qt::Key_Right);
        QCOMPARE(view_->done(), std::size_t{6});
        QTest::keyClick(view_->focusWidget(), Qt::Key_Home);
        QCOMPARE(view_->done(), std::size_t{0});
    }

    void buttons_doTheSame_andGreyOutAtTheEnds() {
        QVERIFY(!button("First")->isEnabled() && !button("Back")->isEnabled());
        QTest::mouseClick(button("Next"), Qt::LeftButton);
        QCOMPARE(view_->done(), std::size_t{1});
        QTest::mouseClick(button("Last"), Qt::LeftButton);
        QCOMPARE(view_->done(), std::size_t{6});
        QVERIFY(!button("Next")->isEnabled() && !button("Last")->isEnabled());
        QTest::mouseClick(button("Back"), Qt::LeftButton);
        QCOMPARE(view_->done(), std::size_t{5});
        QTest::mouseClick(button("First"), Qt::LeftButton);
        QCOMPARE(view_->done(), std::size_t{0});
        view_->findChild<QSlider*>()->setValue(4);
        QVERIFY(view_->words().contains("All-gather, round 1 of 3"));
    }

    void buttonThatGreysOut_leavesTheKeysToThePicture() {
        button("Last")->setFocus();
        QTest::keyClick(button("Last"), Qt::Key_Space);
        QCOMPARE(view_->done(), std::size_t{6});
        QTest::keyClick(view_->focusWidget(), Qt::Key_Left);
        QCOMPARE(view_->done(), std::size_t{5});
    }

    void played_goesToTheEndAndStops_andBeginsAnewFromThere() {
        view_->setRoundMs(0);
        QTest::mouseClick(button("Play"), Qt::LeftButton);
        QVERIFY(view_->playing());
        QTRY_VERIFY(!view_->playing());
        QCOMPARE(view_->done(), std::size_t{6});
        view_->setRoundMs(1'000'000);
        QTest::mouseClick(button("Play"), Qt::LeftButton);
        QCOMPARE(view_->done(), std::size_t{0});
        QTest::mouseClick(button("Pause"), Qt::LeftButton);
        QVERIFY(!view_->playing());
    }

    void hidden_doesNotPlayOn() {
        view_->setRoundMs(1'000'000);
        view_->play(true);
        view_->hide();
        QVERIFY(!view_->playing());
    }

    void settings_areFollowed() {
        view_->setDone(3);
        view_->setPreview(ringSpec(8, Collective::Tree));
        QCOMPARE(view_->rounds(), std::size_t{6});
        QCOMPARE(view_->done(), std::size_t{0});
        QVERIFY(view_->findChild<QComboBox*>()->currentText().contains("tree"));
    }

    void settingsThatChangeNothingHere_leaveTheRound() {
        view_->setDone(3);
        RunSpec spec = ringSpec(4);
        spec.seed = 99;
        view_->setPreview(spec);
        QCOMPARE(view_->done(), std::size_t{3});
    }

    void runUnderWay_countsMoreThanTheSettings() {
        RingRun run{.workers = 3, .ended = false};
        store_->apply(run.start());
        QCOMPARE(view_->rounds(), std::size_t{4});
        view_->setPreview(ringSpec(8));
        QCOMPARE(view_->rounds(), std::size_t{4});
        RunStateChanged over;
        over.state = RunState::Finished;
        store_->apply(std::vector<Event>{over});
        QCOMPARE(view_->rounds(), std::size_t{14});
    }

    void otherCollective_isShownBetweenTheSameWorkers() {
        choose("naive");
        QVERIFY(view_->words().contains("in one piece"));
        QCOMPARE(view_->rounds(), std::size_t{6});
        view_->setPreview(ringSpec(5));
        QCOMPARE(view_->rounds(), std::size_t{8});
        QCOMPARE(view_->findChild<QComboBox*>()->currentText(), QString("naive"));
    }

    void auto_isTheOneThatIsFastest() {
        RunSpec spec = ringSpec(8, Collective::Auto);
        spec.model = LogisticModel{};
        spec.cluster.link.latencyUs = 100'000;  // latency is all that counts
        view_->setPreview(spec);
        const QString few = view_->findChild<QComboBox*>()->itemText(0);
        QVERIFY2(few.contains("tree") || few.contains("halving"), qPrintable(few));
    }

    void whereNothingIsSummedByChunks_itIsSaidWhy_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("said");
        QTest::newRow("single") << "single"
                                << "exchanges nothing";
        QTest::newRow("parameter_server") << "parameter_server"
                                          << "pushes its whole gradient";
        QTest::newRow("gossip") << "gossip"
                                << "averages its whole weights";
        QTest::newRow("map_reduce") << "map_reduce"
                                    << "whole vectors";
        QTest::newRow("compressed") << "compressed"
                                    << "can't be added up on the way";
        QTest::newRow("one worker") << "one"
                                    << "nobody to exchange with";
        QTest::newRow("hierarchical without groups") << "hierarchical"
                                                     << "groups of equal size";
        QTest::newRow("send first") << "send_first"
                                    << "no round is ever over";
    }
    void whereNothingIsSummedByChunks_itIsSaidWhy() {
        QFETCH(QString, kind);
        QFETCH(QString, said);
        RunSpec spec = ringSpec(4);
        if (kind == "single") spec.algorithm = SingleAlgorithm{};
        if (kind == "parameter_server") spec.algorithm = ParameterServerAlgorithm{};
        if (kind == "gossip") spec.algorithm = GossipAlgorithm{};
        if (kind == "map_reduce") spec.algorithm = MapReduceAlgorithm{};
        if (kind == "compressed") spec.compression = TopKCompression{};
        if (kind == "one") spec.workers = 1;
        if (kind == "hierarchical") spec = ringSpec(4, Collective::Hierarchical);
        if (kind == "send_first") spec = ringSpec(4, Collective::SendFirst);
        view_->setPreview(spec);
        QCOMPARE(view_->rounds(), std::size_t{0});
        QVERIFY2(view_->words().contains(said), qPrintable(view_->words()));
        QVERIFY(!button("Play")->isEnabled());
        choose("ring");
        QCOMPARE(view_->rounds(), std::size_t{6});
        QCOMPARE(view_->words().contains("As if there were 4 workers"), kind == "one");
    }

    void manyWorkers_areShownAsEight_whichIsSaid() {
        RunSpec spec = ringSpec(64);
        spec.cluster.groups.size = 16;
        view_->setPreview(spec);
        QCOMPARE(view_->rounds(), std::size_t{14});
        QVERIFY2(view_->words().contains("64 workers; it is shown as if there were 8"),
                 qPrintable(view_->words()));
        choose("hierarchical");  // in groups that show what groups do
        QCOMPARE(view_->rounds(), std::size_t{2 * 3 + 2 * 1});
        view_->setPreview(ringSpec(16));
        choose("ring");
        QCOMPARE(view_->rounds(), std::size_t{30});
        QVERIFY(!view_->words().contains("as if"));
    }

    void times_areSaidToBeModelled_whereTheRunIsNot() {
        QVERIFY(view_->words().contains("modelled cluster"));
        RunSpec spec = ringSpec(4);
        spec.runOn = RunOn::Virtual;
        view_->setPreview(spec);
        QVERIFY(!view_->words().contains("modelled cluster"));
    }

    void theory_standsBesideWhatWasMeasured() {
        const QString words = view_->words();
        QVERIFY2(words.contains("2(N−1)(α + S/(Nβ))") && words.contains("±0 %"), qPrintable(words));
    }

  private:
    QToolButton* button(const QString& text) {
        for (auto* one : view_->findChildren<QToolButton*>())
            if (one->text() == text) return one;
        qFatal("no such button: %s", qPrintable(text));
    }
    void choose(const QString& collective) {
        auto* choice = view_->findChild<QComboBox*>();
        choice->setCurrentIndex(choice->findText(collective));
    }

    std::unique_ptr<RunStore> store_;
    std::unique_ptr<ChunkView> view_;
};

QTEST_MAIN(tst_chunk_view)
#include "tst_chunk_view.moc"
