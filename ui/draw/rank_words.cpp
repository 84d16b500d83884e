#include "ui/draw/rank_words.h"

#include <QCoreApplication>

namespace rondo::ui {

QString rankName(int rank, int workers) {
    return rank < workers || workers == 0
               ? QCoreApplication::translate("rondo", "Worker %1").arg(rank)
               : QCoreApplication::translate("rondo", "Server %1").arg(rank - workers);
}

}  // namespace rondo::ui
