#pragma once

#include "engine/comm/virtual_time/network_model.h"
#include "engine/run/rank_state.h"

namespace rondo {

// What is written beside a rank's state in virtual time: when its network card is free again, and of a server
// when it had last answered and went on to wait. A worker goes on where its last step ended.
inline constexpr const char *kSendFree = "own.card.send_ps", *kReceiveFree = "own.card.receive_ps",
                            *kServerGoesOn = "own.goes_on_ps";

inline void addCard(RankState& state, const CardTimes& card) {
    state.counts.emplace_back(kSendFree, card.send.count());
    state.counts.emplace_back(kReceiveFree, card.receive.count());
}

}  // namespace rondo
