#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QTimer>

#include "engine/control/join_news.h"

namespace rondo::ui {

/// Where a class is, and who wants to get in.
struct JoinPlace {
    QString address;      ///< ws://HOST:PORT or wss://HOST:PORT
    QString code;         ///< in any spelling
    QString fingerprint;  ///< of a wss host's certificate, where the code doesn't hold it; may be empty
    QString name;         ///< what the host is to call this computer; may be empty
};

/// A child that has joined the class of another computer: `rondo-cli worker`, which trains there, or
/// `rondo-cli watch`, which passes on the events. The code travels on its standard input, where `ps` doesn't
/// show it; when that closes, because this program asks it to leave or is gone itself, the child leaves.
/// A worker dials again by itself when the connection breaks; a viewer is started again, since what it passes
/// on is a new stream then. Nothing here waits for the child. Thread: GUI only.
class JoinProcess final : public QObject {
    Q_OBJECT
  public:
    enum class Role { Worker, Viewer };
    enum class State {
        Away,      ///< whyAway() says why, if it has been there or tried to
        Dialling,  ///< the host has not let it in yet
        Joined,
        Lost  ///< the connection broke; it dials again in againIn() seconds
    };
    struct Part {
        int rank = 0, workers = 1;
        QString run;  ///< its name; may be empty
    };
    static constexpr int kMostTries = 20;  ///< of a viewer to get back in, before it gives up

    /// `program`: rondo-cli.
    JoinProcess(Role role, QString program, QObject* parent = nullptr);
    ~JoinProcess() override;  ///< asks it to leave, then makes it

    /// Leaves where it was, if anywhere.
    void join(const JoinPlace& place);
    void leave();
    /// While it is Lost: dials now.
    void dialNow();
    /// It sent what can't be read, or the like: ends it, for this reason.
    void giveUp(const QString& why);

    Role role() const { return role_; }
    State state() const { return state_; }
    bool away() const { return state_ == State::Away; }
    const JoinPlace& place() const { return place_; }
    QString name() const { return name_; }                     ///< what the host calls it
    const std::optional<Part>& part() const { return part_; }  ///< while it trains
    QString whyLost() const { return why_; }
    int againIn() const { return againIn_; }
    QString whyAway() const { return why_; }  ///< empty after leave(), or before join()
    bool endedWell() const { return well_; }  ///< the class is over
    qint64 pid() const { return process_ ? process_->processId() : 0; }

  Q_SIGNALS:
    void changed();
    /// A new stream of bytes begins.
    void streamBegins();
    void received(const QByteArray& bytes);

  private:
    void start();
    void letGo();
    void hear();
    void heard(const JoinNews& news);
    void onExit();
    void become(State state);
    void endUp(const QString& why, bool well);
    QString complaint(const QString& how) const;

    const Role role_;
    const QString program_;
    JoinPlace place_;
    QProcess* process_ = nullptr;
    State state_ = State::Away;
    QString name_, why_;
    std::optional<Part> part_;
    int againIn_ = 0, tries_ = 0;
    bool well_ = false, everJoined_ = false;
    QByteArray unread_;                  ///< of a line that is not whole
    QByteArray complaints_;              ///< what it said that was no news, the end of it
    std::optional<JoinNews> lastWords_;  ///< the news that it is over
    QTimer again_;
};

}  // namespace rondo::ui
