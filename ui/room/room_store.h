#pragma once

#include <QObject>
#include <span>
#include <vector>

#include "engine/events/event.h"

namespace rondo::ui {

/// The room of this computer and its members, as events of the training process tell it. It lives on from run
/// to run; recordings and other people's classes don't touch it. Thread: GUI only.
class RoomStore final : public QObject {
    Q_OBJECT
  public:
    enum class State {
        Closed,
        Opening,
        Open,
        Lost  ///< its process is gone; it will be opened again
    };
    struct Member {
        MemberChanged known;  ///< the latest
        /// Of a host that is gone: nobody of that name has come back yet, and the number means nothing.
        bool awaited = false;
        bool present() const;
        bool ready() const;  ///< can train
    };
    /// Of more, those that left first are forgotten.
    static constexpr std::size_t kMostMembers = 2048;

    using QObject::QObject;

    void apply(std::span<const Event> events);
    /// What no event tells: it was asked for; the process that had it is gone; who is awaited won't come.
    void setOpening();
    void setLost(const QString& why);
    void forget(int row);

    State state() const { return state_; }
    bool open() const { return state_ == State::Open; }
    const RoomChanged& place() const { return place_; }  ///< how one gets in, while it is open or lost
    QString problem() const { return problem_; }         ///< why it isn't open; may be empty
    /// Opened again under a certificate of its own: the code of before lets nobody in.
    bool codeIsNew() const { return codeIsNew_; }

    const std::vector<Member>& members() const { return members_; }  ///< in the order in which they came
    int present() const;
    int ready() const;

  Q_SIGNALS:
    void roomChanged();
    /// Rows as members() has them.
    void memberAdded(int row);
    void memberChanged(int row);
    void memberRemoved(int row);
    void membersReset();
    /// Any of these.
    void changed();

  private:
    void take(const RoomChanged& event);
    void take(const MemberChanged& event);
    void clearMembers();
    void removeRow(std::size_t row);
    std::size_t rowOf(const MemberChanged& event) const;  ///< size() if it is new

    State state_ = State::Closed;
    RoomChanged place_;
    QString problem_;
    bool codeIsNew_ = false;
    std::vector<Member> members_;
};

}  // namespace rondo::ui
