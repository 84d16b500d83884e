#include <QSignalSpy>
#include <QTest>

#include "tests/support/made_events.h"
#include "ui/panels/guess_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/results_panel.h"
#include "ui/window/frame_clock.h"
#include "ui/window/top_bar.h"

using namespace rondo;
using namespace rondo::ui;

class TestPanels final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void guessAndOutcome_areComparedInWords() {
        GuessPanel panel;
        QSignalSpy told(&panel, &GuessPanel::guessChanged);
        panel.setGuess(0.9, 10.0);
        QVERIFY(told.count() >= 2);
        Outcome outcome;
        outcome.accuracy = 0.953;
        outcome.seconds = 12.0;
        panel.showOutcome(outcome, Prediction{});
        QVERIFY(panel.showsOutcome());
        QVERIFY2(panel.words().contains("5.3 points more than you guessed"), qPrintable(panel.words()));
        QVERIFY2(panel.words().contains("20 % longer than you guessed"), qPrintable(panel.words()));
    }

    void noGuess_isNoGuess() {
        GuessPanel panel;
        QVERIFY(!panel.accuracy() && !panel.seconds());
        panel.setGuess(0.5, {});
        QCOMPARE(*panel.accuracy(), 0.5);
        QVERIFY(!panel.seconds());
    }

    void differences_areSaidAsPeopleSayThem_data() {
        QTest::addColumn<double>("outcome");
        QTest::addColumn<double>("expected");
        QTest::addColumn<QString>("words");
        QTest::newRow("same") << 10.0 << 10.0 << "just what you guessed";
        QTest::newRow("shorter") << 5.0 << 10.0 << "50 % shorter";
        QTest::newRow("much longer") << 50.0 << 10.0 << "5 times as long";
        QTest::newRow("much shorter") << 1.0 << 10.0 << "10 times shorter";
        QTest::newRow("no expectation") << 1.0 << 0.0 << "";
    }
    void differences_areSaidAsPeopleSayThem() {
        QFETCH(double, outcome);
        QFETCH(double, expected);
        QFETCH(QString, words);
        const QString said = timeDifference(outcome, expected, "you guessed");
        QVERIFY2(words.isEmpty() ? said.isEmpty() : said.contains(words), qPrintable(said));
    }

    void messages_stackAndCloseOneByOne() {
        MessageBar bar;
        bar.show(Severity::Warning, "first");
        bar.show(Severity::Error, "second");
        bar.show(Severity::Error, "second");
        QCOMPARE(bar.count(), 2);
        QCOMPARE(bar.text(), QString("second"));
        bar.dismiss();
        QCOMPARE(bar.text(), QString("first"));
        bar.dismiss();
        QVERIFY(bar.isHidden());
    }

    void report_standsInTheTable() {
        RunStore store;
        ResultsPanel panel(store);
        store.apply(test::madeRun(3));
        QCOMPARE(panel.cell("Test accuracy", 0), QString("95.3 %"));
        QCOMPARE(panel.cell("Time", 0), QString("12 s"));
        store.clear();
        QCOMPARE(panel.cell("Test accuracy", 0), QString());
    }

    void damagedReport_isNoOutcome() {
        QVERIFY(!Outcome::of("{\"status\":"));
        QVERIFY(!Outcome::of(""));
    }

    void frameTime_isTheMedianOfTheLastFrames() {
        FrameClock clock;
        QCOMPARE(clock.median(), 0.0);
        for (int i = 0; i < 200; ++i) clock.add(i % 10 == 0 ? 100 : 3);
        QCOMPARE(clock.median(), 3.0);
    }

    void speeds_haveShortNames() {
        QCOMPARE(TopBar::speedText(0), QString("max"));
        QCOMPARE(TopBar::speedText(1), QString("1×"));
        QCOMPARE(TopBar::speedText(0.001), QString("1/1000×"));
    }
};

QTEST_MAIN(TestPanels)
#include "tst_panels.moc"
