// `rondo --screenshot`, as a script calls it.
#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

class TestScreenshot final : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void bothPictures_areWrittenAndItLeavesWith0() {
        QCOMPARE(rondo(), 0);
        QVERIFY(QFileInfo(folder_.filePath("pictures/start.png")).size() > 1000);
        QVERIFY(QFileInfo(folder_.filePath("pictures/after-0.2s.png")).size() > 1000);
    }

    void pictureThatCantBeWritten_isExitCode1_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("first") << "start.png";
        QTest::newRow("second") << "after-0.2s.png";
    }
    void pictureThatCantBeWritten_isExitCode1() {
        QFETCH(QString, name);
        QDir(folder_.path()).mkpath("pictures/" + name);  // a folder stands in its place
        QCOMPARE(rondo(), 1);
        QVERIFY2(said_.contains(name.toUtf8() + ": can't be written"), said_);
    }
    void cleanup() { QDir(folder_.filePath("pictures")).removeRecursively(); }

  private:
    int rondo() {
        QProcess program;
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert("XDG_CONFIG_HOME", folder_.filePath("config"));
        environment.insert("XDG_DATA_HOME", folder_.filePath("data"));
        environment.insert("QT_QPA_PLATFORM", "offscreen");
        program.setProcessEnvironment(environment);
        program.start(QStringLiteral(RONDO_BINARIES "/rondo"),
                      {"--screenshot", folder_.filePath("pictures"), "--after", "0.2"});
        if (!program.waitForFinished(60'000)) program.kill();
        said_ = program.readAllStandardError();
        return program.exitCode();
    }
    QTemporaryDir folder_;
    QByteArray said_;
};

QTEST_GUILESS_MAIN(TestScreenshot)
#include "tst_screenshot.moc"
